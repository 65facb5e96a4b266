/** What is a space on a server inside this process? It keeps a journal, and does what is pushed by the rules that devices show it with. */
package tallystick.client.offline

import com.google.protobuf.ByteString
import com.google.protobuf.MessageLite
import io.grpc.ManagedChannel
import io.grpc.Metadata
import io.grpc.Server
import io.grpc.Status
import io.grpc.StatusRuntimeException
import io.grpc.inprocess.InProcessChannelBuilder
import io.grpc.inprocess.InProcessServerBuilder
import io.grpc.stub.ServerCallStreamObserver
import io.grpc.stub.StreamObserver
import java.util.concurrent.CopyOnWriteArraySet
import kotlin.time.Duration.Companion.milliseconds
import tallystick.client.Client
import tallystick.client.Fails
import tallystick.client.MemoryTokens
import tallystick.client.Retries
import tallystick.client.build
import tallystick.client.fail
import tallystick.client.newId
import tallystick.v1.AccountType
import tallystick.v1.Change
import tallystick.v1.CreateAccountRequest
import tallystick.v1.ErrorReason
import tallystick.v1.GetSyncStatusRequest
import tallystick.v1.GetSyncStatusResponse
import tallystick.v1.Mutation
import tallystick.v1.MutationResult
import tallystick.v1.Outcome
import tallystick.v1.PullRequest
import tallystick.v1.PullResponse
import tallystick.v1.PushRequest
import tallystick.v1.PushResponse
import tallystick.v1.Rejection
import tallystick.v1.ResetReason
import tallystick.v1.SyncServiceGrpc
import tallystick.v1.WatchBehind
import tallystick.v1.WatchChanges
import tallystick.v1.WatchHeartbeat
import tallystick.v1.WatchRequest
import tallystick.v1.WatchResponse

class Space : SyncServiceGrpc.SyncServiceImplBase(), AutoCloseable {
    val id = newId()
    val accountId = newId()
    var pageSize = 100

    /** What the next calls fail with, one each; or, after all was done and half of it said, as if the connection broke. */
    val failures = ArrayDeque<Failing>()

    /** Instead of doing them: what becomes of the next mutations, by request id. */
    val verdicts = HashMap<String, MutationResult>()

    /** And of those with any other request id. */
    var verdictOnOthers: (MutationResult.Builder.() -> Unit)? = null
    val pushed = mutableListOf<Mutation>()
    var journal = listOf<Change>()
    var pulls = 0
    var watches = 0

    /** Whether streams say nothing of what happens. */
    var isMute = false
    internal var digest = Digest(0, 0)
    private var epoch = 1
    private var head = 0L
    private val answers = HashMap<String, Pair<ByteString, MutationResult>>()
    private val watchers = CopyOnWriteArraySet<StreamObserver<WatchResponse>>()
    private val name = newId()
    private val server: Server = InProcessServerBuilder.forName(name).directExecutor().addService(this).build().start()
    private val channels = mutableListOf<ManagedChannel>()

    sealed class Failing {
        class With(val fails: Fails) : Failing()

        object Cut : Failing()
    }

    init {
        act(
            CreateAccountRequest.newBuilder().build {
                accountId = this@Space.accountId
                name = "Cash"
                type = AccountType.ACCOUNT_TYPE_CASH
                currency = "EUR"
            }
        )
    }

    val cursor: String get() = "$epoch:$head"
    val watched: Int get() = watchers.size

    /** Of a device that does not wait long for a second try. */
    fun client(): Client {
        val channel = InProcessChannelBuilder.forName(name).directExecutor().build().also { channels += it }
        return Client(channel, MemoryTokens(), retries = Retries(firstWait = 1.milliseconds, longestWait = 10.milliseconds))
    }

    fun failNext(code: Status.Code, reason: String = "") {
        failures += Failing.With(checkNotNull(fail(code, reason).end))
    }

    /** The server is put back to when there was nothing but the account. */
    @Synchronized
    fun goBack() {
        epoch += 1
        journal = journal.filter { it.entity.hasAccount() }
        head = journal.last().version
        answers.clear()
    }

    /** Somebody else's doing. */
    @Synchronized
    fun act(command: MessageLite): Long = commit(composeCommand(command, id))

    fun tell(event: WatchResponse) = watchers.forEach { it.onNext(event) }

    fun endStreams(status: Status) = watchers.forEach {
        watchers -= it
        it.onError(status.asException())
    }

    @Synchronized
    override fun pull(request: PullRequest, answers: StreamObserver<PullResponse>) {
        pulls += 1
        if (fails(answers)) return
        val isReset = request.cursor.isNotEmpty() && request.cursor.substringBefore(':') != "$epoch"
        if (!isReset && request.minVersion > head) return refuse(answers, fail(Status.Code.UNAVAILABLE, "BEHIND").end)
        val after = if (isReset || request.cursor.isEmpty()) 0 else request.cursor.substringAfter(':').toLong()
        for (page in pagesAfter(after, isReset)) {
            answers.onNext(page)
            if (isCut(answers)) return
        }
        answers.onCompleted()
    }

    @Synchronized
    override fun push(request: PushRequest, answers: StreamObserver<PushResponse>) {
        if (fails(answers)) return
        pushed += request.mutationsList
        val results = request.mutationsList.map(::resultOf)
        if (isCut(answers)) return
        answers.onNext(PushResponse.newBuilder().addAllResults(results).build())
        answers.onCompleted()
    }

