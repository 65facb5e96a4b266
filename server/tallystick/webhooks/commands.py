"""What shall happen to webhooks? One function per writing call, run inside the write door.

Where a webhook leads is not looked up here: a command touches nothing but its transaction. Whoever calls has done so, and every delivery
does it again.
"""

from datetime import datetime, timedelta
from uuid import UUID

from tallystick import masks
from tallystick.errors import NotVisible, Stale
from tallystick.identity.queries import FIELDS_CHANGED_SINCE
from tallystick.ledger.nouns.queries import get_noun
from tallystick.ledger.rules import canonical
from tallystick.merging import changed_fields
from tallystick.spaces.rules import require_shared
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.webhook_deliveries_pb2 import DeliveryAttempt
from tallystick.v1.webhook_pb2 import (
    DeleteWebhookRequest,
    DeleteWebhookResponse,
    RestoreWebhookRequest,
    RestoreWebhookResponse,
    UpdateWebhookRequest,
    UpdateWebhookResponse,
    Webhook,
    WebhookProblem,
)
from tallystick.v1.webhook_service_pb2 import (
    CreateWebhookRequest,
    CreateWebhookResponse,
    ReplayWebhookRequest,
    ReplayWebhookResponse,
    RotateWebhookSecretRequest,
    RotateWebhookSecretResponse,
)
from tallystick.webhooks import queries, rules, writes
from tallystick.webhooks.queries import CHANGEABLE, WEBHOOKS
from tallystick.webhooks.rules import LOST, NO_PROBLEM
from tallystick.webhooks.tables import WEBHOOK
from tallystick.webhooks.targets import read_target


async def create_webhook(tx: WriteTx, request: CreateWebhookRequest) -> CreateWebhookResponse:
    """Without its secret: that follows from its ids, and stays out of the answer that is kept."""
    read_target(request.url)
    rules.require_kinds(request.kinds)
    counted, heads = await tx.fetch_all(
        queries.COUNT_LIVE(space_id=tx.space_id), queries.SPACE_HEAD(space_id=tx.space_id)
    )
    require_shared(heads[0][2])
    rules.require_room(counted[0][0])
    webhook = Webhook(
        id=canonical(request.webhook_id) or str(tx.new_id()),
        space_id=str(tx.space_id),
        url=request.url,
        kinds=request.kinds,
        description=request.description.strip(),
        user_id=str(tx.caller.user_id),
        secret_id=str(tx.new_id()),
        created_at=to_timestamp(tx.now),
    )
    tx.add(WEBHOOK, webhook)
    _follow_from(tx, webhook, tx.seq)
    tx.audit("webhook_created", UUID(webhook.id))
    return CreateWebhookResponse(webhook=webhook)


async def update_webhook(tx: WriteTx, request: UpdateWebhookRequest) -> UpdateWebhookResponse:
    webhook_id = WEBHOOKS.id_of(request)
    found, since = await tx.fetch_all(
        WEBHOOKS.by_id(space_id=tx.space_id, id=webhook_id),
        FIELDS_CHANGED_SINCE(space_id=tx.space_id, entity_id=webhook_id, version=masks.base_version(request)),
    )
    before = tx.require(WEBHOOK, [(row[0], row[1], row[2]) for row in found])
    after = masks.overlay(before, request, masks.touched(request.update_mask.paths, request, CHANGEABLE))
    after.description = after.description.strip()
    read_target(after.url)
    rules.require_kinds(after.kinds)
    if masks.is_stale(changed_fields(before, after), (fields for (fields,) in since)):
        raise Stale(current_version=before.version)
    _let_go_on(tx, before, after)
    named = {"user_id": UUID(after.user_id), "kinds": list(after.kinds), "due_at": None if after.paused else tx.now}
    tx.beside(writes.GO_ON(of_space=tx.space_id, of_webhook=webhook_id, **named))
    return UpdateWebhookResponse(webhook=_put(tx, before, after))


async def delete_webhook(tx: WriteTx, request: DeleteWebhookRequest) -> DeleteWebhookResponse:
    webhook = tx.delete(WEBHOOK, await get_noun(tx, WEBHOOKS, request))
    tx.beside(writes.FOLLOW_NO_MORE(of_space=tx.space_id, of_webhook=UUID(webhook.id)))
    tx.audit("webhook_deleted", UUID(webhook.id))
    return DeleteWebhookResponse(webhook=webhook)


