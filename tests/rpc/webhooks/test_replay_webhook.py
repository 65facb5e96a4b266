"""ReplayWebhook: again from a version, or one dead letter."""

from people import new_id, refusal_of
from rpc.webhooks.promises import keeps_the_promises_of_a_write
from tallystick_client.v1 import webhook_service_pb2 as pb
from turned_clock import TurnedClock
from webhooks.desk import DELIVERED, FAILURES, PROBLEMS, Hooked
from webhooks.receiver import BROKEN, OK, Receiver


async def test_what_was_told_comes_again_under_the_same_ids(hooked: Hooked, receiver: Receiver) -> None:
    versions = [(await hooked.book.spend()).transaction.version for _ in range(3)]
    await hooked.deliver()
    told = list(receiver.ids)
    await hooked.replay(after_version=versions[0])
    await hooked.deliver()
    assert receiver.ids == [*told, *told[1:]]
    assert receiver.events[3].from_version == versions[0]
    await hooked.replay(after_version=0)
    await hooked.deliver()
    assert receiver.versions[5] == 1
    assert receiver.ids[-3:] == told


async def test_what_was_not_told_can_be_passed_over(hooked: Hooked, receiver: Receiver) -> None:
    await hooked.book.spend()
    head = (await hooked.get()).space_version
    await hooked.replay(after_version=head)
    after = await hooked.book.spend()
    await hooked.deliver()
    assert receiver.versions == [after.transaction.version]
    assert receiver.events[0].from_version == head


async def test_it_keeps_its_promises(hooked: Hooked) -> None:
    request = pb.ReplayWebhookRequest(request_id=new_id(), **hooked.named, after_version=1)
    await keeps_the_promises_of_a_write(hooked.book, "ReplayWebhook", request, after_version=2)


async def test_a_version_that_is_not_there_yet_is_refused(hooked: Hooked) -> None:
    head = (await hooked.get()).space_version
    request = pb.ReplayWebhookRequest(request_id=new_id(), **hooked.named, after_version=head + 1)
    refused = await refusal_of(hooked.person.webhooks.ReplayWebhook(request))
    assert (refused.reason, refused.fields) == ("INVALID_FIELD", ("after_version",))
    nothing = pb.ReplayWebhookRequest(request_id=new_id(), **hooked.named)
    assert (await refusal_of(hooked.person.webhooks.ReplayWebhook(nothing))).reason == "INVALID_FIELD"


async def test_a_paused_one_waits(hooked: Hooked, receiver: Receiver) -> None:
    await hooked.update("paused", paused=True)
    await hooked.replay(after_version=0)
    await hooked.deliver()
    assert receiver.received == []
    await hooked.update("paused", paused=False)
    await hooked.deliver()
    assert receiver.versions[0] == 1


async def test_a_dead_letter_is_sent_once_more(hooked: Hooked, receiver: Receiver, clock: TurnedClock) -> None:
    spent = await hooked.book.spend()
    receiver.answer = BROKEN
    await hooked.give_up(clock, 1)
    (letter,) = await hooked.letters()
    failed = await hooked.replay(dead_letter_id=letter.delivery_id)
    assert failed.attempt.problem == FAILURES.DELIVERY_PROBLEM_STATUS
    assert len(await hooked.letters()) == 1
    receiver.answer = OK
    request = pb.ReplayWebhookRequest(request_id=new_id(), **hooked.named, dead_letter_id=letter.delivery_id.upper())
    sent = await hooked.person.webhooks.ReplayWebhook(request)
    assert (sent.attempt.problem, sent.attempt.delivery_id) == (DELIVERED, letter.delivery_id)
    assert receiver.received[-1].body == receiver.received[0].body
    assert receiver.versions[-1] == spent.transaction.version
    assert await hooked.letters() == []
    many = len(receiver.received)
    assert await hooked.person.webhooks.ReplayWebhook(request) == sent
    assert len(receiver.received) == many
    gone = pb.ReplayWebhookRequest(request_id=new_id(), **hooked.named, dead_letter_id=letter.delivery_id)
    assert (await refusal_of(hooked.person.webhooks.ReplayWebhook(gone))).reason == "NOT_FOUND"


async def test_one_that_stopped_goes_on(hooked: Hooked, receiver: Receiver, clock: TurnedClock) -> None:
    for _ in range(4):
        await hooked.book.spend()
    receiver.answer = BROKEN
    await hooked.give_up(clock, 3)
    assert await hooked.problem() == PROBLEMS.WEBHOOK_PROBLEM_TARGET_FAILING
    receiver.answer = OK
    many = len(receiver.received)
    replayed = await hooked.replay(after_version=hooked.webhook.version)
    assert replayed.webhook.problem == 0
    await hooked.deliver()
    assert len(receiver.received) - many >= 4
