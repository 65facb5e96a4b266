/** What does a waiting command do to settlements on the screen, and to the plans that they pay? */
package tallystick.client.offline

import com.google.protobuf.MessageLite
import tallystick.client.build
import tallystick.client.counts
import tallystick.v1.CancelSettlementPlanRequest
import tallystick.v1.ConfirmSettlementRequest
import tallystick.v1.DisputeSettlementRequest
import tallystick.v1.MemberState
import tallystick.v1.PlannedPayment
import tallystick.v1.RecordSettlementRequest
import tallystick.v1.ReverseSettlementRequest
import tallystick.v1.Role
import tallystick.v1.Settlement
import tallystick.v1.SettlementKind
import tallystick.v1.SettlementPlan
import tallystick.v1.SettlementPlanState
import tallystick.v1.SettlementState
import tallystick.v1.SettlementState.SETTLEMENT_STATE_CONFIRMED
import tallystick.v1.SettlementState.SETTLEMENT_STATE_DISPUTED
import tallystick.v1.SettlementState.SETTLEMENT_STATE_RECORDED
import tallystick.v1.SettlementState.SETTLEMENT_STATE_REVERSED

/** What there is no rule for leaves the view as it is. */
internal fun applyToSettlements(view: View, command: MessageLite, made: Made) {
    when (command) {
        is RecordSettlementRequest -> recordSettlement(view, command, made)
        is ConfirmSettlementRequest -> answer(view, command.settlementId, SETTLEMENT_STATE_CONFIRMED, "", made)
        is DisputeSettlementRequest -> answer(view, command.settlementId, SETTLEMENT_STATE_DISPUTED, command.text, made)
        is ReverseSettlementRequest -> reverse(view, command.settlementId, made)
        is CancelSettlementPlanRequest -> cancelPlan(view, command.planId)
    }
}

private fun recordSettlement(view: View, request: RecordSettlementRequest, made: Made) {
    if (view.find(Kinds.SETTLEMENT, request.settlementId) != null) return
    val group = groupIn(view, made)
    val fromId = request.fromMemberId.lowercase().ifEmpty { ownMember(view, made).id }
    val toId = request.toMemberId.lowercase()
    refuseIf(request.planId.isEmpty() == request.hasPlanLine()) { "a plan goes with one of its payments" }
    val planned = if (request.hasPlanLine()) requirePlanned(view, request, fromId, toId) else null
    val hasAmount = planned?.hasAmount() ?: request.hasAmount()
    refuseIf(!hasAmount) { "it needs an amount" }
    val moved = planned?.amount ?: request.amount
    val isPaidAlike = request.hasPaid() && request.paid.currency == moved.currency
    refuseIf(fromId == toId || moved.minor <= 0 || isPaidAlike) { "it goes from one to another, and moves something" }
    val settlement = Settlement.newBuilder().build {
        id = request.settlementId.lowercase()
        groupId = made.spaceId
        fromMemberId = fromId
        toMemberId = toId
        amount = moved
        if (request.hasPaid()) paid = request.paid
        bookedOn = if (request.bookedOn.isEmpty()) todayIn(group.timeZone, made.at) else requireDay(request.bookedOn)
        note = request.note.trim()
        kind = SettlementKind.SETTLEMENT_KIND_PAYMENT
        state = SETTLEMENT_STATE_RECORDED
        planId = request.planId.lowercase()
        planLine = request.planLine
        made.at?.let { createdAt = it }
    }
    requireIn(view, listOf(fromId, toId))
    requireUnlocked(group, settlement.bookedOn)
    mark(view, settlement)
    view.add(Kinds.SETTLEMENT, settlement)
}

/** Confirms or disputes it. */
private fun answer(view: View, settlementId: String, state: SettlementState, text: String, made: Made) {
    val before = view.require(Kinds.SETTLEMENT, settlementId)
    requirePayee(view, before.toMemberId, made)
    refuseIf(before.state == SETTLEMENT_STATE_REVERSED) { "it was reversed" }
    if (before.state != state) setState(view, before, state, text.trim(), made)
}

