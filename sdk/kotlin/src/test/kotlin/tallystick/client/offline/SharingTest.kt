/** Do shared expenses become what they become everywhere? By the vectors that all SDKs and the server read. */
package tallystick.client.offline

import com.google.gson.JsonObject
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import tallystick.client.cases
import tallystick.client.messageIn
import tallystick.client.text
import tallystick.client.vectors
import tallystick.v1.Expense
import tallystick.v1.ExpenseDraft
import tallystick.v1.Group
import tallystick.v1.Member
import tallystick.v1.UpdateExpenseRequest

class SharingTest {
    private val vectors = vectors("expenses.json")
    private val made = Made(vectors.getAsJsonObject("group").text("id"), vectors.text("userId"), null)

    private fun viewOf(case: JsonObject): View {
        val view = View(Nothing)
        val group = vectors.getAsJsonObject("group").deepCopy()
        case.getAsJsonObject("group")?.entrySet()?.forEach { (name, value) -> group.add(name, value) }
        view.put(Kinds.EXPENSE_GROUP, messageIn(group, Group.getDefaultInstance()))
        for (each in vectors.cases("members")) view.put(Kinds.MEMBER, messageIn(each, Member.getDefaultInstance()))
        val known = case.getAsJsonArray("known")?.map { it.asJsonObject }.orEmpty() + listOfNotNull(case.getAsJsonObject("before"))
        for (each in known) view.put(Kinds.EXPENSE, messageIn(each, Expense.getDefaultInstance()))
        return view
    }

    private fun says(case: JsonObject, expected: String, compose: () -> Expense) {
        val name = case.text("name")
        if (case.has(expected)) assertEquals(messageIn(case.getAsJsonObject(expected), Expense.getDefaultInstance()), compose(), name)
        else assertFailsWith<Inapplicable>(name) { compose() }
    }

    @Test
    fun `expenses that somebody writes down`() {
        for (case in vectors.cases("create")) {
            val draft = messageIn(case.getAsJsonObject("draft"), ExpenseDraft.getDefaultInstance())
            val onto = Expense.newBuilder().setId(draft.expenseId).setGroupId(made.spaceId).build()
            says(case, "expense") { composeExpense(viewOf(case), draft, onto, made) }
        }
    }

    @Test
    fun `expenses that somebody changes`() {
        for (case in vectors.cases("change")) {
            val before = messageIn(case.getAsJsonObject("before"), Expense.getDefaultInstance())
            val update = messageIn(case.getAsJsonObject("update"), UpdateExpenseRequest.getDefaultInstance())
            says(case, "after") { changeExpense(viewOf(case), before, update, made) }
        }
    }
}
