"""UpdateWebhook: what changes, who it belongs to then, and what goes on."""

from typing import Any

import pytest

from people import new_id, refusal_of, sign_up
from rpc.spaces.sharing import OWNER, member_of, remove, share
from rpc.webhooks.promises import keeps_the_promises_of_a_write, key_of
from tallystick_client.v1 import sync_service_pb2, webhook_pb2
from tallystick_client.v1.sync_mutation_pb2 import Mutation
from tallystick_client.v1.sync_pb2 import Outcome
from webhooks.desk import ELSEWHERE, PROBLEMS, Hooked
from webhooks.receiver import Receiver


async def test_it_changes_what_the_mask_names(hooked: Hooked) -> None:
    changed = await hooked.update("kinds", "description", kinds=["account"], description=" x ", paused=True)
    assert (list(changed.kinds), changed.description, changed.paused) == (["account"], "x", False)
    assert changed.url == hooked.webhook.url
    assert changed.version > hooked.webhook.version
    cleared = await hooked.update("*", url=changed.url)
    assert (list(cleared.kinds), cleared.description) == ([], "")
    assert await hooked.update(description="") == cleared


async def test_it_keeps_its_promises(hooked: Hooked) -> None:
    request = webhook_pb2.UpdateWebhookRequest(request_id=new_id(), **hooked.named, description="a")
    await keeps_the_promises_of_a_write(hooked.book, "UpdateWebhook", request, description="b")
    with_key = await key_of(hooked.book)
    request = webhook_pb2.UpdateWebhookRequest(request_id=new_id(), **hooked.named, description="c")
    assert (await with_key.webhooks.UpdateWebhook(request)).webhook.description == "c"


async def test_a_stale_change_is_refused(hooked: Hooked) -> None:
    await hooked.update(description="first")
    named = {**hooked.named, "base_version": hooked.webhook.version}
    stale = webhook_pb2.UpdateWebhookRequest(request_id=new_id(), **named, description="second")
    assert (await refusal_of(hooked.person.webhooks.UpdateWebhook(stale))).reason == "STALE_VERSION"
    fresh = webhook_pb2.UpdateWebhookRequest(request_id=new_id(), **named, kinds=["account"])
    assert list((await hooked.person.webhooks.UpdateWebhook(fresh)).webhook.kinds) == ["account"]


@pytest.mark.parametrize(
    ("fields", "reason", "named"),
    [
        ({"url": "gopher://x"}, "INVALID_FIELD", "url"),
        ({"url": "https://10.0.0.1/"}, "WEBHOOK_TARGET_REFUSED", "url"),
        ({"kinds": ["wish"]}, "INVALID_FIELD", "kinds[0]"),
    ],
)
async def test_a_wrong_field_is_named(hooked: Hooked, fields: dict[str, Any], reason: str, named: str) -> None:
    request = webhook_pb2.UpdateWebhookRequest(request_id=new_id(), **hooked.named, **fields)
    refused = await refusal_of(hooked.person.webhooks.UpdateWebhook(request))
    assert (refused.reason, refused.fields) == (reason, (named,))


async def test_the_mask_can_name_no_other_field(hooked: Hooked) -> None:
    request = webhook_pb2.UpdateWebhookRequest(request_id=new_id(), **hooked.named)
    request.update_mask.paths.append("user_id")
    assert (await refusal_of(hooked.person.webhooks.UpdateWebhook(request))).reason == "INVALID_UPDATE_MASK"
    request.update_mask.paths[:] = ["url"]
    assert (await refusal_of(hooked.person.webhooks.UpdateWebhook(request))).fields == ("url",)


async def test_whoever_changes_where_it_leads_takes_it_over(hooked: Hooked) -> None:
    """Otherwise an owner could have another's private accounts sent to themselves."""
    other = await sign_up(hooked.person.client, "Oda")
    await share(hooked.person, hooked.book.id, other, OWNER)
    theirs = Hooked(hooked.server, other, hooked.book, hooked.webhook, hooked.secret)
    assert (await theirs.update(description="x")).user_id == hooked.person.user.id
    assert (await theirs.update(url=ELSEWHERE)).user_id == other.user.id
    assert (await hooked.update(description="y")).user_id == other.user.id


async def test_one_whose_user_left_goes_on_for_whoever_lets_it(hooked: Hooked, receiver: Receiver) -> None:
    other = await sign_up(hooked.person.client, "Oda")
    await share(hooked.person, hooked.book.id, other, OWNER)
    await remove(other, await member_of(other, hooked.book.id, hooked.person))
    await hooked.deliver()
    theirs = Hooked(hooked.server, other, hooked.book, hooked.webhook, hooked.secret)
    assert await theirs.problem() == PROBLEMS.WEBHOOK_PROBLEM_ACCESS_LOST
    assert receiver.received == []
    going_on = await theirs.update(description="x")
    assert (going_on.user_id, going_on.problem) == (other.user.id, 0)
    await hooked.deliver()
    assert receiver.versions[-1] == (await theirs.get()).space_version


async def test_it_may_wait_in_an_outbox(hooked: Hooked) -> None:
    mutations = [
        Mutation(update_webhook=webhook_pb2.UpdateWebhookRequest(request_id=new_id(), **hooked.named, paused=True)),
        Mutation(delete_webhook=webhook_pb2.DeleteWebhookRequest(request_id=new_id(), **hooked.named)),
        Mutation(restore_webhook=webhook_pb2.RestoreWebhookRequest(request_id=new_id(), **hooked.named)),
    ]
    request = sync_service_pb2.PushRequest(space_id=hooked.book.id, mutations=mutations)
    answer = await hooked.person.sync.Push(request)
    assert [each.outcome for each in answer.results] == [Outcome.OUTCOME_APPLIED] * 3
    assert (await hooked.get()).webhook.paused
