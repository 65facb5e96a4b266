/** What does a device show of budgets whose commands wait? As the server would have them, by the vectors and by its rules. */
package tallystick.client.offline

import com.google.protobuf.FieldMask
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNull
import tallystick.client.build
import tallystick.client.cases
import tallystick.client.messageIn
import tallystick.client.newId
import tallystick.client.text
import tallystick.client.vectors
import tallystick.v1.Account
import tallystick.v1.AssignMoneyRequest
import tallystick.v1.Book
import tallystick.v1.Budget
import tallystick.v1.BudgetLimit
import tallystick.v1.BudgetMode
import tallystick.v1.BudgetMode.BUDGET_MODE_ENVELOPE
import tallystick.v1.BudgetMode.BUDGET_MODE_LIMIT
import tallystick.v1.BudgetPeriods
import tallystick.v1.CategoryKind
import tallystick.v1.CopyBudgetRequest
import tallystick.v1.CopyForwardRequest
import tallystick.v1.CreateBudgetItemRequest
import tallystick.v1.CreateBudgetRequest
import tallystick.v1.CreateCategoryRequest
import tallystick.v1.CreateTransactionRequest
import tallystick.v1.DeleteBudgetItemRequest
import tallystick.v1.DeleteCategoryRequest
import tallystick.v1.ListedPeriod
import tallystick.v1.ListedPeriods
import tallystick.v1.MergeCategoriesRequest
import tallystick.v1.Money
import tallystick.v1.MonthPeriods
import tallystick.v1.MoveMoneyRequest
import tallystick.v1.RestoreBudgetItemRequest
import tallystick.v1.Rollover
import tallystick.v1.TransactionKind
import tallystick.v1.UpdateBudgetItemRequest
import tallystick.v1.UpdateBudgetRequest
import tallystick.v1.WeekPeriods
import tallystick.v1.Weekday

private fun monthly(months: Int = 1): BudgetPeriods =
    BudgetPeriods.newBuilder().setMonths(MonthPeriods.newBuilder().setMonths(months)).build()

private fun listed(from: String, until: String): BudgetPeriods =
    ListedPeriod.newBuilder().setFromOn(from).setUntilOn(until).let { span ->
        BudgetPeriods.newBuilder().setListed(ListedPeriods.newBuilder().addSpans(span)).build()
    }

private fun plan(write: CreateBudgetRequest.Builder.() -> Unit): CreateBudgetRequest =
    CreateBudgetRequest.newBuilder().build { name = "x"; mode = BUDGET_MODE_LIMIT; periods = monthly(); startsOn = "2026-01-01"; write() }

private fun item(write: CreateBudgetItemRequest.Builder.() -> Unit): CreateBudgetItemRequest =
    CreateBudgetItemRequest.newBuilder().build { name = "x"; write() }

private fun mask(path: String): FieldMask = FieldMask.newBuilder().addPaths(path).build()

class BudgetsTest {
    private val screen = Screen()
    private val food = category("Food")
    private val snacks = category("Snacks")
    private val pay = category("Pay", CategoryKind.CATEGORY_KIND_INCOME)
    private val months: String
    private val jars: String
    private val one: String
    private val two: String

    /** A book with categories, a budget with limits, and one with two envelopes. */
    init {
        val book = Book.newBuilder().build {
            id = screen.id
            baseCurrency = "EUR"
            firstDayOfWeek = Weekday.WEEKDAY_SUNDAY
            firstDayOfMonth = 15
        }
        screen.know(Kinds.BOOK, book)
        months = screen.act(plan { name = "Plan"; startsOn = "2026-01-31" }).single()
        jars = screen.act(plan { name = "Jars"; mode = BUDGET_MODE_ENVELOPE; startsOn = "2026-01-31" }).single()
        one = screen.act(item { budgetId = jars; addCategoryIds(food) }).single()
        two = screen.act(item { budgetId = jars; addCategoryIds(food) }).single()
    }

    private fun category(name: String, kind: CategoryKind = CategoryKind.CATEGORY_KIND_EXPENSE): String =
        screen.act(CreateCategoryRequest.newBuilder().setName(name).setKind(kind).build()).single()

    private fun assign(write: AssignMoneyRequest.Builder.() -> Unit): AssignMoneyRequest =
        AssignMoneyRequest.newBuilder().build { budgetId = jars; itemId = one; amount = eur(1); on = "2026-01-20"; write() }

