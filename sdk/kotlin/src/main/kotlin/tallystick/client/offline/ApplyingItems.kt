/** What does a waiting command do to the items of budgets on the screen? */
package tallystick.client.offline

import com.google.protobuf.MessageLite
import tallystick.client.build
import tallystick.v1.Budget
import tallystick.v1.BudgetItem
import tallystick.v1.BudgetLimit
import tallystick.v1.CategoryKind
import tallystick.v1.CreateBudgetItemRequest
import tallystick.v1.DeleteBudgetItemRequest
import tallystick.v1.RestoreBudgetItemRequest
import tallystick.v1.UpdateBudgetItemRequest

private val CHANGEABLE =
    "name position category_ids without_children payee_ids tag_ids account_ids limits rollover thresholds_bp".split(" ")
private const val ITEMS_MAX = 200

/** What the budget is made of. */
internal fun itemsOf(view: View, budgetId: String): List<BudgetItem> =
    view.all(Kinds.BUDGET_ITEM).values.filter { it.budgetId == budgetId }

/** They are for spending, and in use. */
internal fun requireSpending(view: View, categoryIds: List<String>) {
    for (categoryId in categoryIds) {
        val category = view.require(Kinds.CATEGORY, categoryId)
        val isForSpending = category.kind == CategoryKind.CATEGORY_KIND_EXPENSE && !category.archived
        refuseIf(!isForSpending) { "the category is not for spending, or out of use" }
    }
}

/** What there is no rule for leaves the view as it is. */
internal fun applyToItems(view: View, command: MessageLite, made: Made) {
    when (command) {
        is CreateBudgetItemRequest -> createItem(view, command, made)
        is UpdateBudgetItemRequest -> updateItem(view, command)
        is DeleteBudgetItemRequest -> deleteItem(view, command)
        is RestoreBudgetItemRequest -> restoreItem(view, command)
    }
}

private fun createItem(view: View, request: CreateBudgetItemRequest, made: Made) {
    val budget = view.require(Kinds.BUDGET, request.budgetId)
    if (view.find(Kinds.BUDGET_ITEM, request.itemId) != null) return
    requireRoom(view, budget)
    val fresh = BudgetItem.newBuilder().build {
        id = requireId(request.itemId)
        bookId = made.spaceId
        budgetId = budget.id
        made.at?.let { createdAt = it }
    }
    val item = tidied(overlay(fresh, request, CHANGEABLE), budget)
    requireNamed(view, item)
    view.add(Kinds.BUDGET_ITEM, item)
}

private fun updateItem(view: View, request: UpdateBudgetItemRequest) {
    val budget = view.require(Kinds.BUDGET, request.budgetId)
    val before = requireOf(budget, view.require(Kinds.BUDGET_ITEM, request.itemId))
    val names = touched(request.updateMask.pathsList, request, CHANGEABLE)
    val after = tidied(overlay(before, request, names), budget)
    requireNamed(view, after, before)
    view.put(Kinds.BUDGET_ITEM, after)
}

private fun deleteItem(view: View, request: DeleteBudgetItemRequest) {
    val budget = view.require(Kinds.BUDGET, request.budgetId)
    view.put(Kinds.BUDGET_ITEM, requireOf(budget, view.require(Kinds.BUDGET_ITEM, request.itemId)), deleted = true)
}

/** Without the categories that are gone. One that named nothing else would count everything then. */
private fun restoreItem(view: View, request: RestoreBudgetItemRequest) {
    val budget = view.require(Kinds.BUDGET, request.budgetId)
    val found = view.find(Kinds.BUDGET_ITEM, request.itemId)?.takeIf { it.deleted } ?: return
    val before = requireOf(budget, found.entity)
    requireRoom(view, budget)
    val left = before.categoryIdsList.filter { view.has(Kinds.CATEGORY, it) }
    refuseIf(before.categoryIdsCount > 0 && left.isEmpty()) { "the categories of the item are gone" }
    view.put(Kinds.BUDGET_ITEM, before.toBuilder().clearCategoryIds().addAllCategoryIds(left).build())
}

/** With ids and orders that do not depend on who wrote them. */
private fun tidied(item: BudgetItem, budget: Budget): BudgetItem {
    val tidied = named(item).toBuilder().build {
        clearCategoryIds().addAllCategoryIds(tidied(item.categoryIdsList))
        clearPayeeIds().addAllPayeeIds(tidied(item.payeeIdsList))
        clearTagIds().addAllTagIds(tidied(item.tagIdsList))
        clearAccountIds().addAllAccountIds(tidied(item.accountIdsList))
        clearLimits().addAllLimits(inOrder(item.limitsList, budget))
        clearThresholdsBp().addAllThresholdsBp(inOrder(item.thresholdsBpList))
    }
    refuseIf(LISTS.all { it(tidied).isEmpty() }) { "it names nothing" }
    requireRollover(budget, item.rollover)
    return tidied
}

private val LISTS: List<(BudgetItem) -> List<String>> =
    listOf(BudgetItem::getCategoryIdsList, BudgetItem::getPayeeIdsList, BudgetItem::getTagIdsList, BudgetItem::getAccountIdsList)

private fun tidied(ids: List<String>): List<String> = ids.map(String::lowercase).distinct().sorted()

private fun inOrder(limits: List<BudgetLimit>, budget: Budget): List<BudgetLimit> {
    for (limit in limits) {
        if (limit.fromOn.isNotEmpty()) requireDay(limit.fromOn)
        val minor = requireAmount(budget, if (limit.hasAmount()) limit.amount else null)
        refuseIf(minor < 0) { "a limit is not below zero" }
    }
    refuseIf(limits.distinctBy { it.fromOn }.size < limits.size) { "two limits are from the same day on" }
    return limits.sortedBy { it.fromOn }
}

/** Only what was not named before is held against how things are now. */
private fun requireNamed(view: View, item: BudgetItem, before: BudgetItem = BudgetItem.getDefaultInstance()) {
    requireSpending(view, item.categoryIdsList - before.categoryIdsList.toSet())
    for (id in item.payeeIdsList - before.payeeIdsList.toSet()) view.require(Kinds.PAYEE, id)
    for (id in item.tagIdsList - before.tagIdsList.toSet()) view.require(Kinds.TAG, id)
    for (id in item.accountIdsList - before.accountIdsList.toSet()) {
        // Every member sees the item, and would learn of the account.
        refuseIf(view.require(Kinds.ACCOUNT, id).privateTo.isNotEmpty()) { "the account is private" }
    }
}

/** An item of another budget is not there. */
private fun requireOf(budget: Budget, item: BudgetItem): BudgetItem {
    refuseIf(item.budgetId != budget.id) { "the item is of another budget" }
    return item
}

private fun requireRoom(view: View, budget: Budget) {
    refuseIf(itemsOf(view, budget.id).size >= ITEMS_MAX) { "the budget is full" }
}
