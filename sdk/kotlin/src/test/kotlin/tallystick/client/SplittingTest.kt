/** Does everybody bear what they bear everywhere? By the vectors that all SDKs and the server read, and by what always holds. */
package tallystick.client

import com.google.gson.JsonObject
import java.math.BigInteger
import java.security.MessageDigest
import java.util.UUID
import kotlin.random.Random
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue

class SplittingTest {
    private val vectors = vectors("allocations.json")
    private val members = vectors.getAsJsonObject("members")

    private fun idOf(name: String): String = if (members.has(name)) members.text(name) else name

    private fun parts(told: JsonObject): Map<String, BigInteger> =
        told.entrySet().associate { (name, part) -> idOf(name) to BigInteger(part.asString) }

    private fun JsonObject.parts(name: String): Map<String, Long> = parts(getAsJsonObject(name)).mapValues { it.value.toLong() }

    private fun JsonObject.number(name: String): Long = if (has(name)) text(name).toLong() else 0

    private fun specOf(told: JsonObject): SplitSpec =
        when (val mode = told.text("mode")) {
            "equal" -> SplitSpec.Equal(told.getAsJsonArray("memberIds").map { idOf(it.asString) })
            "exact" -> SplitSpec.Exact(told.parts("amounts"))
            "weighted" -> SplitSpec.Weighted(told.parts("weights"))
            "percent" -> SplitSpec.Percent(told.parts("basisPoints"))
            "adjusted" -> SplitSpec.Adjusted(told.parts("extras"))
            "itemised" -> {
                val lines = told.getAsJsonArray("lines").map { it.asJsonObject }.map { Line(it.number("amountMinor"), it.parts("weights")) }
                SplitSpec.Itemised(lines, told.number("taxMinor"), told.number("tipMinor"), told.number("discountMinor"))
            }
            else -> error(mode)
        }

    /** The call gives the shares of the case, in their order, or is refused as the case says. */
    private fun says(case: JsonObject, name: String, call: () -> Map<String, Long>) {
        if (case.has("unbalanced")) {
            val told = case.getAsJsonObject("unbalanced")
            val thrown = assertFailsWith<DoesNotAddUp>(name) { call() }
            val said = listOf(thrown.expected, thrown.actual, thrown.difference).map { "$it" }
            assertEquals(listOf("expected", "actual", "difference").map(told::text), said, name)
        } else if (case.has("refused")) {
            val thrown = assertFailsWith<RuntimeException>(name) { call() }
            assertTrue(thrown is IllegalArgumentException || thrown is ArithmeticException, "$name: $thrown")
        } else {
            assertEquals(case.parts("shares").toList(), call().toList(), name)
        }
    }

    @Test
    fun `the lot is the hash of both ids`() {
        for (case in vectors.cases("lots")) assertEquals(case.text("sha256"), lot(case.text("expenseId"), case.text("memberId")))
        repeat(100) {
            val (expenseId, memberId) = UUID.randomUUID() to UUID.randomUUID()
            val bytes = BigInteger("1" + "$expenseId$memberId".replace("-", ""), 16).toByteArray().drop(1).toByteArray()
            val hash = BigInteger(1, MessageDigest.getInstance("SHA-256").digest(bytes)).toString(16).padStart(64, '0')
            assertEquals(hash, lot("$expenseId".uppercase(), "$memberId"))
        }
        assertFailsWith<IllegalArgumentException> { lot("no id", "$UUID_ONE") }
    }

    @Test
    fun `amounts are divided as the vectors say`() {
        assertEquals(vectors.get("ruleVersion").asInt, SPLIT_RULE_VERSION)
        for (case in vectors.cases("allocate")) {
            says(case, case.text("name")) {
                allocateShares(case.text("amount").toLong(), parts(case.getAsJsonObject("weights")), case.text("expenseId"))
            }
        }
    }

    @Test
    fun `expenses are split as the vectors say, also in the currency of the group`() {
        for (case in vectors.cases("split")) {
            val (amount, id, name) = Triple(case.number("amount"), case.text("expenseId"), case.text("name"))
            val spec = specOf(case.getAsJsonObject("spec"))
            says(case, name) { splitExpense(amount, spec, id) }
            val converted = case.getAsJsonObject("converted") ?: continue
            says(converted, name) { allocateShares(converted.number("amount"), weightsOf(amount, spec), id) }
        }
    }

    @Test
    fun `refunds give back what the vectors say`() {
        for (case in vectors.cases("refund")) {
            says(case, case.text("name")) { refundShares(case.number("amount"), case.parts("left"), case.text("refundId")) }
        }
    }

    @Test
    fun `any shares add up, and nobody bears a unit more or less than is exact`() {
        val random = Random(3)
        repeat(500) {
            val amount = random.nextLong().coerceAtLeast(-Long.MAX_VALUE).takeIf { it != 0L } ?: 1
            val drawn = List(random.nextInt(1, 9)) { newId() to random.nextLong(0, Long.MAX_VALUE).shr(random.nextInt(63)).toBigInteger() }
            val given = drawn.toMap() + (newId() to BigInteger.ONE)
            val id = newId()
            val shares = allocateShares(amount, given, id)
            assertEquals(amount.toBigInteger(), shares.values.fold(BigInteger.ZERO) { sum, share -> sum + share.toBigInteger() })
            assertEquals(given.keys.sorted(), shares.keys.toList())
            val total = given.values.fold(BigInteger.ZERO, BigInteger::add)
            for ((member, share) in shares) {
                val off = share.toBigInteger() * total - amount.toBigInteger() * given.getValue(member)
                assertTrue(off.abs() < total, "$amount $given $member")
            }
            // In whatever order they are named, and below zero as above it.
            assertEquals(shares, allocateShares(amount, given.toList().shuffled(random).toMap(), id))
            assertEquals(shares.mapValues { -it.value }, allocateShares(-amount, given, id))
        }
    }

    @Test
    fun `refunds one after the other give back all of it and no more`() {
        val random = Random(5)
        repeat(500) {
            var left = splitExpense(random.nextLong(1, 100_000), SplitSpec.Equal(List(random.nextInt(1, 6)) { newId() }), newId())
            while (left.values.sum() > 0) {
                val back = refundShares(random.nextLong(1, left.values.sum() + 1), left, newId())
                left = left.mapValues { (member, share) -> share + back.getValue(member) }
                assertTrue(left.values.all { it >= 0 }, "$left")
            }
            assertTrue(left.values.all { it == 0L }, "$left")
        }
    }
}

private val UUID_ONE = UUID(0, 1)
