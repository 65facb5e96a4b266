/** How does an app hear of what happens? By one stream for all the user's spaces, which is opened again for as long as somebody listens. */
package tallystick.client

import io.grpc.Status
import java.util.concurrent.TimeUnit
import kotlin.time.Duration
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.channels.ReceiveChannel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.buffer
import kotlinx.coroutines.flow.catch
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.produceIn
import kotlinx.coroutines.withTimeoutOrNull
import tallystick.v1.Change
import tallystick.v1.ResetReason
import tallystick.v1.WatchRequest
import tallystick.v1.WatchResponse
import tallystick.v1.WatchResponse.EventCase

// Heartbeats come every 20 s: a stream that is silent for longer is dead, whatever the network says.
private val SILENCE = 45.seconds

// A stream ends by itself long before.
private const val LIFETIME_MINUTES = 60L

private val HOPELESS =
    setOf(
        Status.Code.INVALID_ARGUMENT,
        Status.Code.NOT_FOUND,
        Status.Code.FAILED_PRECONDITION,
        Status.Code.PERMISSION_DENIED,
        Status.Code.UNAUTHENTICATED,
        Status.Code.UNIMPLEMENTED,
    )

/** Something that an app may want to know. */
public sealed class News {
    /** Changes that follow exactly on the cursor that the app gave last. Of the next stream, this one is where the copy is. */
    public class Changed(public val spaceId: String, public val cursor: String, public val changes: List<Change>) : News()

    /** More happened than is told here: pull. */
    public class Behind(public val spaceId: String, public val head: Long) : News()

    /** There is a space that the app gave no cursor of. */
    public class Added(public val spaceId: String) : News()

    /** The user is not in the space any more: others' data goes, own unsent work stays. */
    public class Forgotten(public val spaceId: String) : News()

    /** A copy must be made anew: pull with its cursor. */
    public class Reset(public val spaceId: String, public val reason: ResetReason) : News()

    /** The stream is up, and all that had happened is told. It comes again when nothing happens. */
    public object Live : News()

    /** The server is away, or cannot answer. The stream is tried again by itself. */
    public class Away(public val error: TallystickException) : News()
}

/**
 * What happens in all of the user's spaces, as it happens, for as long as it is collected.
 *
 * `cursors` is asked before each stream where the app's copies are: a cursor for each space that has one, as Pull or [News.Changed] gave
 * it. What arrives is collected before the next is read, so whoever writes down a cursor when it comes hears everything once.
 *
 * Ends by itself only with an exception that no further try will mend, such as [Unauthenticated] when the session has ended.
 */
public fun Client.watch(cursors: suspend () -> Collection<String> = { emptyList() }): Flow<News> = watch(SILENCE, cursors)

internal fun Client.watch(silence: Duration, cursors: suspend () -> Collection<String>): Flow<News> = flow {
    var failed = 0
    while (true) {
        val end = coroutineScope {
            val heard = open(cursors()).buffer(0).produceIn(this)
            val end = hear(heard, silence) { news ->
                failed = 0
                emit(news)
            }
            heard.cancel()
            end
        }
        when (end) {
            is End.Announced -> delay(end.againAfter ?: retries.waitAfter(1))
            is End.Failed -> {
                if (end.error.code in HOPELESS) throw end.error
                failed += 1
                emit(News.Away(end.error))
                delay(maxOf(end.error.retryAfter ?: Duration.ZERO, retries.waitAfter(failed)))
            }
        }
    }
}

/** How a stream ended. */
private sealed class End {
    /** As was to be expected, and when to come back. */
    class Announced(val againAfter: Duration? = null) : End()

    class Failed(val error: TallystickException) : End()
}

/** An answer, or why there are no more. */
private class Heard(val answer: WatchResponse?, val error: TallystickException? = null)

private fun Client.open(cursors: Collection<String>): Flow<Heard> =
    sync.withDeadlineAfter(LIFETIME_MINUTES, TimeUnit.MINUTES)
        .watch(WatchRequest.newBuilder().addAllCursors(cursors).build())
        .map { Heard(it) }
        .catch { if (it is TallystickException) emit(Heard(null, it)) else throw it }

private suspend fun hear(heard: ReceiveChannel<Heard>, silence: Duration, tell: suspend (News) -> Unit): End {
    var hasBegun = false
    while (true) {
        val next = withTimeoutOrNull(silence) { heard.receiveCatching() } ?: return End.Failed(silent(silence))
        val (answer, error) = next.getOrNull()?.let { it.answer to it.error } ?: return End.Announced()
        when {
            // Its token expired, or its time was over: the next one goes on.
            error != null && hasBegun && (isOfToken(error) || error is DeadlineExceeded) -> return End.Announced()
            error != null -> return End.Failed(error)
            answer?.eventCase == EventCase.GOODBYE -> return End.Announced(
                answer.goodbye.againAfter.run { seconds.seconds + nanos.nanoseconds }
            )
        }
        hasBegun = true
        answer?.let(::newsOf)?.let { tell(it) }
    }
}

/** Null for what only a newer app understands. */
private fun newsOf(answer: WatchResponse): News? =
    when (answer.eventCase) {
        EventCase.CHANGES -> answer.changes.run { News.Changed(spaceId, cursor, changesList) }
        EventCase.BEHIND -> answer.behind.run { News.Behind(spaceId, head) }
        EventCase.ADDED -> News.Added(answer.added.spaceId)
        EventCase.FORGET -> News.Forgotten(answer.forget.spaceId)
        EventCase.RESET -> answer.reset.run { News.Reset(spaceId, reason) }
        EventCase.HEARTBEAT -> News.Live
        else -> null
    }

private fun silent(after: Duration) = Unavailable(Failure(Status.Code.UNAVAILABLE, "the stream has said nothing for $after"))