private fun reverse(view: View, settlementId: String, made: Made) {
    val before = view.require(Kinds.SETTLEMENT, settlementId)
    if (before.state != SETTLEMENT_STATE_REVERSED) setState(view, before, SETTLEMENT_STATE_REVERSED, before.dispute, made)
}

private fun cancelPlan(view: View, planId: String) {
    val plan = view.require(Kinds.SETTLEMENT_PLAN, planId)
    refuseIf(plan.state != SettlementPlanState.SETTLEMENT_PLAN_STATE_OPEN) { "it is done, or was cancelled" }
    view.put(Kinds.SETTLEMENT_PLAN, plan.toBuilder().build { state = SettlementPlanState.SETTLEMENT_PLAN_STATE_CANCELLED })
}

/** The payment of a plan that the request makes: all of it, by and to whom the plan says. */
private fun requirePlanned(view: View, request: RecordSettlementRequest, fromId: String, toId: String): PlannedPayment {
    val plan = view.require(Kinds.SETTLEMENT_PLAN, request.planId)
    val payment = needed(paymentsOf(plan).firstOrNull { it.line == request.planLine }, "a payment of the plan")
    val isOpen = payment.settlementId.isEmpty() && plan.state == SettlementPlanState.SETTLEMENT_PLAN_STATE_OPEN
    val isOther = request.hasAmount() && request.amount != payment.amount
    refuseIf(!isOpen || isOther) { "the plan says otherwise" }
    refuseIf(payment.fromMemberId != fromId || payment.toMemberId != toId) { "the plan names others" }
    return payment
}

/** Only whoever got it knows whether it arrived. For those who have no login, or are in the group no more, an owner says it. */
private fun requirePayee(view: View, memberId: String, made: Made) {
    val payee = view.require(Kinds.MEMBER, memberId)
    val own = ownMember(view, made)
    val isActive = payee.state == MemberState.MEMBER_STATE_ACTIVE
    val may = if (isActive) payee.id == own.id else own.role == Role.ROLE_OWNER
    refuseIf(!may) { "only whoever got it can say so" }
}

private fun setState(view: View, before: Settlement, state: SettlementState, dispute: String, made: Made) {
    val after = before.toBuilder().setState(state).setDispute(dispute).build()
    if (counts(before) != counts(after)) {
        requireUnlocked(groupIn(view, made), after.bookedOn)
        mark(view, after)
    }
    view.put(Kinds.SETTLEMENT, after)
}

/** The plan that it is a payment of, after it began to count or stopped. What another has paid meanwhile stays with that one. */
private fun mark(view: View, settlement: Settlement) {
    if (settlement.planId.isEmpty()) return
    val plan = view.require(Kinds.SETTLEMENT_PLAN, settlement.planId)
    val (before, after) = if (counts(settlement)) "" to settlement.id else settlement.id to ""
    val isMeant = { payment: PlannedPayment -> payment.line == settlement.planLine && payment.settlementId == before }
    if (paymentsOf(plan).none(isMeant)) return
    val marked = plan.toBuilder().build {
        currenciesList.forEachIndexed { index, currency ->
            val payments = currency.paymentsList.map { if (isMeant(it)) it.toBuilder().setSettlementId(after).build() else it }
            setCurrencies(index, currency.toBuilder().clearPayments().addAllPayments(payments))
        }
    }
    view.put(Kinds.SETTLEMENT_PLAN, marked.toBuilder().build { if (!isCancelled(marked)) state = stateOf(marked) })
}

private fun isCancelled(plan: SettlementPlan): Boolean = plan.state == SettlementPlanState.SETTLEMENT_PLAN_STATE_CANCELLED

private fun stateOf(plan: SettlementPlan): SettlementPlanState {
    val isDone = paymentsOf(plan).all { it.settlementId.isNotEmpty() }
    return if (isDone) SettlementPlanState.SETTLEMENT_PLAN_STATE_DONE else SettlementPlanState.SETTLEMENT_PLAN_STATE_OPEN
}

private fun paymentsOf(plan: SettlementPlan): List<PlannedPayment> = plan.currenciesList.flatMap { it.paymentsList }
