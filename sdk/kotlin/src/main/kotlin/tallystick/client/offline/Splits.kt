/** What does a split on the wire say, in the words of those who divide? The same as on the server. */
package tallystick.client.offline

import tallystick.client.Line
import tallystick.client.SplitSpec
import tallystick.client.build
import tallystick.v1.EqualSplit
import tallystick.v1.ExpenseSplit
import tallystick.v1.ExpenseSplit.ModeCase
import tallystick.v1.Group
import tallystick.v1.MemberAmount
import tallystick.v1.MemberWeight
import tallystick.v1.Payer
import tallystick.v1.WeightedSplit

internal fun specOf(split: ExpenseSplit): SplitSpec =
    when (split.modeCase) {
        ModeCase.EQUAL -> SplitSpec.Equal(eachOnce(split.equal.memberIdsList.map { it to 1L }).keys.sorted())
        ModeCase.EXACT -> SplitSpec.Exact(amountsOf(split.exact.amountsList))
        ModeCase.WEIGHTED -> SplitSpec.Weighted(weightsOf(split.weighted.weightsList))
        ModeCase.PERCENT -> SplitSpec.Percent(eachOnce(split.percent.percentsList.map { it.memberId to it.basisPoints.toLong() }))
        ModeCase.ADJUSTED -> SplitSpec.Adjusted(amountsOf(split.adjusted.extrasList))
        ModeCase.ITEMISED -> {
            val told = split.itemised
            val lines = told.linesList.map { Line(it.minor, weightsOf(it.weightsList)) }
            SplitSpec.Itemised(lines, told.taxMinor, told.tipMinor, told.discountMinor)
        }
        else -> throw Inapplicable("it must say how")
    }

internal fun paidBy(payers: List<Payer>): Map<String, Long> = eachOnce(payers.map { it.memberId to it.minor })

/** The same, with every id in the one way to write it. */
internal fun canonicalSplit(split: ExpenseSplit): ExpenseSplit =
    split.toBuilder().build {
        when (modeCase) {
            ModeCase.EQUAL -> setEqual(equal.toBuilder().clearMemberIds().addAllMemberIds(equal.memberIdsList.map(String::lowercase)))
            ModeCase.EXACT -> setExact(exact.toBuilder().clearAmounts().addAllAmounts(exact.amountsList.map(::canonical)))
            ModeCase.WEIGHTED -> setWeighted(weighted.toBuilder().clearWeights().addAllWeights(weighted.weightsList.map(::canonical)))
            ModeCase.PERCENT -> {
                val percents = percent.percentsList.map { it.toBuilder().setMemberId(it.memberId.lowercase()).build() }
                setPercent(percent.toBuilder().clearPercents().addAllPercents(percents))
            }
            ModeCase.ADJUSTED -> setAdjusted(adjusted.toBuilder().clearExtras().addAllExtras(adjusted.extrasList.map(::canonical)))
            ModeCase.ITEMISED -> {
                val lines = itemised.linesList.map { line ->
                    line.toBuilder().clearWeights().addAllWeights(line.weightsList.map(::canonical)).build()
                }
                setItemised(itemised.toBuilder().clearLines().addAllLines(lines))
            }
            else -> Unit
        }
    }

private fun canonical(amount: MemberAmount): MemberAmount = amount.toBuilder().setMemberId(amount.memberId.lowercase()).build()

private fun canonical(weight: MemberWeight): MemberWeight = weight.toBuilder().setMemberId(weight.memberId.lowercase()).build()

/** By the group's weights, of those who are in; equally among all of them if it has none that tell. */
internal fun defaultSplit(group: Group, present: List<String>): ExpenseSplit {
    val told = group.defaultSplitList.filter { it.memberId in present }
    val parts =
        if (told.any { it.weight > 0 }) told
        else present.map { MemberWeight.newBuilder().setMemberId(it).setWeight(1).build() }
    val isEqual = parts.distinctBy { it.weight }.size <= 1
    return ExpenseSplit.newBuilder().build {
        if (isEqual) setEqual(EqualSplit.newBuilder().addAllMemberIds(parts.map { it.memberId }))
        else setWeighted(WeightedSplit.newBuilder().addAllWeights(parts))
    }
}

private fun amountsOf(amounts: List<MemberAmount>): Map<String, Long> = eachOnce(amounts.map { it.memberId to it.minor })

private fun weightsOf(weights: List<MemberWeight>): Map<String, Long> = eachOnce(weights.map { it.memberId to it.weight })

/** Nobody is named twice in one place: which of the two was meant could not be told. */
private fun eachOnce(parts: List<Pair<String, Long>>): Map<String, Long> {
    val found = parts.associate { (memberId, part) -> memberId.lowercase() to part }
    refuseIf(found.size < parts.size) { "somebody is named twice" }
    return found
}
