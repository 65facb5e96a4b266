"""What do commands about webhooks change? Making one needs the server there and then: it shows a secret.

Where a webhook may lead, which kinds of entities there are to tell of, and who owns the space, is for the server to say.
"""

import re
from collections.abc import Iterator

from tallystick_client.offline.making import Making, Rule
from tallystick_client.offline.masks import copy_of, overlay, touched
from tallystick_client.offline.refusals import CannotApply
from tallystick_client.offline.rows import Row
from tallystick_client.v1.webhook_pb2 import (
    DeleteWebhookRequest,
    RestoreWebhookRequest,
    UpdateWebhookRequest,
    Webhook,
    WebhookProblem,
)

_CHANGEABLE = ("url", "kinds", "description", "paused")
_WEBHOOKS_MAX = 10
# Whatever else it is: over HTTP, with a host, without credentials and without a fragment.
_URL = re.compile(r"https?://[^/?#@\s]+([/?][^#\s]*)?", re.IGNORECASE)
# Their user may not look any more: whoever lets them go on takes them over.
_LOST = (WebhookProblem.WEBHOOK_PROBLEM_ACCESS_LOST, WebhookProblem.WEBHOOK_PROBLEM_ROLE_TOO_LOW)


def _update(making: Making, command: UpdateWebhookRequest) -> Iterator[Row]:
    before: Webhook = making.require("webhook", command.webhook_id)
    after = overlay(before, command, touched(command.update_mask.paths, command, _CHANGEABLE))
    after.description = after.description.strip()
    if not _URL.fullmatch(after.url):
        raise CannotApply
    _let_go_on(making, before, after)
    yield Row("webhook", after.id, after)


def _delete(making: Making, command: DeleteWebhookRequest) -> Iterator[Row]:
    webhook: Webhook = making.require("webhook", command.webhook_id)
    yield Row("webhook", webhook.id, webhook, deleted=True)


def _restore(making: Making, command: RestoreWebhookRequest) -> Iterator[Row]:
    before: Webhook | None = making.find_deleted("webhook", command.webhook_id)
    if before is None:
        return
    if sum(not row.deleted for row in making.view.rows("webhook")) >= _WEBHOOKS_MAX:
        raise CannotApply
    after = copy_of(before)
    _let_go_on(making, before, after)
    yield Row("webhook", after.id, after)


def _let_go_on(making: Making, before: Webhook, after: Webhook) -> None:
    """Whoever changes where it leads makes it tell what they see themselves."""
    if after.url != before.url or before.problem in _LOST:
        after.user_id = making.user_id or before.user_id
    after.problem = WebhookProblem.WEBHOOK_PROBLEM_UNSPECIFIED


WEBHOOK_RULES: dict[str, Rule] = {
    "update_webhook": _update,
    "delete_webhook": _delete,
    "restore_webhook": _restore,
}
