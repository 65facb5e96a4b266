/** What does a waiting command do to settlements on the screen, and to the plans that they pay? */

import { create, equals } from "@bufbuild/protobuf";

import {
  type CancelSettlementPlanRequest,
  type PlannedPayment,
  type SettlementPlan,
  SettlementPlanSchema,
  SettlementPlanState,
} from "../gen/tallystick/v1/group_plans_pb.js";
import {
  type RecordSettlementRequest,
  type Settlement,
  SettlementKind,
  SettlementSchema,
  SettlementState,
} from "../gen/tallystick/v1/group_settlements_pb.js";
import { MoneySchema } from "../gen/tallystick/v1/money_pb.js";
import { Role } from "../gen/tallystick/v1/role_pb.js";
import { MemberState } from "../gen/tallystick/v1/space_pb.js";
import type { Made } from "./applying_transactions.js";
import { require } from "./composing.js";
import { copyOf } from "./entities.js";
import { groupIn, ownMember, requireDay, requireIn, requireUnlocked, todayIn } from "./roster.js";
import { Inapplicable, type View } from "./view.js";

export function recordSettlement(view: View, request: RecordSettlementRequest, made: Made): void {
  const { settlementId, planId, planLine = 0, paid, bookedOn } = request;
  if (view.find("settlement", settlementId) !== undefined) {
    return;
  }
  const group = groupIn(view, made);
  const fromMemberId = request.fromMemberId.toLowerCase() || ownMember(view, made).id;
  const toMemberId = request.toMemberId.toLowerCase();
  if ((planId === "") !== (request.planLine === undefined)) {
    throw new Inapplicable("a plan goes with one of its payments");
  }
  const planned = planId ? requirePlanned(view, request, fromMemberId, toMemberId) : undefined;
  const amount = require(planned ? planned.amount : request.amount, "an amount");
  if (fromMemberId === toMemberId || amount.minor <= 0n || paid?.currency === amount.currency) {
    throw new Inapplicable("it goes from one to another, and moves something");
  }
  const settlement = create(SettlementSchema, {
    id: settlementId.toLowerCase(),
    groupId: made.spaceId,
    fromMemberId,
    toMemberId,
    amount,
    ...(paid && { paid }),
    bookedOn: bookedOn ? requireDay(bookedOn) : todayIn(group, made.at),
    note: request.note.trim(),
    kind: SettlementKind.PAYMENT,
    state: SettlementState.RECORDED,
    planId: planId.toLowerCase(),
    planLine,
    ...(made.at && { createdAt: made.at }),
  });
  requireIn(view, [fromMemberId, toMemberId]);
  requireUnlocked(group, settlement.bookedOn);
  mark(view, settlement);
  view.add("settlement", settlement);
}

/** Confirms or disputes it. */
export function answerSettlement(view: View, settlementId: string, state: SettlementState, text: string, made: Made): void {
  const before = view.require("settlement", settlementId);
  requirePayee(view, before.toMemberId, made);
  if (before.state === SettlementState.REVERSED) {
    throw new Inapplicable("it was reversed");
  }
  if (before.state !== state) {
    setState(view, before, state, text.trim(), made);
  }
}

export function reverseSettlement(view: View, settlementId: string, made: Made): void {
  const before = view.require("settlement", settlementId);
  if (before.state !== SettlementState.REVERSED) {
    setState(view, before, SettlementState.REVERSED, before.dispute, made);
  }
}

export function cancelPlan(view: View, { planId }: CancelSettlementPlanRequest): void {
  const after = copyOf(SettlementPlanSchema, view.require("settlementPlan", planId));
  if (after.state !== SettlementPlanState.OPEN) {
    throw new Inapplicable("it is done, or was cancelled");
  }
  after.state = SettlementPlanState.CANCELLED;
  view.put("settlementPlan", after);
}

/** The payment of a plan that the request makes: all of it, by and to whom the plan says. */
function requirePlanned(view: View, request: RecordSettlementRequest, fromId: string, toId: string): PlannedPayment {
  const plan = view.require("settlementPlan", request.planId);
  const line = require(linesOf(plan).find((each) => each.line === request.planLine), "a payment of the plan");
  const isOther = request.amount && line.amount && !equals(MoneySchema, request.amount, line.amount);
  if (line.settlementId || plan.state !== SettlementPlanState.OPEN || isOther) {
    throw new Inapplicable("the plan says otherwise");
  }
  if (line.fromMemberId !== fromId || line.toMemberId !== toId) {
    throw new Inapplicable("the plan names others");
  }
  return line;
}

/** Only whoever got it knows whether it arrived. For those who have no login, or are in the group no more, an owner says it. */
function requirePayee(view: View, memberId: string, made: Made): void {
  const payee = view.require("member", memberId);
  const own = ownMember(view, made);
  if (payee.state === MemberState.ACTIVE ? payee.id !== own.id : own.role !== Role.OWNER) {
    throw new Inapplicable("only whoever got it can say so");
  }
}

function setState(view: View, before: Settlement, state: SettlementState, dispute: string, made: Made): void {
  const after = copyOf(SettlementSchema, before);
  Object.assign(after, { state, dispute });
  if (counts(before) !== counts(after)) {
    requireUnlocked(groupIn(view, made), after.bookedOn);
    mark(view, after);
  }
  view.put("settlement", after);
}

function counts({ state }: Settlement): boolean {
  return state === SettlementState.RECORDED || state === SettlementState.CONFIRMED;
}

/** The plan that it is a payment of, after it began to count or stopped. What another has paid meanwhile stays with that one. */
function mark(view: View, settlement: Settlement): void {
  if (!settlement.planId) {
    return;
  }
  const plan = copyOf(SettlementPlanSchema, view.require("settlementPlan", settlement.planId));
  const [before, after] = counts(settlement) ? ["", settlement.id] : [settlement.id, ""];
  const line = linesOf(plan).find((each) => each.line === settlement.planLine && each.settlementId === before);
  if (line === undefined) {
    return;
  }
  line.settlementId = after;
  if (plan.state !== SettlementPlanState.CANCELLED) {
    const isDone = linesOf(plan).every((each) => each.settlementId);
    plan.state = isDone ? SettlementPlanState.DONE : SettlementPlanState.OPEN;
  }
  view.put("settlementPlan", plan);
}

function linesOf({ currencies }: SettlementPlan): PlannedPayment[] {
  return currencies.flatMap((each) => each.payments);
}
