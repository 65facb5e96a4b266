"""TestWebhook: a ping now, and what came of it."""

import json

from people import new_id, refusal_of
from rpc.webhooks.promises import editor_of
from tallystick_client.v1 import webhook_service_pb2 as pb
from turned_clock import TurnedClock
from webhooks.desk import DELIVERED, FAILURES, Hooked
from webhooks.receiver import Receiver, status


async def test_it_says_what_came_of_it(hooked: Hooked, receiver: Receiver, clock: TurnedClock) -> None:
    await hooked.update("paused", paused=True)
    attempt = await hooked.ping()
    assert (attempt.status_code, attempt.problem, attempt.number, attempt.to_version) == (200, DELIVERED, 0, 0)
    (received,) = receiver.received
    received.require_signed(hooked.secret, clock.now())
    event = received.event
    assert (event.ping, event.webhook_id, event.delivery_id) == (True, hooked.webhook.id, attempt.delivery_id)
    assert json.loads(received.body).keys() >= {"fromVersion", "toVersion", "changes", "complete", "madeAt", "epoch"}
    receiver.answer = status(503)
    again = await hooked.ping()
    assert (again.status_code, again.problem) == (503, FAILURES.DELIVERY_PROBLEM_STATUS)
    assert again.delivery_id != attempt.delivery_id
    assert await hooked.attempts() == [again, attempt]


async def test_only_owners_may(hooked: Hooked, receiver: Receiver) -> None:
    editor = await editor_of(hooked.book)
    refused = await refusal_of(editor.webhooks.TestWebhook(pb.TestWebhookRequest(**hooked.named)))
    assert refused.reason == "ROLE_TOO_LOW"
    missing = pb.TestWebhookRequest(space_id=hooked.book.id, webhook_id=new_id())
    assert (await refusal_of(hooked.person.webhooks.TestWebhook(missing))).reason == "NOT_FOUND"
    assert receiver.received == []
