/** What does a waiting command do to the money in envelopes on the screen? How much there is to assign is for the server to say. */
package tallystick.client.offline

import com.google.protobuf.MessageLite
import java.math.BigInteger
import java.math.BigInteger.ZERO
import tallystick.client.build
import tallystick.v1.AssignMoneyRequest
import tallystick.v1.Budget
import tallystick.v1.BudgetMode
import tallystick.v1.BudgetMove
import tallystick.v1.CopyForwardRequest
import tallystick.v1.MoveMoneyRequest

// What is in no item is to be assigned.
private const val TO_BE_ASSIGNED = ""

private class Way(val fromItemId: String, val toItemId: String, val minor: Long)

/** What there is no rule for leaves the view as it is. */
internal fun applyToMoney(view: View, command: MessageLite, made: Made) {
    when (command) {
        is AssignMoneyRequest -> assignMoney(view, command, made)
        is MoveMoneyRequest -> moveMoney(view, command, made)
        is CopyForwardRequest -> copyForward(view, command, made)
    }
}

/** Below zero it is taken back. */
private fun assignMoney(view: View, request: AssignMoneyRequest, made: Made) {
    val budget = envelopesIn(view, request.budgetId)
    val itemId = itemIn(view, budget, request.itemId)
    val minor = requireAmount(budget, request.amount.takeIf { request.hasAmount() })
    refuseIf(minor == 0L) { "nothing is assigned" }
    addMove(view, budget, periodFor(view, budget, request.on, made), requireId(request.moveId), wayTo(itemId, minor), made)
}

private fun moveMoney(view: View, request: MoveMoneyRequest, made: Made) {
    val budget = envelopesIn(view, request.budgetId)
    val way =
        Way(
            itemIn(view, budget, request.fromItemId),
            itemIn(view, budget, request.toItemId),
            requireAmount(budget, request.amount.takeIf { request.hasAmount() }),
        )
    refuseIf(way.fromItemId == way.toItemId || way.minor <= 0) { "something is moved to another item" }
    addMove(view, budget, periodFor(view, budget, request.on, made), requireId(request.moveId), way, made)
}

/** Takes the difference, so that doing it again does nothing. */
private fun copyForward(view: View, request: CopyForwardRequest, made: Made) {
    val budget = envelopesIn(view, request.budgetId)
    val source = periodOf(budget, request.fromOn)
    val target = periodOf(budget, request.toOn)
    refuseIf(source.number == target.number) { "both days are in the same period" }
    val (was, has) = givenIn(view, budget, source) to givenIn(view, budget, target)
    for (item in itemsOf(view, budget.id)) {
        val missing = requireInRange((was[item.id] ?: ZERO) - (has[item.id] ?: ZERO))
        if (missing != 0L) addMove(view, budget, target, idFollowing(request.requestId, item.id), wayTo(item.id, missing), made)
    }
}

private fun envelopesIn(view: View, budgetId: String): Budget {
    val budget = view.require(Kinds.BUDGET, budgetId)
    val hasEnvelopes = !budget.template && budget.mode == BudgetMode.BUDGET_MODE_ENVELOPE
    refuseIf(!hasEnvelopes) { "the budget has no envelopes, or is a template" }
    return budget
}

private fun itemIn(view: View, budget: Budget, itemId: String): String {
    val item = view.require(Kinds.BUDGET_ITEM, itemId)
    refuseIf(item.budgetId != budget.id) { "the item is of another budget" }
    return item.id
}

private fun periodFor(view: View, budget: Budget, day: String, made: Made): Period =
    periodOf(budget, day.ifEmpty { todayIn(view.require(Kinds.BOOK, made.spaceId).timeZone, made.at) })

/** What each item was given in a period, all taken together. */
private fun givenIn(view: View, budget: Budget, period: Period): Map<String, BigInteger> {
    val sums = HashMap<String, BigInteger>()
    for (move in view.all(Kinds.BUDGET_MOVE).values) {
        if (move.budgetId == budget.id && move.periodFromOn in period.fromOn..period.untilOn) {
            val minor = move.amount.minor.toBigInteger()
            sums[move.fromItemId] = (sums[move.fromItemId] ?: ZERO) - minor
            sums[move.toItemId] = (sums[move.toItemId] ?: ZERO) + minor
        }
    }
    return sums
}

private fun wayTo(itemId: String, minor: Long): Way =
    if (minor > 0) Way(TO_BE_ASSIGNED, itemId, minor) else Way(itemId, TO_BE_ASSIGNED, -minor)

private fun addMove(view: View, budget: Budget, period: Period, id: String, way: Way, made: Made) {
    val move = BudgetMove.newBuilder().build {
        this.id = id
        bookId = made.spaceId
        budgetId = budget.id
        periodFromOn = period.fromOn
        fromItemId = way.fromItemId
        toItemId = way.toItemId
        amount = moneyOf(budget.currency, way.minor)
        made.at?.let { createdAt = it }
    }
    view.add(Kinds.BUDGET_MOVE, move)
}
