/** What does a device show of a group whose commands wait? As the server would have it. */
package tallystick.client.offline

import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import tallystick.client.balancesOf
import tallystick.client.build
import tallystick.client.newId
import tallystick.v1.AddCommentRequest
import tallystick.v1.AddGuestRequest
import tallystick.v1.ArchiveGroupRequest
import tallystick.v1.BatchCreateExpensesRequest
import tallystick.v1.CancelSettlementPlanRequest
import tallystick.v1.ConfirmSettlementRequest
import tallystick.v1.CreateExpenseRequest
import tallystick.v1.CreateRecurringExpenseRequest
import tallystick.v1.DeleteCommentRequest
import tallystick.v1.DeleteExpenseRequest
import tallystick.v1.DeleteRecurringExpenseRequest
import tallystick.v1.DisputeSettlementRequest
import tallystick.v1.ExpenseDraft
import tallystick.v1.ExpenseKind
import tallystick.v1.ExpenseSplit
import tallystick.v1.Group
import tallystick.v1.GroupLink
import tallystick.v1.LockPeriodRequest
import tallystick.v1.Member
import tallystick.v1.MemberState
import tallystick.v1.MemberWeight
import tallystick.v1.Payer
import tallystick.v1.PlannedPayment
import tallystick.v1.RecordSettlementRequest
import tallystick.v1.ReopenPeriodRequest
import tallystick.v1.RestoreExpenseRequest
import tallystick.v1.RestoreRecurringExpenseRequest
import tallystick.v1.ReverseSettlementRequest
import tallystick.v1.Role
import tallystick.v1.Schedule
import tallystick.v1.SettlementPlan
import tallystick.v1.SettlementPlanState
import tallystick.v1.SettlementState
import tallystick.v1.SuggestedCurrency
import tallystick.v1.UnarchiveGroupRequest
import tallystick.v1.UpdateExpenseRequest
import tallystick.v1.UpdateGroupLinkRequest
import tallystick.v1.UpdateGroupRequest
import tallystick.v1.UpdateRecurringExpenseRequest

private const val DAY = "2026-02-03"

private fun draft(minor: Long, write: ExpenseDraft.Builder.() -> Unit = {}): ExpenseDraft =
    ExpenseDraft.newBuilder().build { bookedOn = DAY; amount = eur(minor); write() }

private fun expense(minor: Long, write: ExpenseDraft.Builder.() -> Unit = {}): CreateExpenseRequest =
    CreateExpenseRequest.newBuilder().setExpense(draft(minor, write)).build()

private fun change(id: String, write: ExpenseDraft.Builder.() -> Unit): UpdateExpenseRequest =
    UpdateExpenseRequest.newBuilder().setExpenseId(id).setChange(ExpenseDraft.newBuilder().build(write)).build()

private fun paying(write: RecordSettlementRequest.Builder.() -> Unit): RecordSettlementRequest =
    RecordSettlementRequest.newBuilder().build(write)

private fun weight(id: String, weight: Long): MemberWeight = MemberWeight.newBuilder().setMemberId(id).setWeight(weight).build()

class GroupsTest {
    private val user = newId()
    private val screen = Screen(user)
    private val ann = member("Ann", MemberState.MEMBER_STATE_ACTIVE) { userId = user; role = Role.ROLE_OWNER }
    private val gus = member("Gus", MemberState.MEMBER_STATE_GUEST)
    private val hal = member("Hal", MemberState.MEMBER_STATE_GUEST)
    private val plan = newId()

    /** A group of Ann, whose device it is, and two guests, with a plan that Gus pays Ann and Hal pays Ann. */
    init {
        val group = Group.newBuilder().build { id = screen.id; name = "Trip"; defaultCurrency = "EUR"; timeZone = "Asia/Tokyo" }
        screen.know(Kinds.EXPENSE_GROUP, group)
        val payments = listOf(gus, hal).mapIndexed { index, from ->
            PlannedPayment.newBuilder().build { line = index; fromMemberId = from; toMemberId = ann; amount = eur(1_000) }
        }
        val planned = SettlementPlan.newBuilder().build {
            id = plan
            state = SettlementPlanState.SETTLEMENT_PLAN_STATE_OPEN
            addCurrencies(SuggestedCurrency.newBuilder().setCurrency("EUR").addAllPayments(payments))
        }
        screen.know(Kinds.SETTLEMENT_PLAN, planned)
    }

    private fun member(name: String, state: MemberState, write: Member.Builder.() -> Unit = {}): String {
        val member = Member.newBuilder().build { id = newId(); displayName = name; this.state = state; write() }
        screen.know(Kinds.MEMBER, member)
        return member.id
    }

    private fun netOf(memberId: String, asOf: String = ""): Long? =
        balancesOf(screen.list(Kinds.EXPENSE), screen.list(Kinds.SETTLEMENT), asOf).singleOrNull()?.nets?.get(memberId)

