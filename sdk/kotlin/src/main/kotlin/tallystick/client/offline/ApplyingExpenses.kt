/** What does a waiting command do to shared expenses on the screen? */
package tallystick.client.offline

import com.google.protobuf.MessageLite
import tallystick.client.build
import tallystick.v1.BatchCreateExpensesRequest
import tallystick.v1.CreateExpenseRequest
import tallystick.v1.DeleteExpenseRequest
import tallystick.v1.Expense
import tallystick.v1.ExpenseDraft
import tallystick.v1.RestoreExpenseRequest
import tallystick.v1.UpdateExpenseRequest

/** What there is no rule for leaves the view as it is. */
internal fun applyToExpenses(view: View, command: MessageLite, made: Made) {
    when (command) {
        is CreateExpenseRequest -> createExpense(view, needed(command.expense.takeIf { command.hasExpense() }, "an expense"), made)
        is BatchCreateExpensesRequest -> command.expensesList.forEach { createExpense(view, it, made) }
        is UpdateExpenseRequest -> updateExpense(view, command, made)
        is DeleteExpenseRequest -> deleteExpense(view, command.expenseId, made)
        is RestoreExpenseRequest -> restoreExpense(view, command.expenseId, made)
    }
}

private fun createExpense(view: View, draft: ExpenseDraft, made: Made) {
    // One that is there was made by this very command: its effect has arrived before the news of it.
    if (view.find(Kinds.EXPENSE, draft.expenseId) != null) return
    val group = groupIn(view, made)
    requireInUse(group)
    requireNewImport(view, draft.importKey)
    val expense = Expense.newBuilder().build {
        id = draft.expenseId.lowercase()
        groupId = made.spaceId
        made.at?.let { createdAt = it }
    }
    val after = composeExpense(view, draft, expense, made)
    requireUnlocked(group, after.bookedOn)
    view.add(Kinds.EXPENSE, after)
}

private fun updateExpense(view: View, request: UpdateExpenseRequest, made: Made) {
    val before = view.require(Kinds.EXPENSE, request.expenseId)
    val after = changeExpense(view, before, request, made)
    requireMovable(view, made, before, after)
    view.put(Kinds.EXPENSE, after)
}

private fun deleteExpense(view: View, expenseId: String, made: Made) {
    val before = view.require(Kinds.EXPENSE, expenseId)
    requireMovable(view, made, before, null)
    view.put(Kinds.EXPENSE, before, deleted = true)
}

/** With the shares that it had, if all who have one are in the group. */
private fun restoreExpense(view: View, expenseId: String, made: Made) {
    val expense = view.find(Kinds.EXPENSE, expenseId)?.takeIf { it.deleted }?.entity ?: return
    requireNewImport(view, expense.importKey)
    requireLeft(view, expense)
    requireIn(view, membersOf(expense))
    requireUnlocked(groupIn(view, made), expense.bookedOn)
    view.put(Kinds.EXPENSE, expense)
}

/** What another program calls an expense is in the group once. */
private fun requireNewImport(view: View, importKey: String) {
    val isThere = importKey.isNotEmpty() && view.all(Kinds.EXPENSE).values.any { it.importKey == importKey }
    refuseIf(isThere) { "it was imported before" }
}

/** What is booked in a locked period stays, and what was given back, too. Without `after` it goes. */
private fun requireMovable(view: View, made: Made, before: Expense, after: Expense?) {
    val moves = after == null || isMoving(before, after)
    val bookedOn = (after ?: before).bookedOn
    if (moves || bookedOn != before.bookedOn) requireUnlocked(groupIn(view, made), before.bookedOn, bookedOn)
    refuseIf(moves && refundsOf(view, before.id).isNotEmpty()) { "it has refunds" }
}
