/** Who owes whom? By the vectors that all SDKs and the server read, and by what always holds. */
package tallystick.client

import com.google.gson.JsonObject
import kotlin.random.Random
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import tallystick.v1.Expense
import tallystick.v1.ExpenseKind
import tallystick.v1.Money
import tallystick.v1.Settlement
import tallystick.v1.SettlementState
import tallystick.v1.Share

private fun JsonObject.objects(name: String): List<JsonObject> = getAsJsonArray(name)?.map { it.asJsonObject }.orEmpty()

private fun eur(minor: Long): Money = Money.newBuilder().setCurrency("EUR").setMinor(minor).build()

class BalancesTest {
    private val cases = vectors("balances.json").cases("cases")

    @Test
    fun `balances are what the vectors say`() {
        for (case in cases) {
            val expenses = case.objects("expenses").map { messageIn(it, Expense.getDefaultInstance()) }
            val settlements = case.objects("settlements").map { messageIn(it, Settlement.getDefaultInstance()) }
            val said = balancesOf(expenses, settlements, case.get("asOf")?.asString.orEmpty())
            val told = case.objects("balances").map { each ->
                val nets = each.getAsJsonObject("nets").entrySet().map { (memberId, net) -> memberId to net.asString.toLong() }
                val debts = each.objects("debts").map {
                    OpenDebt(it.text("fromMemberId"), it.text("toMemberId"), it.text("minor").toLong())
                }
                Triple(each.text("currency"), nets, debts)
            }
            assertEquals(told, said.map { Triple(it.currency, it.nets.toList(), it.debts) }, case.text("name"))
        }
    }

    @Test
    fun `whatever happened, nets come to nothing and debts to nets`() {
        val random = Random(11)
        val members = List(5) { newId() }
        repeat(300) {
            val expenses = List(random.nextInt(6)) { expense(random, members) }
            val settlements = List(random.nextInt(4)) { settlement(random, members) }
            val said = balancesOf(expenses, settlements)
            for (open in said) {
                assertEquals(0, open.nets.values.sum())
                assertTrue(open.debts.all { it.minor > 0 && it.fromMemberId != it.toMemberId })
                val nets = members.associateWith { id ->
                    open.debts.sumOf { if (it.toMemberId == id) it.minor else if (it.fromMemberId == id) -it.minor else 0 }
                }
                assertEquals(nets.filterValues { it != 0L }, open.nets)
            }
            assertEquals(said, balancesOf(expenses.shuffled(random), settlements.shuffled(random)))
        }
    }

    private fun expense(random: Random, members: List<String>): Expense {
        val amount = random.nextLong(1, 10_000)
        val id = newId()
        val owed = splitExpense(amount, SplitSpec.Equal(members.shuffled(random).take(random.nextInt(1, 6))), id)
        val paid = splitExpense(amount, SplitSpec.Equal(members.shuffled(random).take(random.nextInt(1, 4))), id)
        val kinds = listOf(ExpenseKind.EXPENSE_KIND_EXPENSE, ExpenseKind.EXPENSE_KIND_REFUND, ExpenseKind.EXPENSE_KIND_INCOME)
        return Expense.newBuilder().build {
            this.id = id
            this.amount = eur(amount)
            kind = kinds.random(random)
            for (member in (owed.keys + paid.keys)) {
                addShares(Share.newBuilder().setMemberId(member).setOwedMinor(owed[member] ?: 0).setPaidMinor(paid[member] ?: 0))
            }
        }
    }

    private fun settlement(random: Random, members: List<String>): Settlement {
        val (from, to) = members.shuffled(random)
        return Settlement.newBuilder().build {
            fromMemberId = from
            toMemberId = to
            amount = eur(random.nextLong(1, 1_000))
            state = SettlementState.forNumber(random.nextInt(1, 5))
        }
    }
}