    @Test
    fun `an expense is shared before it is sent, and balances follow`() {
        val (id) = screen.act(expense(1_000) { description = "Dinner" })
        val made = assertNotNull(screen.get(Kinds.EXPENSE, id))
        assertEquals(Triple(screen.id, 3, ann), Triple(made.groupId, made.sharesCount, made.getPayers(0).memberId))
        assertEquals(1_000 - made.sharesList.single { it.memberId == ann }.owedMinor, netOf(ann))
        screen.act(change(id.uppercase()) { amount = eur(3_000) })
        assertEquals(2_000, netOf(ann))
        assertNull(netOf(ann, "2026-02-02"))
        screen.act(expense(300) { kind = ExpenseKind.EXPENSE_KIND_REFUND; refundOfId = id })
        assertEquals(1_800, netOf(ann))
        // What has refunds stays.
        screen.refuses(DeleteExpenseRequest.newBuilder().setExpenseId(id).build(), change(id) { amount = eur(5) })
    }

    @Test
    fun `expenses come together, go and come back`() {
        val drafts = listOf(draft(7), draft(2) { importKey = "key" })
        val ids = screen.act(BatchCreateExpensesRequest.newBuilder().addAllExpenses(drafts).build())
        assertEquals(ids.toSet(), screen.list(Kinds.EXPENSE).map { it.id }.toSet())
        screen.act(DeleteExpenseRequest.newBuilder().setExpenseId(ids[1]).build())
        assertNull(screen.get(Kinds.EXPENSE, ids[1]))
        screen.act(RestoreExpenseRequest.newBuilder().setExpenseId(ids[1]).build())
        assertNotNull(screen.get(Kinds.EXPENSE, ids[1]))
        screen.refuses(
            expense(0),
            expense(5) { importKey = "key" },
            expense(5) { bookedOn = "2026-02-30" },
            expense(5) { addPayers(Payer.newBuilder().setMemberId(newId()).setMinor(5)) },
            expense(5) { addPayers(Payer.newBuilder().setMemberId(gus).setMinor(4)) },
            expense(5) { split = ExpenseSplit.getDefaultInstance() },
            CreateExpenseRequest.getDefaultInstance(),
        )
    }

    @Test
    fun `settlements, and the plan that they pay`() {
        fun stateOf(id: String) = screen.get(Kinds.SETTLEMENT, id)?.state
        fun planState() = screen.get(Kinds.SETTLEMENT_PLAN, plan)?.state
        val (given) = screen.act(paying { toMemberId = gus; amount = eur(10); bookedOn = DAY })
        assertEquals(10, netOf(ann))
        screen.act(ConfirmSettlementRequest.newBuilder().setSettlementId(given).build())
        assertEquals(SettlementState.SETTLEMENT_STATE_CONFIRMED, stateOf(given))
        screen.act(ReverseSettlementRequest.newBuilder().setSettlementId(given).build())
        screen.refuses(ConfirmSettlementRequest.newBuilder().setSettlementId(given).build())
        assertEquals(SettlementState.SETTLEMENT_STATE_REVERSED, stateOf(given))
        assertNull(netOf(ann))

        val (paid) = screen.act(paying { fromMemberId = gus; toMemberId = ann; planId = plan; planLine = 0 })
        assertEquals(SettlementPlanState.SETTLEMENT_PLAN_STATE_OPEN, planState())
        val (last) = screen.act(paying { fromMemberId = hal; toMemberId = ann; planId = plan; planLine = 1 })
        assertEquals(SettlementPlanState.SETTLEMENT_PLAN_STATE_DONE, planState())
        // Noon in UTC is still the same day in Tokyo.
        assertEquals(DAY, screen.get(Kinds.SETTLEMENT, paid)?.bookedOn)
        screen.act(DisputeSettlementRequest.newBuilder().setSettlementId(paid).setText(" no ").build())
        assertEquals("no", screen.get(Kinds.SETTLEMENT, paid)?.dispute)
        val payments = screen.get(Kinds.SETTLEMENT_PLAN, plan)?.currenciesList?.single()?.paymentsList
        assertEquals(listOf("", last), payments?.map { it.settlementId })
        screen.act(CancelSettlementPlanRequest.newBuilder().setPlanId(plan).build())
        assertEquals(SettlementPlanState.SETTLEMENT_PLAN_STATE_CANCELLED, planState())
        screen.refuses(
            paying { toMemberId = ann; amount = eur(1) },
            paying { toMemberId = gus; amount = eur(0) },
            paying { toMemberId = gus; amount = eur(1); setPaid(eur(1)) },
            paying { toMemberId = gus; amount = eur(1); planLine = 0 },
            paying { toMemberId = gus; amount = eur(1); planId = plan },
            paying { fromMemberId = gus; toMemberId = ann; planId = plan; planLine = 0 },
        )
    }

