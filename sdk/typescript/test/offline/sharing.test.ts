import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { create, fromJson, type JsonObject, type Message, toJson } from "@bufbuild/protobuf";

import {
  ExpenseDraftSchema,
  ExpenseSchema,
  UpdateExpenseRequestSchema,
} from "../../src/gen/tallystick/v1/group_expenses_pb.js";
import { GroupSchema } from "../../src/gen/tallystick/v1/group_pb.js";
import { MemberSchema } from "../../src/gen/tallystick/v1/space_pb.js";
import { changeExpense, composeExpense } from "../../src/offline/sharing.js";
import { Inapplicable, View } from "../../src/offline/view.js";
import { TOP } from "../bundle.js";

interface Case {
  name: string;
  group?: JsonObject;
  known?: JsonObject[];
  draft: JsonObject;
  expense?: JsonObject;
  before: JsonObject;
  update: JsonObject;
  after?: JsonObject;
}

const vectors = JSON.parse(readFileSync(new URL("../vectors/expenses.json", TOP), "utf8")) as {
  userId: string;
  group: JsonObject & { id: string };
  members: JsonObject[];
  create: Case[];
  change: Case[];
};

const made = { spaceId: vectors.group.id, userId: vectors.userId, at: undefined };

function viewOf({ group, known = [], before }: Case): View {
  const nothing = { find: () => undefined, all: () => new Map<string, Message>() };
  const view = new View(nothing as never);
  view.put("expenseGroup", fromJson(GroupSchema, { ...vectors.group, ...group }));
  vectors.members.forEach((each) => view.put("member", fromJson(MemberSchema, each)));
  [...known, ...(before ? [before] : [])].forEach((each) => view.put("expense", fromJson(ExpenseSchema, each)));
  return view;
}

for (const each of vectors.create) {
  test(`shared: ${each.name}`, () => {
    const draft = fromJson(ExpenseDraftSchema, each.draft);
    const onto = create(ExpenseSchema, { id: draft.expenseId, groupId: made.spaceId });
    const composed = () => toJson(ExpenseSchema, composeExpense(viewOf(each), draft, onto, made));
    each.expense ? assert.deepEqual(composed(), each.expense) : assert.throws(composed, Inapplicable);
  });
}

for (const each of vectors.change) {
  test(`shared otherwise: ${each.name}`, () => {
    const before = fromJson(ExpenseSchema, each.before);
    const update = fromJson(UpdateExpenseRequestSchema, each.update);
    const changed = () => toJson(ExpenseSchema, changeExpense(viewOf(each), before, update, made));
    each.after ? assert.deepEqual(changed(), each.after) : assert.throws(changed, Inapplicable);
  });
}
