/** How do copy and outbox meet the server? Every step is kept before the next begins, so that any of them may be the last. */
package tallystick.client.offline

import io.grpc.Status
import java.util.concurrent.TimeUnit
import kotlin.time.Duration
import kotlinx.coroutines.delay
import tallystick.client.Client
import tallystick.client.TallystickException
import tallystick.client.build
import tallystick.v1.Mutation
import tallystick.v1.PullRequest
import tallystick.v1.PushRequest

// What has come by then stays: the next call goes on from there.
private const val PULL_TIMEOUT_MINUTES = 10L
private const val NOT_FOUND = "NOT_FOUND"
private const val BEHIND = "BEHIND"
internal const val INVALID_CURSOR = "INVALID_CURSOR"

// What is said by whoever stands between, or by a connection that broke: the server gives its reasons.
private val CUT =
    setOf(Status.Code.UNKNOWN, Status.Code.INTERNAL, Status.Code.ABORTED, Status.Code.DATA_LOSS, Status.Code.RESOURCE_EXHAUSTED)

/** Whether the same call may do later: the network was away, or the server. */
internal fun isPassing(error: TallystickException): Boolean = error.mayRepeat || error.reason == BEHIND || isCut(error)

private fun isCut(error: TallystickException) = error.reason == null && error.code in CUT

/** One space on one device, as it meets the server. */
internal class Syncing(private val storage: Storage, private val spaceId: String) {
    /** Brings the copy up to date. A pull that breaks goes on after the last page that was kept. */
    suspend fun pull(client: Client) {
        storage.alone("$spaceId/pull") { Trying(client, ::isPassing).run { pullOnce(client, it) } }
    }

    /** Sends what waits, call by call. Returns whether anything was sent. */
    suspend fun push(client: Client): Boolean = storage.alone("$spaceId/push") {
        var sent = false
        // The client itself repeats what nobody answered.
        while (Trying(client, ::isCut).run { pushOnce(client) } == true) sent = true
        sent
    }

    /** What others wrote goes; what no copy held yet stays, as drafts. */
    suspend fun forget() {
        storage.write { freeze(it, spaceId) }
        storage.shrink()
        tell(listOf(BookNews.FORGOTTEN))
    }

    /** The next pull makes the copy anew. */
    suspend fun startAnew() {
        storage.write { beginShadow(it, readSpace(it, spaceId)) }
    }

    fun tell(news: Iterable<BookNews>) {
        for (what in news) storage.tell(spaceId, what)
    }

    private suspend fun pullOnce(client: Client, trying: Trying) {
        val request = storage.read { tx ->
            val space = readSpace(tx, spaceId)
            // While the copy is made anew, what was known says nothing: the space may have gone back.
            val known = if (space.shadow != null || space.cursor.isEmpty()) emptyList() else tx.all(OUTBOX, listOf(spaceId))
            PullRequest.newBuilder().build {
                spaceId = this@Syncing.spaceId
                cursor = space.cursorToPull
                minVersion = known.maxOfOrNull { it.version } ?: 0
            }
        }
        var cursor = request.cursor
        client.sync.withDeadlineAfter(PULL_TIMEOUT_MINUTES, TimeUnit.MINUTES).pull(request).collect { page ->
            val news = storage.write { keepPage(it, spaceId, cursor, page) }
            cursor = page.cursor
            trying.hasMoved()
            tell(news)
        }
    }

    private suspend fun pushOnce(client: Client): Boolean {
        val batch = takeBatch(storage.read { it.all(OUTBOX, listOf(spaceId)) })
        if (batch.isEmpty()) return false
        val request = PushRequest.newBuilder().setSpaceId(spaceId).addAllMutations(batch.map { Mutation.parseFrom(it.body) })
        val results = client.sync.push(request.build()).resultsList
        check(results.size == batch.size) { "${batch.size} mutations got ${results.size} results" }
        tell(storage.write { settle(it, spaceId, batch, results) })
        return true
    }

    /**
     * Tries again while that can help: for as long as something moves, and a few times without. A space that is gone, or a cursor that
     * cannot be read, is dealt with here.
     */
    private inner class Trying(private val client: Client, private val mayRepeat: (TallystickException) -> Boolean) {
        private var failed = 0
        private var isAnew = false

        fun hasMoved() {
            failed = 0
        }

        /** Null: the space is gone. */
        suspend fun <T> run(step: suspend (Trying) -> T): T? {
            while (true) {
                try {
                    return step(this)
                } catch (_: Overtaken) {
                    continue
                } catch (error: TallystickException) {
                    when {
                        error.reason == NOT_FOUND -> {
                            forget()
                            return null
                        }
                        error.reason == INVALID_CURSOR && !isAnew -> {
                            isAnew = true
                            startAnew()
                        }
                        else -> rest(error)
                    }
                }
            }
        }

        private suspend fun rest(error: TallystickException) {
            failed += 1
            val wait = error.retryAfter ?: Duration.ZERO
            if (!mayRepeat(error) || failed >= client.retries.tries || wait > client.retries.longestWait) throw error
            delay(maxOf(wait, client.retries.waitAfter(failed)))
        }
    }
}