    @Test
    fun `a group, its guests, and what is said in it`() {
        fun group() = screen.get(Kinds.EXPENSE_GROUP, screen.id)
        screen.act(UpdateGroupRequest.newBuilder().setName(" Hike ").setDescription(" up ").build())
        assertEquals("Hike" to "up", group()?.name to group()?.description)
        val (ivy) = screen.act(AddGuestRequest.newBuilder().setDisplayName(" Ivy ").build())
        assertEquals("Ivy", screen.get(Kinds.MEMBER, ivy)?.displayName)
        screen.act(UpdateGroupRequest.newBuilder().addDefaultSplit(weight(ivy.uppercase(), 2)).addDefaultSplit(weight(ann, 1)).build())
        val (id) = screen.act(expense(9))
        assertEquals(ExpenseSplit.ModeCase.WEIGHTED, screen.get(Kinds.EXPENSE, id)?.split?.modeCase)
        val (comment) = screen.act(AddCommentRequest.newBuilder().setExpenseId(id).setText(" Salty ").build())
        assertEquals(listOf("Salty" to ann), screen.list(Kinds.EXPENSE_COMMENT).map { it.text to it.memberId })
        screen.act(DeleteCommentRequest.newBuilder().setCommentId(comment).build())
        assertEquals(emptyList(), screen.list(Kinds.EXPENSE_COMMENT))
        screen.refuses(
            UpdateGroupRequest.newBuilder().addDefaultSplit(weight(ann, 0)).build(),
            UpdateGroupRequest.newBuilder().addDefaultSplit(weight(ann, 1)).addDefaultSplit(weight(ann.uppercase(), 1)).build(),
            UpdateGroupRequest.newBuilder().addDefaultSplit(weight(newId(), 1)).build(),
            UpdateGroupRequest.newBuilder().setName(" ").build(),
            AddCommentRequest.newBuilder().setExpenseId(id).setText(" ").build(),
            AddGuestRequest.newBuilder().setDisplayName(" ").build(),
        )
    }

    @Test
    fun `what is locked or archived stays as it is`() {
        val (id) = screen.act(expense(9))
        screen.act(LockPeriodRequest.newBuilder().setLockedUntil(DAY).build())
        screen.refuses(
            change(id) { amount = eur(8) },
            expense(1),
            LockPeriodRequest.newBuilder().setLockedUntil("2026-02-02").build(),
            LockPeriodRequest.getDefaultInstance(),
            ReopenPeriodRequest.newBuilder().setLockedUntil("2026-02-04").build(),
        )
        screen.act(change(id) { note = "described" })
        val kept = screen.get(Kinds.EXPENSE, id)
        assertEquals(9L to "described", kept?.amount?.minor to kept?.note)
        screen.act(ReopenPeriodRequest.getDefaultInstance())
        screen.act(ArchiveGroupRequest.getDefaultInstance())
        screen.refuses(expense(1), AddGuestRequest.newBuilder().setDisplayName("Kim").build(), change(id) { amount = eur(8) })
        screen.act(UnarchiveGroupRequest.getDefaultInstance())
        screen.act(change(id) { amount = eur(8) })
        assertEquals(8, screen.get(Kinds.EXPENSE, id)?.amount?.minor)
    }

    @Test
    fun `what recurs has a draft that fits every day`() {
        val schedule = Schedule.newBuilder().setStartsOn("2030-01-01").setRule("FREQ=MONTHLY").build()
        val payer = Payer.newBuilder().setMemberId(ann.uppercase()).setMinor(5)
        val usual = ExpenseDraft.newBuilder().setAmount(eur(5)).addPayers(payer).build()
        val request = CreateRecurringExpenseRequest.newBuilder().setDraft(usual).setSchedule(schedule).build()
        val (id) = screen.act(request)
        assertEquals(ann, screen.get(Kinds.RECURRING_EXPENSE, id)?.draft?.getPayers(0)?.memberId)
        screen.act(UpdateRecurringExpenseRequest.newBuilder().setRecurringId(id).setPaused(true).build())
        screen.act(DeleteRecurringExpenseRequest.newBuilder().setRecurringId(id).build())
        assertNull(screen.get(Kinds.RECURRING_EXPENSE, id))
        screen.act(RestoreRecurringExpenseRequest.newBuilder().setRecurringId(id).build())
        assertEquals(true, screen.get(Kinds.RECURRING_EXPENSE, id)?.paused)
        screen.refuses(
            request.toBuilder().clearSchedule().build(),
            request.toBuilder().setDraft(usual.toBuilder().setBookedOn(DAY)).build(),
            request.toBuilder().setDraft(usual.toBuilder().clearPayers()).build(),
        )
    }

    @Test
    fun `a book follows a group`() {
        val link = GroupLink.newBuilder().setId(newId()).setGroupId(newId()).build()
        screen.know(Kinds.GROUP_LINK, link)
        val account = newId()
        screen.act(UpdateGroupLinkRequest.newBuilder().setLinkId(link.id).setPaidFromAccountId(account.uppercase()).build())
        assertEquals(account, screen.get(Kinds.GROUP_LINK, link.id)?.paidFromAccountId)
    }
}
