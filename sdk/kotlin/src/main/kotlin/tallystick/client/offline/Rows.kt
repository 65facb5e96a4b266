/** How are the rows of one space read and changed? Inside a transaction that the caller opened. */
package tallystick.client.offline

import tallystick.v1.Change
import tallystick.v1.Transaction

internal fun readSpace(tx: ReadTx, spaceId: String): SpaceRow = tx.get(SPACES, listOf(spaceId)) ?: SpaceRow(spaceId)

/** A number for a row that comes after all others. */
internal fun takeNext(tx: WriteTx, spaceId: String): Long {
    val space = readSpace(tx, spaceId)
    tx.put(SPACES, space.copy(next = space.next + 1))
    return space.next
}

/** Puts changes into a copy, and keeps what its accounts hold. What the copy has newer stays. */
internal fun putChanges(tx: WriteTx, spaceId: String, copy: Long, changes: List<Change>) {
    val moved = HashMap<String, Long>()
    for (change in changes) {
        val (kind, id) = nameOf(change.entity) ?: continue
        val before = tx.get(ENTITIES, listOf(spaceId, copy, kind, id))
        if (before != null && before.version > change.version) continue
        val row = EntityRow(spaceId, copy, kind, id, change.version, change.deleted, change.entity.toByteArray())
        if (kind == Kinds.TRANSACTION.name) {
            if (before != null) addEntries(moved, before, -1)
            addEntries(moved, row, 1)
        }
        tx.put(ENTITIES, row)
    }
    for ((accountId, minor) in moved) {
        val held = tx.get(SUMS, listOf(spaceId, copy, accountId))?.minor ?: 0
        tx.put(SUMS, SumRow(spaceId, copy, accountId, held + minor))
    }
}

private fun addEntries(moved: MutableMap<String, Long>, row: EntityRow, sign: Int) {
    if (!row.deleted) addMoved(moved, Kinds.TRANSACTION.decode(row.body), sign)
}

/** Adds how far a transaction moves each of its accounts. */
internal fun addMoved(moved: MutableMap<String, Long>, transaction: Transaction, sign: Int) {
    for (entry in transaction.entriesList) moved[entry.accountId] = (moved[entry.accountId] ?: 0) + sign * entry.amount.minor
}

internal fun dropCopy(tx: WriteTx, spaceId: String, copy: Long) {
    tx.deleteAll(ENTITIES, listOf(spaceId, copy))
    tx.deleteAll(SUMS, listOf(spaceId, copy))
}

/** A mutation leaves the outbox when the copy holds its effect. */
internal fun dropMirrored(tx: WriteTx, spaceId: String, version: Long) {
    for (row in tx.all(OUTBOX, listOf(spaceId))) {
        if (row.sent && row.version <= version) tx.delete(OUTBOX, listOf(spaceId, row.position))
    }
}

/**
 * What was done, and is in no copy yet, waits anew: the space may have gone back to before it. If it has not, the server says that it
 * was done.
 */
internal fun sendAgain(tx: WriteTx, spaceId: String) {
    for (row in tx.all(OUTBOX, listOf(spaceId))) {
        if (row.sent) tx.put(OUTBOX, row.copy(sent = false, version = 0))
    }
}

/**
 * The user lost the space: what others wrote goes, and what is in no copy yet becomes drafts that can be exported. That it was done is no
 * reason to drop it: the space may go back to before it while the user is away.
 */
internal fun freeze(tx: WriteTx, spaceId: String) {
    val space = readSpace(tx, spaceId)
    for (row in tx.all(OUTBOX, listOf(spaceId))) tx.put(DRAFTS, DraftRow(spaceId, row.position, row.body))
    tx.deleteAll(OUTBOX, listOf(spaceId))
    tx.deleteAll(REPLACED, listOf(spaceId))
    dropCopy(tx, spaceId, space.copy)
    space.shadow?.let { dropCopy(tx, spaceId, it.copy) }
    tx.put(SPACES, SpaceRow(spaceId, copy = space.copy + 2, next = space.next))
}
