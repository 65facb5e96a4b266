/** What does an expense count as that was paid in another currency? The same as on the server. */
package tallystick.client.offline

import java.math.BigInteger
import java.math.BigInteger.TEN
import tallystick.client.build
import tallystick.client.exponentOf
import tallystick.v1.Conversion
import tallystick.v1.ExpenseDraft
import tallystick.v1.Money

private val RATE = Regex("([0-9]{1,12})(?:\\.([0-9]{1,12}))?")

/** Into the group's currency, or not at all. What was converted when the group had another one may stay in that. */
internal fun conversionOf(draft: ExpenseDraft, groupCurrency: String, kept: Conversion): Conversion? {
    refuseIf(!draft.hasAmount()) { "it needs an amount" }
    if (draft.hasConversion()) {
        requireAgreed(draft, listOf(groupCurrency, kept.amount.currency).filter { it.isNotEmpty() })
        return draft.conversion
    }
    if (draft.convertWith.isEmpty()) {
        refuseIf(draft.convertSource.isNotEmpty()) { "a source is of a rate" }
        return null
    }
    return Conversion.newBuilder().build {
        amount = moneyOf(groupCurrency, convert(draft.amount, groupCurrency, draft.convertWith))
        rate = canonicalRate(draft.convertWith)
        source = draft.convertSource
        rateOn = draft.bookedOn
    }
}

/** The conversion of another amount by the rate that is kept. */
internal fun convertedAgain(kept: Conversion, amount: Money): Conversion {
    refuseIf(!kept.hasAmount()) { "it needs an amount" }
    val currency = kept.amount.currency
    return kept.toBuilder().setAmount(moneyOf(currency, convert(amount, currency, kept.rate))).build()
}

/** Rounded half to even. */
internal fun roundedQuotient(dividend: BigInteger, divisor: BigInteger): BigInteger {
    val (whole, rest) = dividend.divideAndRemainder(divisor)
    val half = (rest + rest).compareTo(divisor)
    return if (half > 0 || (half == 0 && whole.testBit(0))) whole + BigInteger.ONE else whole
}

/** Both amounts were given. A rate beside them has to lead from the one to the other. */
private fun requireAgreed(draft: ExpenseDraft, into: List<String>) {
    val said = draft.conversion
    refuseIf(!said.hasAmount()) { "it needs an amount" }
    val (amount, paid) = said.amount to draft.amount
    val isInto = draft.convertWith.isEmpty() && amount.currency in into && amount.minor > 0 && paid.currency != amount.currency
    refuseIf(!isInto) { "a conversion is into the group's currency" }
    val leads = said.rate.isEmpty() || convert(paid, amount.currency, said.rate) == amount.minor
    refuseIf(!leads) { "the rate leads elsewhere" }
}

/** Exact, and rounded once, at the end. Something is left of it. */
private fun convert(amount: Money, into: String, rate: String): Long {
    val (whole, part) = RATE.matchEntire(rate)?.destructured ?: throw Inapplicable("it is no rate")
    refuseIf(amount.currency == into) { "it is no rate into another currency" }
    val scales = refusingWrong { TEN.pow(exponentOf(into)) to TEN.pow(part.length + exponentOf(amount.currency)) }
    val dividend = amount.minor.toBigInteger() * BigInteger(whole + part) * scales.first
    val converted = roundedQuotient(dividend, scales.second)
    refuseIf(converted.signum() <= 0) { "nothing is left of the amount" }
    return fitting(converted)
}

/** The one way to write a rate: no zeros at either end that say nothing. */
private fun canonicalRate(rate: String): String {
    val whole = BigInteger(rate.substringBefore('.')).toString()
    val digits = rate.substringAfter('.', "").trimEnd('0')
    return if (digits.isEmpty()) whole else "$whole.$digits"
}
