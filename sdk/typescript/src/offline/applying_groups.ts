/**
 * What does a waiting command do to groups themselves, guests, comments, recurring expenses and links on the screen?
 *
 * Who leaves, is let in, and what a plan suggests, is for the server to say.
 */

import { create } from "@bufbuild/protobuf";

import { type AddCommentRequest, ExpenseCommentSchema } from "../gen/tallystick/v1/group_activity_pb.js";
import type { ExpenseDraft } from "../gen/tallystick/v1/group_expenses_pb.js";
import type { AddGuestRequest } from "../gen/tallystick/v1/group_members_pb.js";
import { type Group, GroupSchema, type UpdateGroupRequest, UpdateGroupRequestSchema } from "../gen/tallystick/v1/group_pb.js";
import {
  type CreateRecurringExpenseRequest,
  type RecurringExpense,
  RecurringExpenseSchema,
  type UpdateRecurringExpenseRequest,
  UpdateRecurringExpenseRequestSchema,
} from "../gen/tallystick/v1/group_recurring_pb.js";
import { SettlementState } from "../gen/tallystick/v1/group_settlements_pb.js";
import {
  GroupLinkSchema,
  type UpdateGroupLinkRequest,
  UpdateGroupLinkRequestSchema,
} from "../gen/tallystick/v1/ledger_links_pb.js";
import { Role } from "../gen/tallystick/v1/role_pb.js";
import { MemberSchema, MemberState } from "../gen/tallystick/v1/space_pb.js";
import type { Mutation } from "../gen/tallystick/v1/sync_mutation_pb.js";
import { createExpense, deleteExpense, restoreExpense, updateExpense } from "./applying_expenses.js";
import { answerSettlement, cancelPlan, recordSettlement, reverseSettlement } from "./applying_settlements.js";
import type { Made } from "./applying_transactions.js";
import { require } from "./composing.js";
import { copyOf } from "./entities.js";
import { overlay, touched } from "./masks.js";
import { groupIn, ownMember, requireDay, requireIn, requireInUse } from "./roster.js";
import { canonicalSplit } from "./splits.js";
import { Inapplicable, type View } from "./view.js";

const OF_GROUP = ["name", "description", "simplify_debts", "discoverable", "join_policy", "default_split", "time_zone"];
const OF_RECURRING = ["draft", "schedule", "paused"];
const OF_LINK = ["paid_from_account_id", "categories", "default_category_id"];

/** What there is no rule for leaves the view as it is. */
export function applyInGroup(view: View, command: Mutation["command"], made: Made): void {
  switch (command.case) {
    case "createExpense":
      return createExpense(view, command.value.expense, made);
    case "batchCreateExpenses":
      return command.value.expenses.forEach((draft) => createExpense(view, draft, made));
    case "updateExpense":
      return updateExpense(view, command.value, made);
    case "deleteExpense":
      return deleteExpense(view, command.value, made);
    case "restoreExpense":
      return restoreExpense(view, command.value, made);
    case "recordSettlement":
      return recordSettlement(view, command.value, made);
    case "confirmSettlement":
      return answerSettlement(view, command.value.settlementId, SettlementState.CONFIRMED, "", made);
    case "disputeSettlement":
      return answerSettlement(view, command.value.settlementId, SettlementState.DISPUTED, command.value.text, made);
    case "reverseSettlement":
      return reverseSettlement(view, command.value.settlementId, made);
    case "cancelSettlementPlan":
      return cancelPlan(view, command.value);
    case "updateGroup":
      return updateGroup(view, command.value, made);
    case "archiveGroup":
    case "unarchiveGroup":
      return changeGroup(view, made, { archived: command.case === "archiveGroup" });
    case "lockPeriod":
      return lockUntil(view, command.value.lockedUntil, true, made);
    case "reopenPeriod":
      return lockUntil(view, command.value.lockedUntil, false, made);
    case "addGuest":
      return addGuest(view, command.value, made);
    case "addComment":
      return addComment(view, command.value, made);
    case "deleteComment":
      return deleteComment(view, command.value.commentId, made);
    case "createRecurringExpense":
      return createRecurring(view, command.value, made);
    case "updateRecurringExpense":
      return updateRecurring(view, command.value);
    case "deleteRecurringExpense":
      return view.put("recurringExpense", view.require("recurringExpense", command.value.recurringId), true);
    case "restoreRecurringExpense":
      return restoreRecurring(view, command.value.recurringId);
    case "updateGroupLink":
      return updateLink(view, command.value);
    default:
  }
}

function updateGroup(view: View, request: UpdateGroupRequest, made: Made): void {
  const before = groupIn(view, made);
  const names = touched(request.updateMask?.paths ?? [], UpdateGroupRequestSchema, request, OF_GROUP);
  const after = overlay(GroupSchema, before, UpdateGroupRequestSchema, request, names);
  after.name = names.includes("name") ? requireText(after.name) : after.name;
  after.description = names.includes("description") ? after.description.trim() : after.description;
  if (names.includes("default_split")) {
    tidySplit(view, before, after);
  }
  view.put("expenseGroup", after);
}