    private fun move(write: MoveMoneyRequest.Builder.() -> Unit): MoveMoneyRequest =
        MoveMoneyRequest.newBuilder().build { budgetId = jars; fromItemId = one; amount = eur(1); on = "2026-01-20"; write() }

    @Test
    fun `periods hold the days that the vectors say`() {
        for (case in vectors("budgets.json").cases("periods")) {
            val budget = Budget.newBuilder().build {
                periods = messageIn(case.getAsJsonObject("periods"), BudgetPeriods.getDefaultInstance())
                startsOn = case.text("startsOn")
            }
            for ((day, span) in case.getAsJsonObject("days").entrySet()) {
                val name = "${case.text("name")}: $day"
                if (span.isJsonNull) assertFailsWith<Inapplicable>(name) { periodOf(budget, day) }
                else assertEquals(span.asJsonArray.map { it.asString }, periodOf(budget, day).let { listOf(it.fromOn, it.untilOn) }, name)
            }
        }
    }

    @Test
    fun `a budget keeps what it leaves to the book`() {
        val plan = screen.get(Kinds.BUDGET, months)
        assertEquals("EUR" to "2026-01-15", plan?.currency to plan?.periods?.months?.anchorOn)
        val fortnights = BudgetPeriods.newBuilder().setWeeks(WeekPeriods.newBuilder().setWeeks(2)).build()
        val (id) = screen.act(plan { periods = fortnights; clearStartsOn() })
        val weekly = checkNotNull(screen.get(Kinds.BUDGET, id))
        assertEquals("2026-02-03", weekly.startsOn)
        assertEquals("2026-02-03" to Weekday.WEEKDAY_SUNDAY, weekly.periods.weeks.anchorOn to weekly.periods.weeks.firstDay)
        assertEquals("2026-02-01", periodOf(weekly, "2026-02-14").fromOn)
    }

    @Test
    fun `a copy has the items, and nothing assigned`() {
        screen.act(UpdateBudgetRequest.newBuilder().setBudgetId(jars).setOpening(eur(5)).build())
        val (again) = screen.act(CopyBudgetRequest.newBuilder().build { budgetId = jars; name = " Again "; startsOn = "2026-03-01" })
        val copy = checkNotNull(screen.get(Kinds.BUDGET, again))
        val told = listOf(copy.name, copy.hasOpening(), copy.startsOn, copy.mode)
        assertEquals(listOf("Again", false, "2026-03-01", BUDGET_MODE_ENVELOPE), told)
        val items = screen.list(Kinds.BUDGET_ITEM).filter { it.budgetId == again }.map { it.id }
        assertEquals(setOf(idFollowing(again, one), idFollowing(again, two)), items.toSet())
    }

    @Test
    fun `money is assigned, moved, and copied forward once`() {
        fun moves() = screen.list(Kinds.BUDGET_MOVE).map { listOf(it.periodFromOn, it.fromItemId, it.toItemId, it.amount.minor) }.toSet()
        screen.act(assign { amount = eur(10) })
        screen.act(assign { itemId = two; amount = eur(-3); on = "2026-02-14" })
        screen.act(move { toItemId = two; amount = eur(4) })
        val first = setOf(listOf("2026-01-15", "", one, 10L), listOf("2026-01-15", two, "", 3L), listOf("2026-01-15", one, two, 4L))
        assertEquals(first, moves())
        for (day in listOf("2026-02-15", "2026-03-14")) {
            screen.act(CopyForwardRequest.newBuilder().build { budgetId = jars; fromOn = "2026-01-15"; toOn = day })
        }
        assertEquals(first + setOf(listOf("2026-02-15", "", one, 6L), listOf("2026-02-15", "", two, 1L)), moves())
        assertEquals(5, screen.list(Kinds.BUDGET_MOVE).size)
    }

    @Test
    fun `an item has one form, and comes back without the categories that are gone`() {
        val (id) = screen.act(
            item {
                budgetId = months
                name = " Food "
                addAllCategoryIds(listOf(snacks, food, snacks.uppercase()))
                addLimits(BudgetLimit.newBuilder().setFromOn("2026-03-01").setAmount(eur(30)))
                addLimits(BudgetLimit.newBuilder().setAmount(eur(0)))
                addAllThresholdsBp(listOf(2, 1))
            }
        )
        val item = checkNotNull(screen.get(Kinds.BUDGET_ITEM, id))
        assertEquals("Food" to listOf(food, snacks).sorted(), item.name to item.categoryIdsList.toList())
        assertEquals(listOf("", "2026-03-01") to listOf(1, 2), item.limitsList.map { it.fromOn } to item.thresholdsBpList.toList())
        screen.act(DeleteBudgetItemRequest.newBuilder().setBudgetId(months).setItemId(id).build())
        assertNull(screen.get(Kinds.BUDGET_ITEM, id))
        screen.act(DeleteCategoryRequest.newBuilder().setCategoryId(snacks).build())
        screen.act(RestoreBudgetItemRequest.newBuilder().setBudgetId(months).setItemId(id).build())
        assertEquals(listOf(food), screen.get(Kinds.BUDGET_ITEM, id)?.categoryIdsList?.toList())
    }

