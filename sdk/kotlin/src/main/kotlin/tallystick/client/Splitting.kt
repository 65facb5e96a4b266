/**
 * What does everybody bear of an expense? The server's own answer, computed on the device.
 *
 * An app makes the id of an expense before it shows the shares, because the id decides who bears a cent that cannot be divided.
 */
package tallystick.client

import java.math.BigInteger
import java.math.BigInteger.ONE
import java.math.BigInteger.ZERO

/** Weights by the id of the member. They are as large as exactness needs. */
private typealias Weights = Map<String, BigInteger>

/** One thing on a receipt, and in which proportion who shares it. */
public data class Line(public val amountMinor: Long, public val weights: Map<String, Long>)

/** How an expense is shared. Amounts are in minor units, by the id of the member. */
public sealed class SplitSpec {
    /** Everybody bears the same. */
    public data class Equal(public val memberIds: List<String>) : SplitSpec()

    /** Everybody bears what is said. */
    public data class Exact(public val amounts: Map<String, Long>) : SplitSpec()

    /** In proportion to whole numbers. */
    public data class Weighted(public val weights: Map<String, Long>) : SplitSpec()

    /** In hundredths of a percent, 10,000 together. */
    public data class Percent(public val basisPoints: Map<String, Long>) : SplitSpec()

    /** Some have extras, or pay less; what remains is borne equally by all who are named, also those with an extra of 0. */
    public data class Adjusted(public val extras: Map<String, Long>) : SplitSpec()

    /** Everybody bears their part of each line, and tax, tip and discount in proportion to the sum of those. */
    public data class Itemised(
        public val lines: List<Line>,
        public val taxMinor: Long = 0,
        public val tipMinor: Long = 0,
        public val discountMinor: Long = 0,
    ) : SplitSpec()
}

public const val SPLIT_RULE_VERSION: Int = 1

private val AMOUNT_MAX = BigInteger.valueOf(Long.MAX_VALUE)
private val BASIS_POINTS = BigInteger.valueOf(10_000)

/** What was said does not account for all of it. */
public class DoesNotAddUp(public val expected: BigInteger, public val actual: BigInteger) :
    IllegalArgumentException("adds up to $actual and not to $expected") {
    /** What is missing, or below zero what is too much. */
    public val difference: BigInteger get() = expected - actual
}

/**
 * Everybody's share of an expense that is not zero, in the order of the members' ids.
 *
 * @throws DoesNotAddUp for what does not account for all of it
 * @throws IllegalArgumentException for what else shares nothing
 * @throws ArithmeticException for what does not fit in 64 bits
 */
public fun splitExpense(amountMinor: Long, spec: SplitSpec, expenseId: String): Map<String, Long> =
    allocateShares(amountMinor, weightsOf(amountMinor, spec), expenseId)

/**
 * Divides an amount in proportion to whole weights.
 *
 * For an expense in another currency: its amount in the group's, converted once, by the [weightsOf] the amount that was paid. For what
 * several payers have paid: by what each paid.
 */
public fun allocateShares(amountMinor: Long, weights: Map<String, BigInteger>, expenseId: String): Map<String, Long> {
    val size = requireAmount(amountMinor.toBigInteger()).abs()
    canonicalId(expenseId)
    val total = requireWeights(weights)
    val members = weights.map { (id, weight) ->
        val (share, lost) = (size * weight).divideAndRemainder(total)
        Part(canonicalId(id), share, lost)
    }
    require(members.distinctBy { it.id }.size == members.size) { "a member is named twice" }
    val left = members.fold(size) { rest, member -> rest - member.share }
    if (left.signum() > 0) {
        val drawn = members.associate { it.id to lot(expenseId, it.id) }
        val inOrder = members.sortedWith(compareByDescending<Part> { it.lost }.thenBy { drawn.getValue(it.id) })
        for (member in inOrder.take(left.toInt())) member.share += ONE
    }
    return members.sortedBy { it.id }.associate { it.id to if (amountMinor < 0) -it.share.toLong() else it.share.toLong() }
}

private class Part(val id: String, var share: BigInteger, val lost: BigInteger)

