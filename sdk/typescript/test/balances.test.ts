import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { fromJson, type JsonObject } from "@bufbuild/protobuf";

import { ExpenseSchema } from "../src/gen/tallystick/v1/group_expenses_pb.js";
import { SettlementSchema } from "../src/gen/tallystick/v1/group_settlements_pb.js";
import { balancesOf, debtsOf } from "../src/index.js";
import { TOP } from "./bundle.js";

interface Case {
  name: string;
  asOf?: string;
  expenses?: JsonObject[];
  settlements?: JsonObject[];
  balances: { currency: string; nets: Record<string, string>; debts: JsonObject[] }[];
}

const { cases } = JSON.parse(readFileSync(new URL("../vectors/balances.json", TOP), "utf8")) as { cases: Case[] };

for (const { name, asOf, expenses = [], settlements = [], balances } of cases) {
  test(`who owes whom: ${name}`, () => {
    const said = balancesOf(
      expenses.map((each) => fromJson(ExpenseSchema, each)),
      settlements.map((each) => fromJson(SettlementSchema, each)),
      asOf,
    );
    const told = said.map(({ currency, nets, debts }) => ({
      currency,
      nets: Object.fromEntries([...nets].map(([memberId, net]) => [memberId, `${net}`])),
      debts: debts.map((debt) => ({ ...debt, minor: `${debt.minor}` })),
    }));
    assert.deepEqual(told, balances);
    assert.deepEqual(
      said.map(({ nets }) => [...nets.keys()]),
      balances.map(({ nets }) => Object.keys(nets)),
    );
  });
}

test("the debts of one expense come to what each paid above what they bear", () => {
  for (const expense of cases.flatMap((each) => each.expenses ?? []).map((each) => fromJson(ExpenseSchema, each))) {
    for (const { minor, fromMemberId, toMemberId } of debtsOf(expense)) {
      assert.ok(minor > 0n && fromMemberId !== toMemberId);
    }
  }
});
