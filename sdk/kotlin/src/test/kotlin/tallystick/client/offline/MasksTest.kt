/** Does an update touch what the server lets it touch, and nothing else? */
package tallystick.client.offline

import com.google.protobuf.ByteString
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import tallystick.client.build
import tallystick.v1.Budget
import tallystick.v1.BudgetItem
import tallystick.v1.BudgetLimit
import tallystick.v1.Rollover
import tallystick.v1.UpdateBudgetItemRequest
import tallystick.v1.UpdateBudgetRequest

private val CHANGEABLE = listOf("name", "position", "category_ids", "limits", "rollover", "thresholds_bp")

class MasksTest {
    private val request = UpdateBudgetItemRequest.newBuilder().build {
        itemId = "not changeable"
        name = "Food"
        addAllCategoryIds(listOf("one", "two"))
        addLimits(BudgetLimit.newBuilder().setFromOn("2026-01-01").setAmount(eur(5)))
        addAllThresholdsBp(listOf(1, 300))
    }

    @Test
    fun `a mask names fields, or all, or those that are not empty`() {
        assertEquals(listOf("name", "category_ids", "limits", "thresholds_bp"), touched(emptyList(), request, CHANGEABLE))
        assertEquals(CHANGEABLE, touched(listOf("*"), request, CHANGEABLE))
        assertEquals(listOf("name", "position"), touched(listOf("position", "name"), request, CHANGEABLE))
        assertFailsWith<Inapplicable> { touched(listOf("item_id"), request, CHANGEABLE) }
        assertFailsWith<Inapplicable> { touched(listOf("name", "*"), request, CHANGEABLE) }
        // A message that is there is not empty, whatever is in it.
        val rolled = UpdateBudgetRequest.newBuilder().setRollover(Rollover.getDefaultInstance()).build()
        assertEquals(listOf("rollover"), touched(emptyList(), rolled, listOf("name", "rollover")))
    }

    @Test
    fun `the named fields are replaced, and no others`() {
        val before = BudgetItem.newBuilder().build {
            id = "kept"
            position = 3
            addCategoryIds("three")
            addAllThresholdsBp(listOf(7, 8, 9))
            rollover = Rollover.newBuilder().setSurplus(true).build()
        }
        val after = overlay(before, request, CHANGEABLE)
        val expected = BudgetItem.newBuilder().build {
            id = "kept"
            name = "Food"
            addAllCategoryIds(listOf("one", "two"))
            addLimits(BudgetLimit.newBuilder().setFromOn("2026-01-01").setAmount(eur(5)))
            addAllThresholdsBp(listOf(1, 300))
        }
        assertEquals(expected, after)
        assertEquals(before.toBuilder().setName("Food").build(), overlay(before, request, listOf("name")))
        assertEquals(before, overlay(before, request, emptyList()))
    }

    @Test
    fun `fields of a newer server stay`() {
        // Field 99, a number.
        val budget = Budget.parseFrom(ByteString.fromHex("98060a"))
        val renamed = overlay(budget, UpdateBudgetRequest.newBuilder().setName("x").build(), listOf("name"))
        assertEquals("x", renamed.name)
        assertEquals(budget, renamed.toBuilder().clearName().build())
        assertEquals(budget, withText(budget, "name", "x").toBuilder().clearName().build())
    }
}