    @Synchronized
    override fun getSyncStatus(request: GetSyncStatusRequest, answers: StreamObserver<GetSyncStatusResponse>) {
        val told = GetSyncStatusResponse.newBuilder().setCursor(cursor).setHead(head).setLiveCount(digest.liveCount)
        answers.onNext(told.setDigest(digest.sum).build())
        answers.onCompleted()
    }

    /** What happened before is told first. */
    @Synchronized
    override fun watch(request: WatchRequest, answers: StreamObserver<WatchResponse>) {
        watches += 1
        if (fails(answers)) return
        watchers += answers
        (answers as ServerCallStreamObserver).setOnCancelHandler { watchers -= answers }
        if (request.cursorsList.any { it != cursor }) {
            answers.onNext(WatchResponse.newBuilder().setBehind(WatchBehind.newBuilder().setSpaceId(id).setHead(head)).build())
        }
        answers.onNext(WatchResponse.newBuilder().setHeartbeat(WatchHeartbeat.getDefaultInstance()).build())
    }

    /** A commit. */
    @Synchronized
    private fun record(changed: Collection<View.Change<*>>): Long {
        head += 1
        val changes = changed.map { changeOf(it) }
        journal = journal + changes
        val news = WatchChanges.newBuilder().setSpaceId(id).setCursor(cursor).addAllChanges(changes)
        if (!isMute) tell(WatchResponse.newBuilder().setChanges(news).build())
        return head
    }

    override fun close() {
        channels.forEach { it.shutdownNow() }
        server.shutdownNow()
    }

    private fun fails(answers: StreamObserver<*>): Boolean {
        val failing = failures.firstOrNull() as? Failing.With ?: return false
        failures.removeFirst()
        refuse(answers, failing.fails)
        return true
    }

    private fun isCut(answers: StreamObserver<*>): Boolean {
        if (failures.firstOrNull() !is Failing.Cut) return false
        failures.removeFirst()
        answers.onError(Status.UNAVAILABLE.asException())
        return true
    }

    private fun refuse(answers: StreamObserver<*>, fails: Fails?) =
        answers.onError(StatusRuntimeException(checkNotNull(fails).status, fails.trailers))

    private fun pagesAfter(after: Long, isReset: Boolean): List<PullResponse> {
        val changes = journal.filter { it.version > after }
        val shown = if (after == 0L) changes.filter { it === newest(it) } else changes
        val pages = if (shown.isEmpty()) listOf(emptyList()) else shown.chunked(pageSize)
        return pages.mapIndexed { index, page ->
            val isLast = index == pages.lastIndex
            PullResponse.newBuilder().build {
                cursor = if (isLast) this@Space.cursor else "$epoch:${page.last().version}"
                addAllChanges(page)
                atHead = isLast
                head = this@Space.head
                if (isReset && index == 0) reset = ResetReason.RESET_REASON_EPOCH
            }
        }
    }

    private fun newest(change: Change): Change = journal.last { nameOf(it.entity) == nameOf(change.entity) }

    private fun resultOf(mutation: Mutation): MutationResult {
        val requestId = requestIdOf(mutation)
        verdicts[requestId]?.let { return it.toBuilder().setRequestId(requestId).build() }
        verdictOnOthers?.let { return result(requestId, Outcome.OUTCOME_REJECTED, it) }
        // The same command is the same request, whatever it was made on.
        val command = mutation.toBuilder().clearSeenRequestIds().clearBaseVersion().clearMadeAt().build().toByteString()
        val known = answers[requestId]
        if (known != null && known.first != command) {
            val why = Rejection.newBuilder().setReason(ErrorReason.ERROR_REASON_REQUEST_ID_REUSED)
            return result(requestId, Outcome.OUTCOME_REJECTED) { setRejection(why) }
        }
        if (known != null) return known.second.toBuilder().setOutcome(Outcome.OUTCOME_REPEATED).build()
        val version = commit(mutation)
        return result(requestId, Outcome.OUTCOME_APPLIED) { setVersion(version) }.also { answers[requestId] = command to it }
    }

    private fun commit(mutation: Mutation): Long {
        val view = applyAll(listOf(mutation), Journal(journal), id, "")
        return if (view.changed.isEmpty()) 0 else record(view.changed.values)
    }

    private fun <M : MessageLite> changeOf(made: View.Change<M>): Change =
        Change.newBuilder().setEntity(made.kind.wrap(made.shown.entity)).setDeleted(made.shown.deleted).setVersion(head).build()
}

fun result(requestId: String, outcome: Outcome, more: MutationResult.Builder.() -> Unit = {}): MutationResult =
    MutationResult.newBuilder().setRequestId(requestId).setOutcome(outcome).build(more)

private class Journal(private val changes: List<Change>) : Below {
    override fun <M : MessageLite> find(kind: Kind<M>, id: String): Shown<M>? =
        changes.lastOrNull { nameOf(it.entity) == Name(kind.name, id.lowercase()) }?.let { Shown(kind.of(it.entity), it.deleted) }

    override fun <M : MessageLite> all(kind: Kind<M>): Map<String, M> {
        val ids = changes.mapNotNull { nameOf(it.entity) }.filter { it.kind == kind.name }.map { it.id }.distinct()
        return ids.mapNotNull { find(kind, it) }.filterNot { it.deleted }.associate { kind.idOf(it.entity) to it.entity }
    }
}