    @Test
    fun `whatever has a category that is merged gets the other`() {
        val account = newId()
        screen.know(Kinds.ACCOUNT, Account.newBuilder().setId(account).setCurrency("EUR").build())
        val (below) = screen.act(
            CreateCategoryRequest.newBuilder().build { name = "Below"; kind = CategoryKind.CATEGORY_KIND_EXPENSE; parentId = snacks }
        )
        val (both) = screen.act(item { budgetId = months; addAllCategoryIds(listOf(snacks, food)) })
        val (spent) = screen.act(
            CreateTransactionRequest.newBuilder().build {
                kind = TransactionKind.TRANSACTION_KIND_EXPENSE
                accountId = account
                amount = eur(5)
                bookedOn = "2026-02-03"
                categoryId = snacks
            }
        )
        screen.act(MergeCategoriesRequest.newBuilder().setCategoryId(snacks).setIntoCategoryId(food).build())
        assertEquals(listOf(food), screen.get(Kinds.BUDGET_ITEM, both)?.categoryIdsList?.toList())
        assertEquals(food, screen.get(Kinds.CATEGORY, below)?.parentId)
        assertEquals(food, screen.get(Kinds.TRANSACTION, spent)?.getEntries(0)?.categoryId)
        assertNull(screen.get(Kinds.CATEGORY, snacks))
    }

    @Test
    fun `budgets that the server would refuse are not shown`() {
        val francs = Money.newBuilder().setCurrency("CHF").setMinor(1).build()
        screen.refuses(
            plan { startsOn = "2026-02-30" },
            plan { name = " " },
            plan { opening = eur(1) },
            plan { mode = BUDGET_MODE_ENVELOPE; opening = francs },
            plan { rollover = Rollover.newBuilder().setSurplusMax(eur(1)).build() },
            plan { addAllThresholdsBp(listOf(1, 1)) },
            plan { startsOn = "9999-12-31" },
            plan { mode = BudgetMode.BUDGET_MODE_UNSPECIFIED },
            plan { periods = BudgetPeriods.getDefaultInstance() },
            plan { periods = monthly(61) },
            plan { periods = listed("2026-01-02", "2026-01-01") },
            plan { periods = listed("2025-01-02", "2025-01-03") },
            UpdateBudgetRequest.newBuilder().setBudgetId(months).setUpdateMask(mask("mode")).build(),
            CopyBudgetRequest.newBuilder().setBudgetId(months).setStartsOn("2026-13-01").build(),
        )
    }

    @Test
    fun `items and moves that the server would refuse are not shown`() {
        val wrongLimit = BudgetLimit.newBuilder().setAmount(eur(-1))
        screen.refuses(
            item { budgetId = months },
            item { budgetId = months; addCategoryIds(pay) },
            item { budgetId = months; addCategoryIds(food); addLimits(wrongLimit) },
            UpdateBudgetItemRequest.newBuilder().build { budgetId = months; itemId = one; name = "of another budget" },
            assign { amount = eur(0) },
            assign { clearAmount() },
            assign { budgetId = months },
            assign { on = "2026-01-14" },
            assign { on = "2126-02-01" },
            assign { itemId = food },
            move { toItemId = one },
            move { toItemId = two; amount = eur(-1) },
            CopyForwardRequest.newBuilder().build { budgetId = jars; fromOn = "2026-01-20"; toOn = "2026-01-21" },
            MergeCategoriesRequest.newBuilder().setCategoryId(food).setIntoCategoryId(pay).build(),
            MergeCategoriesRequest.newBuilder().setCategoryId(food).setIntoCategoryId(food).build(),
        )
        screen.act(assign {})
        val forward = CopyForwardRequest.newBuilder().build { budgetId = jars; fromOn = "2026-01-20"; toOn = "2026-02-21" }
        screen.refuses(forward.toBuilder().setRequestId("no id").build())
    }
}
