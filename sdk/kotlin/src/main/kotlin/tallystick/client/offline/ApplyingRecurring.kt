/** What does a waiting command do to the recurring expenses of a group on the screen? When one recurs next is for the server to say. */
package tallystick.client.offline

import com.google.protobuf.MessageLite
import tallystick.client.build
import tallystick.v1.CreateRecurringExpenseRequest
import tallystick.v1.DeleteRecurringExpenseRequest
import tallystick.v1.ExpenseDraft
import tallystick.v1.RecurringExpense
import tallystick.v1.RestoreRecurringExpenseRequest
import tallystick.v1.UpdateRecurringExpenseRequest

private val CHANGEABLE = listOf("draft", "schedule", "paused")

/** What there is no rule for leaves the view as it is. */
internal fun applyToRecurring(view: View, command: MessageLite, made: Made) {
    when (command) {
        is CreateRecurringExpenseRequest -> createRecurring(view, command, made)
        is UpdateRecurringExpenseRequest -> updateRecurring(view, command)
        is DeleteRecurringExpenseRequest -> deleteNoun(view, Kinds.RECURRING_EXPENSE, command.recurringId)
        is RestoreRecurringExpenseRequest -> restoreRecurring(view, command.recurringId)
    }
}

private fun createRecurring(view: View, request: CreateRecurringExpenseRequest, made: Made) {
    requireInUse(groupIn(view, made))
    val recurring = RecurringExpense.newBuilder().build {
        id = request.recurringId.lowercase()
        groupId = made.spaceId
        userId = made.userId
        made.at?.let { createdAt = it }
    }
    view.add(Kinds.RECURRING_EXPENSE, tidied(overlay(recurring, request, listOf("draft", "schedule"))))
}

private fun updateRecurring(view: View, request: UpdateRecurringExpenseRequest) {
    val before = view.require(Kinds.RECURRING_EXPENSE, request.recurringId)
    val names = touched(request.updateMask.pathsList, request, CHANGEABLE)
    view.put(Kinds.RECURRING_EXPENSE, tidied(overlay(before, request, names)))
}

private fun restoreRecurring(view: View, recurringId: String) {
    val found = view.find(Kinds.RECURRING_EXPENSE, recurringId)?.takeIf { it.deleted } ?: return
    view.put(Kinds.RECURRING_EXPENSE, found.entity.toBuilder().clearProblem().build())
}

/** It is tried again as it is now. */
private fun tidied(recurring: RecurringExpense): RecurringExpense {
    refuseIf(!recurring.hasSchedule() || !recurring.hasDraft()) { "it needs a draft and a schedule" }
    return recurring.toBuilder().build {
        draft = tidied(recurring.draft)
        clearProblem()
    }
}

/** What only a single expense can have is in no recurring one, and nobody calls when it is posted. */
private fun tidied(draft: ExpenseDraft): ExpenseDraft {
    val isOfOne = draft.expenseId.isNotEmpty() || draft.bookedOn.isNotEmpty() || draft.importKey.isNotEmpty()
    refuseIf(isOfOne || draft.payersCount == 0) { "it is not for recurring expenses" }
    return draft.toBuilder().build {
        refundOfId = refundOfId.lowercase()
        clearReceiptIds().addAllReceiptIds(draft.receiptIdsList.map(String::lowercase))
        clearPayers().addAllPayers(draft.payersList.map { it.toBuilder().setMemberId(it.memberId.lowercase()).build() })
        if (hasSplit()) split = canonicalSplit(split)
    }
}
