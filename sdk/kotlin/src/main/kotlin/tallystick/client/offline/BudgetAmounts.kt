/** Which amounts, and which parts of them, may a budget and its items name? As the server has it. */
package tallystick.client.offline

import java.math.BigInteger
import tallystick.v1.Budget
import tallystick.v1.Money
import tallystick.v1.Rollover

private val AMOUNT_MAX = BigInteger.valueOf(Long.MAX_VALUE)
private const val THRESHOLD_BP_MAX = 100_000

/** An amount of the budget, above zero or below, that 64 bits can turn around. Returns how much it is. */
internal fun requireAmount(budget: Budget, amount: Money?): Long {
    val told = needed(amount, "an amount")
    refuseIf(told.currency != budget.currency) { "the amount is not in the budget's currency" }
    return requireInRange(told.minor.toBigInteger())
}

internal fun requireInRange(minor: BigInteger): Long {
    refuseIf(minor.abs() > AMOUNT_MAX) { "the amount is out of range" }
    return minor.toLong()
}

internal fun requireRollover(budget: Budget, rollover: Rollover) {
    if (!rollover.hasSurplusMax()) return
    val isAbove = requireAmount(budget, rollover.surplusMax) > 0
    refuseIf(!isAbove || !rollover.surplus) { "it limits what is not carried on" }
}

/** In their order. */
internal fun inOrder(thresholdsBp: List<Int>): List<Int> {
    val isOnce = thresholdsBp.distinct().size == thresholdsBp.size
    refuseIf(!isOnce || thresholdsBp.any { it !in 1..THRESHOLD_BP_MAX }) { "each threshold is 1 to $THRESHOLD_BP_MAX, once" }
    return thresholdsBp.sorted()
}
