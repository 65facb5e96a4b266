/**
 * Who owes how much in a group, altogether and to whom? The server's own answer, computed on the device from expenses and settlements.
 *
 * Money is counted by currency and never across currencies. An expense counts as its conversion says, or else as what was paid. Nets say
 * what settles everything; debts say between whom it arose, and each member's debts come to their net.
 */
package tallystick.client

import java.math.BigInteger
import java.math.BigInteger.ZERO
import java.util.TreeMap
import tallystick.v1.Expense
import tallystick.v1.ExpenseKind
import tallystick.v1.Settlement
import tallystick.v1.SettlementState

/** Somebody owes somebody more than nothing. */
public data class OpenDebt(val fromMemberId: String, val toMemberId: String, val minor: Long)

/** What is open in one currency. */
public data class OpenBalances(
    val currency: String,
    /** Who is owed (above zero) or owes (below), in the order of the members' ids. */
    val nets: Map<String, Long>,
    /** Between whom, after what both owe each other is set off. */
    val debts: List<OpenDebt>,
)

/** Two members, the one with the lesser id first. */
private data class Couple(val one: String, val other: String) : Comparable<Couple> {
    override fun compareTo(other: Couple): Int = compareValuesBy(this, other, Couple::one, Couple::other)
}

/** What the one of each couple owes the other. It may be below zero. */
private typealias Owed = TreeMap<Couple, BigInteger>

// Drawn for nobody: which of two payers is owed the odd cent moves no net, and has to be the same for an expense and its refund.
private const val NOBODY = "00000000-0000-0000-0000-000000000000"

/**
 * What is open by currency, of what was booked until the end of that day (YYYY-MM-DD; empty: of all). In whatever order they come.
 *
 * @throws ArithmeticException for what does not fit in 64 bits
 */
public fun balancesOf(expenses: Iterable<Expense>, settlements: Iterable<Settlement>, asOf: String = ""): List<OpenBalances> {
    val byCurrency = TreeMap<String, Owed>()
    val isIn = { bookedOn: String -> asOf.isEmpty() || bookedOn <= asOf }
    for (expense in expenses.filter { isIn(it.bookedOn) }) {
        val currency = if (expense.hasConversion()) expense.conversion.amount.currency else expense.amount.currency
        for (debt in debtsOf(expense)) byCurrency.getOrPut(currency, ::Owed).owe(debt)
    }
    for (given in settlements.filter { counts(it) && isIn(it.bookedOn) }) {
        // Whoever gives is owed more, or owes less.
        val owed = OpenDebt(given.toMemberId, given.fromMemberId, given.amount.minor)
        byCurrency.getOrPut(given.amount.currency, ::Owed).owe(owed)
    }
    return byCurrency.map { (currency, owed) -> openIn(currency, owed) }.filter { it.debts.isNotEmpty() }
}

/**
 * Who owes whom for one expense, in the currency that it counts as. Those who bear more than they paid owe those who paid more than they
 * bear, in proportion: each debtor takes their part of what is left to every creditor.
 */
public fun debtsOf(expense: Expense): List<OpenDebt> {
    val nets = netsOf(expense)
    val due = LinkedHashMap(nets.filterValues { it > 0 })
    // Of what came back, those who got it owe the others.
    val isBack = expense.kind == ExpenseKind.EXPENSE_KIND_REFUND || expense.kind == ExpenseKind.EXPENSE_KIND_INCOME
    val debts = mutableListOf<OpenDebt>()
    for ((debtor, net) in nets.filterValues { it < 0 }) {
        for ((creditor, minor) in partsOf(-net, due)) {
            due[creditor] = (due[creditor] ?: 0) - minor
            debts += if (isBack) OpenDebt(creditor, debtor, minor) else OpenDebt(debtor, creditor, minor)
        }
    }
    return debts.filter { it.minor > 0 }
}

private fun partsOf(minor: Long, due: Map<String, Long>): Map<String, Long> =
    // Mostly one has paid, to whom all is owed.
    if (due.size > 1) allocateShares(minor, due.mapValues { it.value.toBigInteger() }, NOBODY)
    else mapOf(due.keys.firstOrNull().orEmpty() to minor)

/** What everybody paid above what they bear, in the order of their ids. */
private fun netsOf(expense: Expense): Map<String, Long> {
    val isConverted = expense.hasConversion()
    return expense.sharesList.sortedBy { it.memberId }.associate {
        val paid = if (isConverted) it.convertedPaidMinor else it.paidMinor
        val owed = if (isConverted) it.convertedOwedMinor else it.owedMinor
        it.memberId to requireFit(paid.toBigInteger() - owed.toBigInteger())
    }
}

/** Whether it moves balances. */
internal fun counts(settlement: Settlement): Boolean =
    settlement.state == SettlementState.SETTLEMENT_STATE_RECORDED || settlement.state == SettlementState.SETTLEMENT_STATE_CONFIRMED

private fun Owed.owe(debt: OpenDebt) {
    val isTurned = debt.fromMemberId > debt.toMemberId
    val couple = if (isTurned) Couple(debt.toMemberId, debt.fromMemberId) else Couple(debt.fromMemberId, debt.toMemberId)
    val minor = debt.minor.toBigInteger()
    this[couple] = (this[couple] ?: ZERO) + if (isTurned) minor.negate() else minor
}

private fun openIn(currency: String, owed: Owed): OpenBalances {
    val nets = TreeMap<String, BigInteger>()
    val debts = mutableListOf<OpenDebt>()
    for ((couple, minor) in owed) {
        nets[couple.one] = (nets[couple.one] ?: ZERO) - minor
        nets[couple.other] = (nets[couple.other] ?: ZERO) + minor
        if (minor.signum() > 0) debts += OpenDebt(couple.one, couple.other, requireFit(minor))
        if (minor.signum() < 0) debts += OpenDebt(couple.other, couple.one, requireFit(minor.negate()))
    }
    return OpenBalances(currency, nets.filterValues { it.signum() != 0 }.mapValues { requireFit(it.value) }, debts)
}
