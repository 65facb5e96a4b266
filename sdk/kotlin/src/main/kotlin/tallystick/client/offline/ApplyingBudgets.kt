/** What does a waiting command do to budgets themselves on the screen? */
package tallystick.client.offline

import com.google.protobuf.MessageLite
import tallystick.client.build
import tallystick.v1.Budget
import tallystick.v1.BudgetMode
import tallystick.v1.CopyBudgetRequest
import tallystick.v1.CreateBudgetRequest
import tallystick.v1.DeleteBudgetRequest
import tallystick.v1.RestoreBudgetRequest
import tallystick.v1.UpdateBudgetRequest

private val BUDGET = Noun(Kinds.BUDGET, "name periods starts_on rollover thresholds_bp template opening")

/** What there is no rule for leaves the view as it is. */
internal fun applyToBudgets(view: View, command: MessageLite, made: Made) {
    when (command) {
        is CreateBudgetRequest -> createBudget(view, command, made)
        is UpdateBudgetRequest -> updateBudget(view, command, made)
        is DeleteBudgetRequest -> deleteNoun(view, Kinds.BUDGET, command.budgetId)
        is RestoreBudgetRequest -> restoreNoun(view, Kinds.BUDGET, command.budgetId)
        is CopyBudgetRequest -> copyBudget(view, command, made)
    }
    applyToItems(view, command, made)
    applyToMoney(view, command, made)
}

private fun createBudget(view: View, request: CreateBudgetRequest, made: Made) {
    if (view.find(Kinds.BUDGET, request.budgetId) != null) return
    createNoun(view, BUDGET, request.budgetId, request, made)
    view.put(Kinds.BUDGET, tidied(view, view.require(Kinds.BUDGET, request.budgetId), made))
}

private fun updateBudget(view: View, request: UpdateBudgetRequest, made: Made) {
    updateNoun(view, BUDGET, request.budgetId, request, request.updateMask.pathsList)
    view.put(Kinds.BUDGET, tidied(view, view.require(Kinds.BUDGET, request.budgetId), made))
}

/** With the items, and with nothing assigned. */
private fun copyBudget(view: View, request: CopyBudgetRequest, made: Made) {
    val source = view.require(Kinds.BUDGET, request.budgetId)
    val items = itemsOf(view, source.id)
    requireSpending(view, items.flatMap { it.categoryIdsList })
    val copied = source.toBuilder().build {
        id = requireId(request.newBudgetId)
        name = request.name.ifEmpty { source.name }
        template = request.template
        startsOn = request.startsOn
        if (request.hasPeriods()) periods = request.periods
        clearOpening()
        clearCreatedAt()
        made.at?.let { createdAt = it }
    }
    val budget = tidied(view, named(copied), made)
    view.add(Kinds.BUDGET, budget)
    for (each in items) {
        val item = each.toBuilder().build {
            id = idFollowing(budget.id, each.id)
            budgetId = budget.id
            clearCreatedAt()
            made.at?.let { createdAt = it }
        }
        view.add(Kinds.BUDGET_ITEM, item)
    }
}

/** What it leaves to the book is filled in: what the book says later does not change it. */
private fun tidied(view: View, before: Budget, made: Made): Budget {
    val book = view.require(Kinds.BOOK, made.spaceId)
    refuseIf(before.modeValue == 0) { "how its items get what may be spent must be stated" }
    if (before.startsOn.isNotEmpty()) requireDay(before.startsOn)
    val budget = withPeriods(before, book, todayIn(book.timeZone, made.at)).toBuilder().build {
        currency = currency.ifEmpty { book.baseCurrency }
        clearThresholdsBp().addAllThresholdsBp(inOrder(before.thresholdsBpList))
    }
    requireRollover(budget, budget.rollover)
    if (budget.hasOpening()) {
        requireAmount(budget, budget.opening)
        refuseIf(budget.mode != BudgetMode.BUDGET_MODE_ENVELOPE) { "only envelopes begin with something" }
    }
    return budget
}