/** In which proportion the members bear an amount. Whole numbers, exact however many lines there are. */
public fun weightsOf(amountMinor: Long, spec: SplitSpec): Map<String, BigInteger> {
    require(amountMinor != 0L) { "an expense is not zero" }
    val weights = unchecked(amountMinor.toBigInteger(), spec)
    requireWeights(weights)
    return weights
}

/**
 * The shares of a refund of that much. `left`: what its expense's shares are after earlier refunds, whose shares are added to them. The
 * amount has the sign of the expense, the shares the other.
 */
public fun refundShares(amountMinor: Long, left: Map<String, Long>, refundId: String): Map<String, Long> {
    val parts = exact(left)
    val amount = amountMinor.toBigInteger()
    val whole = sum(parts)
    require(amountMinor != 0L && amount.signum() * whole.signum() >= 0) { "a refund is not zero, and has the sign of the expense" }
    if (amount.abs() > whole.abs()) throw DoesNotAddUp(whole, amount)
    return allocateShares(amountMinor, parts.mapValues { it.value.abs() }, refundId).mapValues { -it.value }
}

private fun unchecked(amount: BigInteger, spec: SplitSpec): Weights =
    when (spec) {
        is SplitSpec.Equal -> spec.memberIds.associateWith { ONE }
        is SplitSpec.Exact -> exact(spec.amounts).let { requireSum(amount, sum(it)); oneWay(amount, it) }
        is SplitSpec.Weighted -> exact(spec.weights)
        is SplitSpec.Percent -> exact(spec.basisPoints).also { requireSum(BASIS_POINTS, sum(it)) }
        is SplitSpec.Adjusted -> adjusted(amount, exact(spec.extras))
        is SplitSpec.Itemised -> itemised(amount, spec)
    }

private fun adjusted(amount: BigInteger, extras: Weights): Weights {
    val rest = amount - sum(extras)
    if (rest.signum() * amount.signum() < 0) throw DoesNotAddUp(amount, sum(extras))
    val count = extras.size.toBigInteger()
    return oneWay(amount, extras.mapValues { rest + count * it.value })
}

private fun itemised(amount: BigInteger, spec: SplitSpec.Itemised): Weights {
    val onLines = spec.lines.fold(ZERO) { known, line -> known + line.amountMinor.toBigInteger() }
    val beside = spec.taxMinor.toBigInteger() + spec.tipMinor.toBigInteger() - spec.discountMinor.toBigInteger()
    requireSum(amount, onLines + beside)
    val lines = spec.lines.map { requireAmount(it.amountMinor.toBigInteger()) to exact(it.weights) }
    val denominator = lines.fold(ONE) { known, (_, weights) -> commonMultiple(known, requireWeights(weights)) }
    val subtotals = LinkedHashMap<String, BigInteger>()
    for ((lineAmount, weights) in lines) {
        val factor = lineAmount * (denominator / sum(weights))
        for ((id, weight) in weights) subtotals[id] = (subtotals[id] ?: ZERO) + factor * weight
    }
    return oneWay(amount, subtotals)
}

private fun oneWay(amount: BigInteger, parts: Weights): Weights {
    require(parts.values.none { it.signum() * amount.signum() < 0 }) { "a part has the other sign than the amount" }
    return parts.mapValues { it.value.abs() }
}

private fun requireAmount(amount: BigInteger): BigInteger {
    if (amount.abs() > AMOUNT_MAX) throw ArithmeticException("does not fit in 64 bits: $amount")
    return amount
}

private fun requireWeights(weights: Weights): BigInteger {
    val total = sum(weights)
    require(total.signum() > 0 && weights.values.none { it.signum() < 0 }) { "weights are not below zero, and one is above" }
    return total
}

private fun requireSum(expected: BigInteger, actual: BigInteger) {
    if (expected != actual) throw DoesNotAddUp(expected, actual)
}

private fun sum(parts: Weights): BigInteger = parts.values.fold(ZERO, BigInteger::add)

private fun exact(parts: Map<String, Long>): Weights = parts.mapValues { it.value.toBigInteger() }

private fun commonMultiple(one: BigInteger, other: BigInteger): BigInteger = one / one.gcd(other) * other