async def restore_webhook(tx: WriteTx, request: RestoreWebhookRequest) -> RestoreWebhookResponse:
    found, counted = await tx.fetch_all(
        WEBHOOKS.by_id_deleted_or_not(space_id=tx.space_id, id=WEBHOOKS.id_of(request)),
        queries.COUNT_LIVE(space_id=tx.space_id),
    )
    if not found:
        raise NotVisible
    row_id, version, body, deleted_at = found[0]
    before = tx.open(WEBHOOK, (row_id, version, body))
    if deleted_at is None:
        return RestoreWebhookResponse(webhook=before)
    rules.require_room(counted[0][0])
    after = masks.overlay(before, before, ())
    _let_go_on(tx, before, after)
    tx.put(WEBHOOK, before, after)
    _follow_from(tx, after, tx.seq)
    tx.audit("webhook_restored", UUID(after.id))
    return RestoreWebhookResponse(webhook=after)


async def rotate_webhook_secret(tx: WriteTx, request: RotateWebhookSecretRequest) -> RotateWebhookSecretResponse:
    before = await get_noun(tx, WEBHOOKS, request)
    after = masks.overlay(before, before, ())
    after.secret_id = str(tx.new_id())
    keep = timedelta(hours=request.keep_hours) if request.HasField("keep_hours") else rules.KEEP_DEFAULT
    if keep:
        after.previous_secret_id = before.secret_id
        after.previous_secret_until.CopyFrom(to_timestamp(tx.now + keep))
    else:
        after.ClearField("previous_secret_id")
        after.ClearField("previous_secret_until")
    tx.audit("webhook_secret_rotated", UUID(after.id))
    return RotateWebhookSecretResponse(webhook=tx.put(WEBHOOK, before, after))


async def replay_webhook(tx: WriteTx, request: ReplayWebhookRequest) -> ReplayWebhookResponse:
    """Everything after a version. What it was at before does not matter any more."""
    before = await get_noun(tx, WEBHOOKS, request)
    rules.require_reached(request.after_version, tx.seq - 1)
    after = masks.overlay(before, before, ())
    _let_go_on(tx, before, after)
    _follow_from(tx, after, request.after_version)
    return ReplayWebhookResponse(webhook=_put(tx, before, after))


async def note_resent(
    tx: WriteTx, request: ReplayWebhookRequest, *, attempt: DeliveryAttempt, is_there_no_more: bool
) -> ReplayWebhookResponse:
    """What came of a dead letter that was sent again. One that arrived is none any more, and neither is one that tells nothing."""
    webhook = await get_noun(tx, WEBHOOKS, request)
    if is_there_no_more or attempt.problem == rules.DELIVERED:
        named = {"of_webhook": UUID(webhook.id), "of_delivery": UUID(request.dead_letter_id)}
        tx.beside(writes.DROP_LETTER(of_space=tx.space_id, **named))
    return ReplayWebhookResponse(webhook=webhook, attempt=None if is_there_no_more else attempt)


async def stop_by_itself(
    tx: WriteTx, request: UpdateWebhookRequest, *, problem: WebhookProblem.ValueType, held: datetime
) -> UpdateWebhookResponse:
    """The job says that it can go on no more; without a problem, that its user may not look. One that has changed hands since is another
    matter."""
    webhook_id = WEBHOOKS.id_of(request)
    named = {"space_id": tx.space_id, "webhook_id": webhook_id}
    found, holding, roles = await tx.fetch_all(
        WEBHOOKS.by_id(space_id=tx.space_id, id=webhook_id),
        queries.HELD(**named, held=held),
        queries.ROLE_OF(space_id=tx.space_id, user_id=tx.caller.user_id),
    )
    before = tx.require(WEBHOOK, [(row[0], row[1], row[2]) for row in found])
    problem = problem or rules.why_lost(roles[0][0] if roles else None)
    if not holding or not problem:
        return UpdateWebhookResponse(webhook=before)
    after = masks.overlay(before, before, ())
    after.problem = problem
    stopped = {"user_id": UUID(after.user_id), "kinds": list(after.kinds), "due_at": None}
    tx.beside(writes.GO_ON(of_space=tx.space_id, of_webhook=webhook_id, **stopped))
    return UpdateWebhookResponse(webhook=_put(tx, before, after))


def _let_go_on(tx: WriteTx, before: Webhook, after: Webhook) -> None:
    """Whoever changes where it leads makes it tell what they see themselves: it could not be turned on somebody else's private accounts.
    So does whoever lets one go on whose user may not look any more."""
    if after.url != before.url or before.problem in LOST:
        after.user_id = str(tx.caller.user_id)
        tx.audit("webhook_taken_over", UUID(after.id))
    after.problem = NO_PROBLEM


def _put(tx: WriteTx, before: Webhook, after: Webhook) -> Webhook:
    return tx.put(WEBHOOK, before, after) if changed_fields(before, after) else before


def _follow_from(tx: WriteTx, webhook: Webhook, seq: int) -> None:
    tx.beside(
        writes.FOLLOW_FROM(
            of_space=tx.space_id,
            of_webhook=UUID(webhook.id),
            user_id=UUID(webhook.user_id),
            kinds=list(webhook.kinds),
            to_seq=seq,
            due_at=None if webhook.paused else tx.now,
        )
    )
