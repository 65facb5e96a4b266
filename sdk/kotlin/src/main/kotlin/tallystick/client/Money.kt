/** How is money read, written, added and divided without ever being a floating point number? In whole minor units. */
package tallystick.client

import java.math.BigInteger
import tallystick.v1.Money

private val CURRENCY = Regex("[A-Z]{3}")
private val DECIMAL = Regex("(-?)([0-9]+)(?:\\.([0-9]+))?")
private val MINOR_MAX = BigInteger.valueOf(Long.MAX_VALUE)
private val MINOR_MIN = BigInteger.valueOf(Long.MIN_VALUE)

private const val USUAL_EXPONENT = 2
private val OTHER_EXPONENTS: Map<String, Int> =
    mapOf(
        0 to "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
        3 to "BHD IQD JOD KWD LYD OMR TND",
        4 to "CLF UYW",
    ).flatMap { (exponent, codes) -> codes.split(" ").map { it to exponent } }.toMap()

/** How many decimals a currency's smallest unit has, by ISO 4217. */
public fun exponentOf(currency: String): Int {
    require(CURRENCY.matches(currency)) { "not an ISO 4217 code: $currency" }
    return OTHER_EXPONENTS[currency] ?: USUAL_EXPONENT
}

/** The amount as a decimal number without its currency: `-12.30` for -1230 cents. */
public fun Money.toDecimal(): String {
    val exponent = exponentOf(currency)
    val size = BigInteger.valueOf(minor).abs().toString().padStart(exponent + 1, '0')
    val whole = size.dropLast(exponent)
    val fraction = size.takeLast(exponent)
    val sign = if (minor < 0) "-" else ""
    return if (fraction.isEmpty()) "$sign$whole" else "$sign$whole.$fraction"
}

/**
 * Reads a decimal number with a point, such as `12.3`. More decimals than the currency has are an error, never rounded.
 *
 * @throws IllegalArgumentException for what is no such number
 * @throws ArithmeticException for what does not fit in 64 bits
 */
public fun parseMoney(decimal: String, currency: String): Money {
    val exponent = exponentOf(currency)
    val (sign, whole, fraction) =
        requireNotNull(DECIMAL.matchEntire(decimal)) { "not a decimal number: $decimal" }.destructured
    require(fraction.length <= exponent) { "$currency has $exponent decimals: $decimal" }
    val size = BigInteger(whole + fraction.padEnd(exponent, '0'))
    return moneyOf(currency, if (sign.isEmpty()) size else size.negate())
}

/**
 * The exact sum of amounts of one currency.
 *
 * @throws IllegalArgumentException for amounts of several currencies
 * @throws ArithmeticException for what does not fit in 64 bits
 */
public fun addMoney(first: Money, vararg others: Money): Money {
    for (other in others) {
        require(other.currency == first.currency) { "${other.currency} cannot be added to ${first.currency}" }
    }
    return moneyOf(first.currency, others.fold(first.minor.toBigInteger()) { sum, other -> sum + other.minor.toBigInteger() })
}

/**
 * Divides an amount in proportion to whole weights, to the last cent: the parts add up to it.
 *
 * Each part is rounded towards zero, and the units that are left go to the parts that lost most by it; of those that lost the same,
 * to the first. A negative amount is divided as the positive one.
 *
 * @throws IllegalArgumentException for a weight below zero, or none above
 */
public fun Money.allocate(weights: List<Long>): List<Money> {
    val total = weights.fold(BigInteger.ZERO) { sum, weight -> sum + weight.toBigInteger() }
    require(total.signum() > 0 && weights.all { it >= 0 }) { "weights are not below zero, and one is above" }
    val size = BigInteger.valueOf(minor).abs()
    val divided = weights.map { (size * it.toBigInteger()).divideAndRemainder(total) }
    val parts = divided.map { it[0] }.toMutableList()
    val left = size - parts.fold(BigInteger.ZERO, BigInteger::add)
    // Sorting is stable: of equal losses the first comes first.
    val byLoss = weights.indices.sortedByDescending { divided[it][1] }
    for (index in byLoss.take(left.toInt())) parts[index] += BigInteger.ONE
    return parts.map { moneyOf(currency, if (minor < 0) it.negate() else it) }
}

private fun moneyOf(currency: String, minor: BigInteger): Money =
    Money.newBuilder().setCurrency(currency).setMinor(requireFit(minor)).build()

/** What fits in 64 bits. `longValueExact` says the same, but came to Android late. */
internal fun requireFit(minor: BigInteger): Long {
    if (minor > MINOR_MAX || minor < MINOR_MIN) throw ArithmeticException("does not fit in 64 bits: $minor")
    return minor.toLong()
}
