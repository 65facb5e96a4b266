import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { SignatureInvalid, verifyWebhook } from "../src/webhooks.js";
import { TOP } from "./bundle.js";

interface Case {
  name: string;
  body: string;
  signature: string;
  secrets: string[];
  now: number;
  valid: boolean;
}

const { cases } = JSON.parse(readFileSync(new URL("../vectors/webhooks.json", TOP), "utf8")) as { cases: Case[] };

for (const each of cases) {
  test(`a signature as the vectors say: ${each.name}`, async () => {
    for (const body of [each.body, new TextEncoder().encode(each.body)]) {
      const verifying = verifyWebhook(body, each.signature, each.secrets, { now: each.now });
      await (each.valid ? verifying : assert.rejects(verifying, SignatureInvalid));
    }
  });
}

test("without a moment it is now, and one secret needs no list", async () => {
  const sign = (at: number) => `t=${at},v1=${createHmac("sha256", "a").update(`${at}.{}`).digest("hex")}`;
  const now = Math.floor(Date.now() / 1000);
  await verifyWebhook("{}", sign(now), "a");
  await assert.rejects(verifyWebhook("{}", sign(now - 400), "a"), SignatureInvalid);
  await verifyWebhook("{}", sign(now - 400), "a", { toleranceS: 500 });
});

test("a missing header is no signature, and a tolerance that is no number tolerates nothing", async () => {
  await assert.rejects(verifyWebhook("{}", null, "a"), SignatureInvalid);
  await assert.rejects(verifyWebhook("{}", undefined, "a"), SignatureInvalid);
  const [good] = cases as [Case];
  await assert.rejects(verifyWebhook(good.body, good.signature, good.secrets, { now: Number.NaN }), SignatureInvalid);
});
