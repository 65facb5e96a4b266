/** Is money exact, and the same as in every other SDK? By the vectors that all of them read. */
package tallystick.client

import com.google.gson.JsonObject
import com.google.gson.JsonParser
import java.io.File
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue
import tallystick.v1.Money

fun vectors(name: String): JsonObject = JsonParser.parseString(File(System.getProperty("vectors"), name).readText()).asJsonObject

fun JsonObject.cases(name: String): List<JsonObject> = getAsJsonArray(name).map { it.asJsonObject }.also { assertTrue(it.isNotEmpty()) }

fun JsonObject.text(name: String): String = get(name).asString

private fun money(currency: String, minor: String): Money = Money.newBuilder().setCurrency(currency).setMinor(minor.toLong()).build()

private val JsonObject.isError: Boolean get() = has("error")

private fun assertRefused(case: JsonObject, act: () -> Unit) {
    val thrown = assertFailsWith<RuntimeException>("$case") { act() }
    assertTrue(thrown is IllegalArgumentException || thrown is ArithmeticException, "$case: $thrown")
}

class MoneyTest {
    private val vectors = vectors("money.json")

    @Test
    fun `amounts are read`() {
        for (case in vectors.cases("parse")) {
            val read = { parseMoney(case.text("decimal"), case.text("currency")) }
            if (case.isError) {
                assertRefused(case) { read() }
            } else {
                assertEquals(money(case.text("currency"), case.text("minor")), read(), "$case")
            }
        }
    }

    @Test
    fun `amounts are written`() {
        for (case in vectors.cases("format")) {
            assertEquals(case.text("decimal"), money(case.text("currency"), case.text("minor")).toDecimal(), "$case")
        }
    }

    @Test
    fun `amounts are added`() {
        for (case in vectors.cases("add")) {
            val amounts = case.getAsJsonArray("minors").map { money(case.text("currency"), it.asString) }
            val add = { addMoney(amounts.first(), *amounts.drop(1).toTypedArray()) }
            if (case.isError) assertRefused(case) { add() } else assertEquals(case.text("sum").toLong(), add().minor, "$case")
        }
        assertFailsWith<IllegalArgumentException> { addMoney(money("EUR", "1"), money("USD", "1")) }
    }

    @Test
    fun `amounts are divided`() {
        for (case in vectors.cases("allocate")) {
            val weights = case.getAsJsonArray("weights").map { it.asLong }
            val divide = { money("EUR", case.text("minor")).allocate(weights) }
            if (case.isError) {
                assertRefused(case) { divide() }
            } else {
                assertEquals(case.getAsJsonArray("parts").map { it.asLong }, divide().map { it.minor }, "$case")
            }
        }
    }

    @Test
    fun `any parts add up to the whole`() {
        val random = kotlin.random.Random(7)
        repeat(2_000) {
            val whole = money("EUR", random.nextLong().toString())
            val weights = List(random.nextInt(1, 8)) { random.nextLong(0, Long.MAX_VALUE) shr random.nextInt(63) } + 1L
            val parts = whole.allocate(weights)
            assertEquals(whole.minor.toBigInteger(), parts.fold(0.toBigInteger()) { sum, part -> sum + part.minor.toBigInteger() })
            assertEquals(whole, parseMoney(whole.toDecimal(), "EUR"))
        }
    }
}
