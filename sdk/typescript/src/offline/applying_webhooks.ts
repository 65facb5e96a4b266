/**
 * What does a waiting command do to webhooks on the screen? Making one needs the server there and then: it shows a secret.
 *
 * Where a webhook may lead, which kinds of entities there are to tell of, and who owns the space, is for the server to say.
 */

import type { Mutation } from "../gen/tallystick/v1/sync_mutation_pb.js";
import {
  type UpdateWebhookRequest,
  UpdateWebhookRequestSchema,
  type Webhook,
  WebhookProblem,
  WebhookSchema,
} from "../gen/tallystick/v1/webhook_pb.js";
import { deleteNoun } from "./applying_nouns.js";
import type { Made } from "./applying_transactions.js";
import { copyOf } from "./entities.js";
import { overlay, touched } from "./masks.js";
import { Inapplicable, type View } from "./view.js";

const CHANGEABLE = ["url", "kinds", "description", "paused"];
const WEBHOOKS_MAX = 10;
// Whatever else it is: over HTTP, with a host, without credentials and without a fragment.
const URL = /^https?:\/\/[^/?#@\s]+([/?][^#\s]*)?$/i;
// Their user may not look any more: whoever lets them go on takes them over.
const LOST = [WebhookProblem.ACCESS_LOST, WebhookProblem.ROLE_TOO_LOW];

/** What there is no rule for leaves the view as it is. */
export function applyToWebhooks(view: View, command: Mutation["command"], made: Made): void {
  switch (command.case) {
    case "updateWebhook":
      return updateWebhook(view, command.value, made);
    case "deleteWebhook":
      return deleteNoun(view, "webhook", command.value.webhookId);
    case "restoreWebhook":
      return restoreWebhook(view, command.value.webhookId, made);
    default:
  }
}

function updateWebhook(view: View, request: UpdateWebhookRequest, made: Made): void {
  const before = view.require("webhook", request.webhookId);
  const names = touched(request.updateMask?.paths ?? [], UpdateWebhookRequestSchema, request, CHANGEABLE);
  const after = overlay(WebhookSchema, before, UpdateWebhookRequestSchema, request, names);
  after.description = after.description.trim();
  if (!URL.test(after.url)) {
    throw new Inapplicable("a webhook leads to an http or https address");
  }
  view.put("webhook", goingOn(before, after, made));
}

function restoreWebhook(view: View, webhookId: string, made: Made): void {
  const found = view.find("webhook", webhookId);
  if (!found?.deleted) {
    return;
  }
  if (view.all("webhook").size >= WEBHOOKS_MAX) {
    throw new Inapplicable("the space has as many webhooks as it may have");
  }
  view.put("webhook", goingOn(found.entity, copyOf(WebhookSchema, found.entity), made));
}

/** Whoever changes where it leads makes it tell what they see themselves. */
function goingOn(before: Webhook, after: Webhook, { userId }: Made): Webhook {
  if (after.url !== before.url || LOST.includes(before.problem)) {
    after.userId = userId || before.userId;
  }
  after.problem = WebhookProblem.UNSPECIFIED;
  return after;
}
