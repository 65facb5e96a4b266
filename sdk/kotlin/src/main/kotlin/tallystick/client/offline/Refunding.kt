/**
 * What does a refund give back of the expense that it names? The same as on the server.
 *
 * Of everybody's share there remains what no refund gave back. A refund that says nothing else, or the same as its expense, gives back of
 * it in proportion.
 */
package tallystick.client.offline

import java.math.BigInteger.ONE
import java.math.BigInteger.ZERO
import tallystick.client.allocateShares
import tallystick.client.build
import tallystick.client.refundShares
import tallystick.v1.Conversion
import tallystick.v1.Expense
import tallystick.v1.ExpenseKind
import tallystick.v1.Share

/** An expense, and all its refunds but the one in hand. */
internal class Refundable(val original: Expense, others: List<Expense>) {
    private val owed = left(original, others, Share::getOwedMinor)
    private val converted =
        left(original, others.filter { currencyOf(it) == currencyOf(original) }, Share::getConvertedOwedMinor)

    /** As the expense was converted: of what is left of it in the one currency as much as of what is left in the other. */
    fun convert(amountMinor: Long): Conversion? {
        val currency = currencyOf(original) ?: return null
        val amount = amountMinor.toBigInteger()
        val minor = roundedQuotient(amount * sumOf(converted), sumOf(owed).max(amount)).max(ONE)
        return Conversion.newBuilder().build { this.amount = moneyOf(currency, fitting(minor)) }
    }

    /** The shares of a refund that is shared as its expense was. */
    fun mirror(refund: Expense, paid: Map<String, Long>): Outcome {
        refuseIf(!refund.hasAmount()) { "it needs an amount" }
        val amountMinor = refund.amount.minor
        requirePaid(amountMinor, paid)
        val given = refundShares(amountMinor, owed, refund.id).mapValues { -it.value }
        val rounded = roundedUp(amountMinor, exact(owed), given)
        if (!refund.hasConversion()) return Outcome(Sides(given, paid), null, rounded)
        val total = refund.conversion.amount.minor
        val isLeft = currencyOf(refund) == currencyOf(original) && total.toBigInteger() <= sumOf(converted)
        // What was agreed on for this refund may be more than was counted then, or in another currency.
        val weights = if (isLeft && converted.values.all { it >= 0 }) converted else given
        val counted = Sides(allocateShares(total, exact(weights), refund.id), allocateShares(total, exact(paid), refund.id))
        return Outcome(Sides(given, paid), counted, rounded)
    }

    /** Shares that somebody said give nobody back more than they bore. */
    fun requireLeft(owed: Map<String, Long>) {
        val isMore = owed.any { (id, share) -> share > (this.owed[id] ?: 0) } || sumOf(owed) > sumOf(this.owed)
        refuseIf(isMore) { "the refunds would be more than the expense" }
    }
}

/** Expenses are given back, in the currency in which they were paid. */
internal fun requireRefundable(refund: Expense, original: Expense, others: List<Expense>): Refundable {
    val isOfKinds = refund.kind == ExpenseKind.EXPENSE_KIND_REFUND && original.kind == ExpenseKind.EXPENSE_KIND_EXPENSE
    val isSame = original.id != refund.id && original.amount.currency == refund.amount.currency
    refuseIf(!isOfKinds || !isSame) { "it cannot be given back so" }
    return Refundable(original, others.filter { it.id != refund.id })
}

private fun currencyOf(expense: Expense): String? = if (expense.hasConversion()) expense.conversion.amount.currency else null

private fun left(original: Expense, others: List<Expense>, minorOf: (Share) -> Long): Map<String, Long> {
    val rest = original.sharesList.associateTo(LinkedHashMap()) { it.memberId to minorOf(it).toBigInteger() }
    for (share in others.flatMap { it.sharesList }) {
        rest[share.memberId] = (rest[share.memberId] ?: ZERO) - minorOf(share).toBigInteger()
    }
    return rest.mapValues { fitting(it.value) }
}
