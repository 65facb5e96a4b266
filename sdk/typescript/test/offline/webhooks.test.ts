import assert from "node:assert/strict";

import { create } from "@bufbuild/protobuf";

import {
  DeleteWebhookRequestSchema,
  RestoreWebhookRequestSchema,
  UpdateWebhookRequestSchema,
  WebhookProblem,
  WebhookSchema,
} from "../../src/gen/tallystick/v1/webhook_pb.js";
import { newId } from "../../src/index.js";
import { type Its, on, USER_ID } from "./books.js";

const webhookId = newId();
const somebody = newId();

async function settle({ space, book }: Its, problem = WebhookProblem.UNSPECIFIED, many = 1): Promise<void> {
  const ids = [webhookId, ...Array.from({ length: many - 1 }, newId)];
  const url = "https://hooks.example.com/in";
  const webhooks = ids.map((id) => create(WebhookSchema, { id, spaceId: space.id, url, userId: somebody, problem }));
  space.record(new Map(webhooks.map((entity) => [`webhook/${entity.id}`, { entity, deleted: false }])));
  await book.pull(space.server);
}

on("whoever changes where a webhook leads takes it over", async (its) => {
  await settle(its, WebhookProblem.TARGET_FAILING);
  const { book } = its;
  await book.do(UpdateWebhookRequestSchema, { webhookId: webhookId.toUpperCase(), description: " x ", kinds: ["account"] });
  const changed = await book.get(WebhookSchema, webhookId);
  const told = [changed?.description, changed?.kinds, changed?.userId, changed?.problem];
  assert.deepEqual(told, ["x", ["account"], somebody, WebhookProblem.UNSPECIFIED]);
  assert.deepEqual(await book.pending(), new Set([webhookId]));
  await book.do(UpdateWebhookRequestSchema, { webhookId, url: "https://other.example.com?in" });
  assert.equal((await book.get(WebhookSchema, webhookId))?.userId, USER_ID);
  await book.sync(its.space.server);
  assert.deepEqual((await book.get(WebhookSchema, webhookId))?.url, "https://other.example.com?in");
});

on("so does whoever lets one go on whose user may not look any more", async (its) => {
  await settle(its, WebhookProblem.ACCESS_LOST);
  await its.book.do(DeleteWebhookRequestSchema, { webhookId });
  assert.equal(await its.book.get(WebhookSchema, webhookId), undefined);
  await its.book.do(RestoreWebhookRequestSchema, { webhookId });
  const again = await its.book.get(WebhookSchema, webhookId);
  assert.deepEqual([again?.userId, again?.problem], [USER_ID, WebhookProblem.UNSPECIFIED]);
});

on("what the server would refuse is not shown", async (its) => {
  await settle(its, WebhookProblem.UNSPECIFIED, 11);
  const before = await its.book.get(WebhookSchema, webhookId);
  for (const url of ["ftp://example.com", "https://", "https://ann:secret@example.com", "https://example.com/#in", "https://a b"]) {
    await its.book.do(UpdateWebhookRequestSchema, { webhookId, url });
  }
  await its.book.do(UpdateWebhookRequestSchema, { webhookId, updateMask: { paths: ["user_id"] } });
  await its.book.do(UpdateWebhookRequestSchema, { webhookId, updateMask: { paths: ["url"] } });
  assert.deepEqual(await its.book.get(WebhookSchema, webhookId), before);
  await its.book.do(DeleteWebhookRequestSchema, { webhookId });
  await its.book.do(RestoreWebhookRequestSchema, { webhookId });
  assert.equal(await its.book.get(WebhookSchema, webhookId), undefined);
});
