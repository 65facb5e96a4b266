/** What does an app work with? A space that is there without the network: read from its copy, changed through its outbox. */
package tallystick.client.offline

import com.google.protobuf.MessageLite
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.buffer
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.flow.conflate
import kotlinx.coroutines.flow.map
import tallystick.client.Client
import tallystick.client.OpenBalances
import tallystick.client.balancesOf
import tallystick.client.newId
import tallystick.v1.Change
import tallystick.v1.Conflict
import tallystick.v1.ConflictState
import tallystick.v1.GetSyncStatusRequest
import tallystick.v1.Money
import tallystick.v1.Mutation
import tallystick.v1.Rejection
import tallystick.v1.Replaced

/** Called a book, but any space will do: a group and the user's home are opened the same way, by their ids. */
public class OfflineBook private constructor(
    private val storage: Storage,
    public val spaceId: String,
    private val userId: String,
) {
    private val syncing = Syncing(storage, spaceId)

    /** What happens to the space on this device, for as long as it is collected. */
    public val news: Flow<BookNews> =
        callbackFlow {
            val stop = storage.listen { told -> if (told.spaceId == spaceId) trySend(told.what) }
            awaitClose(stop)
        }.buffer(Channel.UNLIMITED)

    /** What `look` finds, now and again whenever something has happened: `book.observe { list(Kinds.ACCOUNT) }`. */
    public fun <T> observe(look: suspend OfflineBook.() -> T): Flow<T> =
        callbackFlow {
            val stop = storage.listen { told -> if (told.spaceId == spaceId) trySend(Unit) }
            trySend(Unit)
            awaitClose(stop)
        }.conflate().map { look() }

    /**
     * Keeps a command for the server, which may be away: any message that `Mutation` can hold. Once this returns it is kept for good, and
     * shown. What the message leaves empty of its request's id, its space and the ids of what it makes is filled in.
     *
     * @throws CommandTooLarge for what no call holds
     */
    public suspend fun submit(command: MessageLite): Done {
        val mutation = composeCommand(command, spaceId)
        val row = storage.write { enqueue(it, spaceId, mutation) }
        syncing.tell(listOf(BookNews.OUTBOX))
        return Done(row.requestId, row.targets.map(::idIn))
    }

    /** An entity as it is shown, or null if there is none. */
    public suspend fun <M : MessageLite> get(kind: Kind<M>, id: String): M? = look { scene ->
        scene.view.find(kind, id)?.takeUnless { it.deleted }?.entity
    }

    /** All entities of a kind, in the order of their ids. */
    public suspend fun <M : MessageLite> list(kind: Kind<M>): List<M> = look { it.list(kind) }

    /** What each account holds, in the order in which accounts are shown. */
    public suspend fun balances(): List<Balance> = look { scene ->
        val sums = scene.sums()
        scene.list(Kinds.ACCOUNT).sortedBy { it.position }.map { account ->
            Balance(account, Money.newBuilder().setCurrency(account.currency).setMinor(sums[account.id] ?: 0).build())
        }
    }

    /**
     * Of a group: what is open among its members, by currency, of what was booked until the end of that day (YYYY-MM-DD; empty: of all),
     * as it will be once all is sent.
     */
    public suspend fun groupBalances(asOf: String = ""): List<OpenBalances> = look { scene ->
        balancesOf(scene.list(Kinds.EXPENSE), scene.list(Kinds.SETTLEMENT), asOf)
    }

    /** What waits for a decision. Decide by submitting a `ResolveConflictRequest`. */
    public suspend fun conflicts(): List<Conflict> =
        list(Kinds.CONFLICT).filter { it.state == ConflictState.CONFLICT_STATE_OPEN }

    /** The ids of what is shown and not in the space yet, or not known to be. */
    public suspend fun pending(): Set<String> =
        storage.read { it.all(OUTBOX, listOf(spaceId)) }.flatMap { it.targets }.map(::idIn).toSet()

    /** What was refused, in the order in which it was made. Nothing of it is sent again unless the app says so. */
    public suspend fun tray(): List<Refused> =
        storage.read { it.all(TRAY, listOf(spaceId)) }.map { row ->
            val rejection = if (row.rejection.isEmpty()) null else Rejection.parseFrom(row.rejection)
            Refused(row.requestId, Mutation.parseFrom(row.body), rejection, row.blockedBy)
        }

    /** Makes a refused command anew, and then those that it stood in the way of. */
    public suspend fun retry(requestId: String, withBlocked: Boolean = true): Unit = takeFromTray(requestId, withBlocked, true)

    /** Forgets a refused command, and those that it stood in the way of. */
    public suspend fun discard(requestId: String, withBlocked: Boolean = true): Unit = takeFromTray(requestId, withBlocked, false)

    /** Values of others that a mutation of this device took the place of. The app may offer them. */
    public suspend fun replaced(): List<Overwritten> =
        storage.read { it.all(REPLACED, listOf(spaceId)) }.map { Overwritten(it.position, it.requestId, Replaced.parseFrom(it.body)) }

    public suspend fun forgetReplaced(position: Long) {
        storage.write { it.delete(REPLACED, listOf(spaceId, position)) }
        syncing.tell(listOf(BookNews.CHANGED))
    }

    /** The user's own work from before they lost the space, as far as no copy held it. */
    public suspend fun drafts(): List<Draft> =
        storage.read { it.all(DRAFTS, listOf(spaceId)) }.map { Draft(it.position, Mutation.parseFrom(it.body)) }

    /** The user is in the space again: makes a draft anew. */
    public suspend fun putBack(position: Long) {
        storage.write { tx ->
            val row = tx.get(DRAFTS, listOf(spaceId, position)) ?: return@write
            tx.delete(DRAFTS, listOf(spaceId, position))
            requeue(tx, spaceId, row.body)
        }
        syncing.tell(listOf(BookNews.OUTBOX))
    }

    public suspend fun discardDraft(position: Long) {
        storage.write { it.delete(DRAFTS, listOf(spaceId, position)) }
        syncing.tell(listOf(BookNews.CHANGED))
    }

    /** Fetches what happened and sends what waits, until both are quiet. */
    public suspend fun sync(client: Client) {
        pull(client)
        if (push(client)) pull(client)
    }

    /** Brings the copy up to date. */
    public suspend fun pull(client: Client): Unit = syncing.pull(client)

    /** Sends what waits. Returns whether anything was sent. */
    public suspend fun push(client: Client): Boolean = syncing.push(client)

    /** Compares the copy with the space. A copy that differs is made anew; what it was is not believed, and neither is the server's sum. */
    public suspend fun verify(client: Client): Verdict {
        val status = client.sync.getSyncStatus(GetSyncStatusRequest.newBuilder().setSpaceId(spaceId).build())
        val (space, rows) = storage.read { tx ->
            val space = readSpace(tx, spaceId)
            space to tx.all(ENTITIES, listOf(spaceId, space.copy))
        }
        if (space.shadow != null || space.cursor != status.cursor) return Verdict.ELSEWHERE
        val digest = digestOf(rows) ?: return Verdict.UNKNOWN
        if (digest == Digest(status.liveCount, status.digest)) return Verdict.SAME
        syncing.startAnew()
        syncing.tell(listOf(BookNews.MISMATCH))
        pull(client)
        return Verdict.MISMATCH
    }

    /** Where the copy is. Empty: there is none that is whole. */
    public suspend fun cursor(): String = storage.read { readSpace(it, spaceId) }.let { if (it.shadow == null) it.cursor else "" }

    /** Takes changes that follow on `after`. Returns whether the copy was there, and so is where they lead to. */
    internal suspend fun follow(after: String, cursor: String, changes: List<Change>): Boolean {
        if (after.isEmpty()) return false
        try {
            syncing.tell(storage.write { keepChanges(it, spaceId, after, cursor, changes) })
            return true
        } catch (_: Overtaken) {
            return cursor() == cursor
        }
    }

    /** The user is not in the space any more. */
    internal suspend fun forget(): Unit = syncing.forget()

    private suspend fun <T> look(run: (Scene) -> T): T = storage.read { run(Scene(it, spaceId, userId)) }

    private suspend fun takeFromTray(requestId: String, withBlocked: Boolean, again: Boolean) {
        storage.write { tx ->
            for (row in findRefused(tx, spaceId, requestId, withBlocked)) {
                tx.delete(TRAY, listOf(spaceId, row.position))
                if (again) requeue(tx, spaceId, row.body, newId())
            }
        }
        syncing.tell(listOf(if (again) BookNews.OUTBOX else BookNews.CHANGED))
    }

    /** Kinds that a version before this one did not know are kept under their numbers until now. */
    private suspend fun readUnknown(): Unit = storage.write { tx ->
        val copy = readSpace(tx, spaceId).copy
        for (kind in Kinds.all) {
            for (row in tx.all(ENTITIES, listOf(spaceId, copy, unknownKind(kind.case.number)))) {
                tx.delete(ENTITIES, listOf(spaceId, copy, row.kind, row.id))
                tx.put(ENTITIES, EntityRow(spaceId, copy, kind.name, row.id, row.version, row.deleted, row.body))
            }
        }
    }

    public companion object {
        /** `userId`: what they make private is shown as theirs, and in a group they are the member who pays. */
        public suspend fun open(storage: Storage, spaceId: String, userId: String = ""): OfflineBook =
            OfflineBook(storage, spaceId, userId).also { it.readUnknown() }
    }
}
