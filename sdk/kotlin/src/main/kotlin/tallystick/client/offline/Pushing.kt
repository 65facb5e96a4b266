/** What becomes of mutations that were sent? What is done waits for the copy to hold it, and what is refused goes to the tray. */
package tallystick.client.offline

import tallystick.client.build
import tallystick.client.newId
import tallystick.v1.ErrorReason
import tallystick.v1.Mutation
import tallystick.v1.MutationResult
import tallystick.v1.Outcome

private const val MUTATIONS_MAX = 500

/** What one call sends: the first that wait, as many as it takes. */
internal fun takeBatch(outbox: List<OutboxRow>): List<OutboxRow> {
    var bytes = 0
    return outbox.filterNot { it.sent }.take(MUTATIONS_MAX).takeWhile { row ->
        val isFirst = bytes == 0
        bytes += row.body.size
        isFirst || bytes <= PUSH_BYTES_MAX
    }
}

/** Keeps what became of each. Returns what to tell. */
internal fun settle(tx: WriteTx, spaceId: String, batch: List<OutboxRow>, results: List<MutationResult>): Set<BookNews> =
    Settling(tx, spaceId).run(batch, results)

private class Settling(private val tx: WriteTx, private val spaceId: String) {
    private val news = linkedSetOf(BookNews.CHANGED)

    /** New request ids, by the former. */
    private val reissued = LinkedHashMap<String, String>()

    fun run(batch: List<OutboxRow>, results: List<MutationResult>): Set<BookNews> {
        for ((row, result) in batch.zip(results)) {
            if (tx.get(OUTBOX, keyOf(row)) == null) continue
            when (result.outcome) {
                Outcome.OUTCOME_APPLIED, Outcome.OUTCOME_REPEATED, Outcome.OUTCOME_MERGED -> keepDone(row, result)
                Outcome.OUTCOME_CONFLICT -> {
                    tx.delete(OUTBOX, keyOf(row))
                    news += BookNews.CONFLICT
                }
                else -> keepRefused(row, result)
            }
        }
        if (reissued.isNotEmpty()) nameAnew()
        return news
    }

    /** The view shows it until the copy holds it. */
    private fun keepDone(row: OutboxRow, result: MutationResult) {
        if (result.version <= readSpace(tx, spaceId).version) {
            tx.delete(OUTBOX, keyOf(row))
        } else {
            tx.put(OUTBOX, row.copy(sent = true, version = result.version))
        }
        for (each in result.replacedList) {
            news += BookNews.REPLACED
            tx.put(REPLACED, ReplacedRow(spaceId, takeNext(tx, spaceId), row.requestId, each.toByteArray()))
        }
    }

    private fun keepRefused(row: OutboxRow, result: MutationResult) {
        val reason = result.rejection.reason
        val isTaken = reason == ErrorReason.ERROR_REASON_REQUEST_ID_REUSED || result.blockedBy in reissued
        // Another device has the same outbox, and was first: it is tried under a name of its own.
        if (!row.reissued && isTaken) {
            reissued[row.requestId] = newId()
            return
        }
        tx.delete(OUTBOX, keyOf(row))
        if (row.reissued && reason == ErrorReason.ERROR_REASON_ID_TAKEN && isThere(row)) return
        news += BookNews.REFUSED
        tx.put(TRAY, TrayRow(spaceId, row.position, row.requestId, result.blockedBy, row.body, result.rejection.toByteArray()))
    }

    /** Whether what it would have made was made by it, under the request id that it had at first. */
    private fun isThere(row: OutboxRow): Boolean {
        val target = row.targets.firstOrNull() ?: return false
        return tx.get(ENTITIES, listOf(spaceId, readSpace(tx, spaceId).copy, kindIn(target), idIn(target))) != null
    }

    /** Gives mutations their new request ids, also where later ones name them. */
    private fun nameAnew() {
        for (row in tx.all(OUTBOX, listOf(spaceId))) {
            // One that is done has told its name already.
            if (row.sent) continue
            val requestId = reissued[row.requestId]
            val mutation = Mutation.parseFrom(row.body).let { if (requestId == null) it else withRequestId(it, requestId) }
            val seen = mutation.seenRequestIdsList.map { reissued[it] ?: it }
            val body = mutation.toBuilder().clearSeenRequestIds().build { addAllSeenRequestIds(seen) }.toByteArray()
            tx.put(OUTBOX, row.copy(requestId = requestId ?: row.requestId, body = body, reissued = row.reissued || requestId != null))
        }
    }

    private fun keyOf(row: OutboxRow): Key = listOf(spaceId, row.position)
}
