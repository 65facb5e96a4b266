/** What does everybody bear of an expense, and what have they paid, in the currency it was paid in and in the one it counts as? */
package tallystick.client.offline

import java.math.BigInteger
import java.math.BigInteger.ZERO
import tallystick.client.SplitSpec
import tallystick.client.allocateShares
import tallystick.client.build
import tallystick.client.weightsOf
import tallystick.v1.Share

/** By member, each side adding up to the same amount. */
internal class Sides(val owed: Map<String, Long>, val paid: Map<String, Long>)

/** What an expense comes to. */
internal class Outcome(
    val plain: Sides,
    val converted: Sides?,
    /** Those whom a unit went to that nothing could divide. */
    val roundedUp: Set<String>,
)

internal fun divide(expenseId: String, amountMinor: Long, paid: Map<String, Long>, spec: SplitSpec, converted: Long?): Outcome {
    requirePaid(amountMinor, paid)
    val bears = weightsOf(amountMinor, spec)
    val sides = { minor: Long -> Sides(allocateShares(minor, bears, expenseId), allocateShares(minor, exact(paid), expenseId)) }
    val plain = sides(amountMinor)
    // By the same weights and not by the shares: those are rounded, and another currency may have finer units.
    return Outcome(plain, converted?.let(sides), roundedUp(amountMinor, bears, plain.owed))
}

internal fun requirePaid(amountMinor: Long, paid: Map<String, Long>) {
    refuseIf(sumOf(paid) != amountMinor.toBigInteger()) { "the payers paid something else" }
}

/** Who bears more than their exact share: those to whom the units went that were left. */
internal fun roundedUp(amountMinor: Long, weights: Map<String, BigInteger>, shares: Map<String, Long>): Set<String> {
    val total = weights.values.fold(ZERO, BigInteger::add)
    val amount = amountMinor.toBigInteger()
    return shares.filter { (id, share) -> share.toBigInteger() * total > amount * (weights[id] ?: ZERO) }.keys
}

/** In the order of ids. */
internal fun sharesOf(outcome: Outcome): List<Share> =
    (outcome.plain.owed.keys + outcome.plain.paid.keys).sorted().map { id ->
        Share.newBuilder().build {
            memberId = id
            owedMinor = outcome.plain.owed[id] ?: 0
            paidMinor = outcome.plain.paid[id] ?: 0
            convertedOwedMinor = outcome.converted?.owed?.get(id) ?: 0
            convertedPaidMinor = outcome.converted?.paid?.get(id) ?: 0
            roundedUp = id in outcome.roundedUp
        }
    }

internal fun exact(parts: Map<String, Long>): Map<String, BigInteger> = parts.mapValues { it.value.toBigInteger() }

internal fun sumOf(parts: Map<String, Long>): BigInteger = parts.values.fold(ZERO) { known, part -> known + part.toBigInteger() }