/** It can share something: each member once, and somebody bears a part. */
function tidySplit(view: View, before: Group, after: Group): void {
  for (const part of after.defaultSplit) {
    part.memberId = part.memberId.toLowerCase();
  }
  const named = after.defaultSplit.map((part) => part.memberId);
  if (new Set(named).size < named.length || (named.length > 0 && after.defaultSplit.every((part) => part.weight === 0n))) {
    throw new Inapplicable("it shares nothing, or names somebody twice");
  }
  const kept = before.defaultSplit.map((part) => part.memberId);
  requireIn(view, named, kept);
}

function changeGroup(view: View, made: Made, change: Partial<Group>): void {
  view.put("expenseGroup", Object.assign(copyOf(GroupSchema, groupIn(view, made)), change));
}

function lockUntil(view: View, day: string, isLonger: boolean, made: Made): void {
  const lockedUntil = day || isLonger ? requireDay(day) : "";
  const known = groupIn(view, made).lockedUntil;
  if (isLonger ? lockedUntil < known : lockedUntil > known) {
    throw new Inapplicable("the other command does that");
  }
  changeGroup(view, made, { lockedUntil });
}

function addGuest(view: View, { memberId, displayName }: AddGuestRequest, made: Made): void {
  requireInUse(groupIn(view, made));
  view.add(
    "member",
    create(MemberSchema, {
      id: memberId.toLowerCase(),
      spaceId: made.spaceId,
      displayName: requireText(displayName),
      state: MemberState.GUEST,
      ...(made.at && { joinedAt: made.at }),
    }),
  );
}

function addComment(view: View, { commentId, expenseId, text }: AddCommentRequest, made: Made): void {
  view.add(
    "expenseComment",
    create(ExpenseCommentSchema, {
      id: commentId.toLowerCase(),
      groupId: made.spaceId,
      expenseId: view.require("expense", expenseId).id,
      memberId: ownMember(view, made).id,
      text: requireText(text),
      ...(made.at && { createdAt: made.at }),
    }),
  );
}

/** One's own, or as an owner. */
function deleteComment(view: View, commentId: string, made: Made): void {
  const comment = view.require("expenseComment", commentId);
  const own = ownMember(view, made);
  if (comment.memberId !== own.id && own.role !== Role.OWNER) {
    throw new Inapplicable("it is another's");
  }
  view.put("expenseComment", comment, true);
}

/** When it recurs next is for the server to say. */
function createRecurring(view: View, { recurringId, draft, schedule }: CreateRecurringExpenseRequest, made: Made): void {
  requireInUse(groupIn(view, made));
  const recurring = create(RecurringExpenseSchema, {
    id: recurringId.toLowerCase(),
    groupId: made.spaceId,
    draft: require(draft, "a draft"),
    schedule: require(schedule, "a schedule"),
    userId: made.userId,
    ...(made.at && { createdAt: made.at }),
  });
  view.add("recurringExpense", tidied(recurring));
}

function updateRecurring(view: View, request: UpdateRecurringExpenseRequest): void {
  const before = view.require("recurringExpense", request.recurringId);
  const names = touched(request.updateMask?.paths ?? [], UpdateRecurringExpenseRequestSchema, request, OF_RECURRING);
  const after = overlay(RecurringExpenseSchema, before, UpdateRecurringExpenseRequestSchema, request, names);
  view.put("recurringExpense", tidied(after));
}

function restoreRecurring(view: View, recurringId: string): void {
  const found = view.find("recurringExpense", recurringId);
  if (found?.deleted) {
    view.put("recurringExpense", Object.assign(copyOf(RecurringExpenseSchema, found.entity), { problem: "" }));
  }
}

/** It is tried again as it is now. */
function tidied(given: RecurringExpense): RecurringExpense {
  const recurring = copyOf(RecurringExpenseSchema, given);
  require(recurring.schedule, "a schedule");
  tidyDraft(require(recurring.draft, "a draft"));
  return Object.assign(recurring, { problem: "" });
}

/** What only a single expense can have is in no recurring one, and nobody calls when it is posted. */
function tidyDraft(draft: ExpenseDraft): void {
  if (draft.expenseId || draft.bookedOn || draft.importKey || draft.payers.length === 0) {
    throw new Inapplicable("it is not for recurring expenses");
  }
  draft.refundOfId = draft.refundOfId.toLowerCase();
  draft.receiptIds = draft.receiptIds.map((id) => id.toLowerCase());
  for (const payer of draft.payers) {
    payer.memberId = payer.memberId.toLowerCase();
  }
  if (draft.split) {
    draft.split = canonicalSplit(draft.split);
  }
}

function updateLink(view: View, request: UpdateGroupLinkRequest): void {
  const before = view.require("groupLink", request.linkId);
  const names = touched(request.updateMask?.paths ?? [], UpdateGroupLinkRequestSchema, request, OF_LINK);
  const after = overlay(GroupLinkSchema, before, UpdateGroupLinkRequestSchema, request, names);
  after.paidFromAccountId = after.paidFromAccountId.toLowerCase();
  after.defaultCategoryId = after.defaultCategoryId.toLowerCase();
  for (const each of after.categories) {
    each.categoryId = each.categoryId.toLowerCase();
  }
  view.put("groupLink", after);
}

function requireText(text: string): string {
  const shown = text.trim();
  if (shown === "") {
    throw new Inapplicable("it must not be blank");
  }
  return shown;
}
