/** What does a waiting command do to transactions on the screen? */
package tallystick.client.offline

import com.google.protobuf.MessageLite
import tallystick.client.build
import tallystick.v1.BatchCreateTransactionsRequest
import tallystick.v1.BatchDeleteTransactionsRequest
import tallystick.v1.BatchUpdateTransactionsRequest
import tallystick.v1.CreateTransactionRequest
import tallystick.v1.DeleteTransactionRequest
import tallystick.v1.Entry
import tallystick.v1.RestoreTransactionRequest
import tallystick.v1.Transaction
import tallystick.v1.TransactionDraft
import tallystick.v1.TransactionKind.TRANSACTION_KIND_REFUND
import tallystick.v1.TransactionStatus.TRANSACTION_STATUS_CLEARED
import tallystick.v1.TransactionStatus.TRANSACTION_STATUS_RECONCILED
import tallystick.v1.TransactionUpdate
import tallystick.v1.UpdateTransactionRequest

/** What there is no rule for leaves the view as it is. */
internal fun applyToTransactions(view: View, command: MessageLite, made: Made) {
    when (command) {
        is CreateTransactionRequest -> createTransaction(view, draftIn(command), made)
        is BatchCreateTransactionsRequest -> command.transactionsList.forEach { createTransaction(view, it, made) }
        is UpdateTransactionRequest -> updateTransaction(view, command.transactionId, updateIn(command), command.unlock)
        is BatchUpdateTransactionsRequest ->
            command.updatesList.forEach { updateTransaction(view, it.transactionId, updateIn(it), command.unlock) }
        is DeleteTransactionRequest -> deleteTransaction(view, command.transactionId, command.unlock)
        is BatchDeleteTransactionsRequest -> command.transactionIdsList.forEach { deleteTransaction(view, it, command.unlock) }
        is RestoreTransactionRequest -> restoreTransaction(view, command.transactionId)
    }
}

private fun updateIn(request: UpdateTransactionRequest) =
    Update(request.updateMask.pathsList, request.change, request.splitChangesList)

private fun updateIn(one: TransactionUpdate) = Update(one.updateMask.pathsList, one.change, one.splitChangesList)

internal fun createTransaction(view: View, draft: TransactionDraft, made: Made) {
    val isNamed = draft.transactionId.isNotEmpty() && draft.accountId.isNotEmpty() && draft.bookedOn.isNotEmpty()
    refuseIf(!isNamed || draft.kindValue == 0 || isMadeElsewhere(draft.kind)) { "it is not whole" }
    val transaction = Transaction.newBuilder().build {
        id = draft.transactionId.lowercase()
        bookId = made.spaceId
        made.at?.let { createdAt = it }
    }
    val entries = carryStatuses(composeEntries(view, draft), emptyList(), draft.statusValue)
    val after = fill(view, transaction, draft, entries)
    requireOpen(view, after)
    view.add(Kinds.TRANSACTION, after)
}

private fun updateTransaction(view: View, transactionId: String, update: Update, unlock: Boolean) {
    val before = view.require(Kinds.TRANSACTION, transactionId)
    val draft = changeDraft(before, update)
    val old = before.entriesList
    val entries = if (isSameMoney(draft, before)) old else composeEntries(view, draft, old)
    val filled = fill(view, before, draft, carryStatuses(entries, old, draft.statusValue))
    val kept = unlocked(before, filled, unlock)
    val after = kept.toBuilder().build { statusValue = leastStatus(kept.entriesList) }
    requireOpen(view, after, before)
    view.put(Kinds.TRANSACTION, after)
}

private fun deleteTransaction(view: View, transactionId: String, unlock: Boolean) {
    val before = view.require(Kinds.TRANSACTION, transactionId)
    requireUnlocked(before, unlock)
    view.put(Kinds.TRANSACTION, before, deleted = true)
}

/** What comes back does not bring back categories that are gone, nor statements. */
private fun restoreTransaction(view: View, transactionId: String) {
    val found = view.find(Kinds.TRANSACTION, transactionId)?.takeIf { it.deleted } ?: return
    val after = found.entity.toBuilder().build {
        entriesList.forEachIndexed { index, entry -> setEntries(index, comingBack(view, entry)) }
    }
    requireOpen(view, after)
    view.put(Kinds.TRANSACTION, finish(view, after))
}

private fun comingBack(view: View, entry: Entry): Entry =
    entry.toBuilder().build {
        if (!view.has(Kinds.CATEGORY, categoryId)) clearCategoryId()
        if (status == TRANSACTION_STATUS_RECONCILED) status = TRANSACTION_STATUS_CLEARED
    }

private fun fill(view: View, before: Transaction, draft: TransactionDraft, entries: List<Entry>): Transaction {
    requireLabels(view, before, draft)
    val after = before.toBuilder().build {
        kind = draft.kind
        bookedOn = draft.bookedOn
        payee = draft.payee
        note = draft.note
        payeeId = draft.payeeId.lowercase()
        paymentMethodId = draft.paymentMethodId.lowercase()
        refundOfId = draft.refundOfId.lowercase()
        clearTagIds().addAllTagIds(draft.tagIdsList.map(String::lowercase))
        clearAttachmentIds().addAllAttachmentIds(draft.attachmentIdsList.map(String::lowercase))
        clearEntries().addAllEntries(entries)
    }
    val isOfKind = after.kind == TRANSACTION_KIND_REFUND
    val givesBack = after.refundOfId.isEmpty() || (isOfKind && view.has(Kinds.TRANSACTION, after.refundOfId))
    refuseIf(!givesBack) { "only a refund gives back an expense" }
    return finish(view, after)
}

/** What is on it already may stay, also if it was deleted since. */
private fun requireLabels(view: View, before: Transaction, draft: TransactionDraft) {
    if (draft.payeeId.isNotEmpty() && draft.payeeId != before.payeeId) view.require(Kinds.PAYEE, draft.payeeId)
    if (draft.paymentMethodId.isNotEmpty() && draft.paymentMethodId != before.paymentMethodId) {
        view.require(Kinds.PAYMENT_METHOD, draft.paymentMethodId)
    }
    for (tagId in draft.tagIdsList.filter { it !in before.tagIdsList }) view.require(Kinds.TAG, tagId)
}
