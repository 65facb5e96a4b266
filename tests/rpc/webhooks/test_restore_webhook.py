"""RestoreWebhook: it is back, and tells what happens from then on."""

from people import new_id, refusal_of
from rpc.webhooks.promises import keeps_the_promises_of_a_write
from tallystick_client.v1 import webhook_pb2
from webhooks.desk import Hooked, creation, hook
from webhooks.receiver import Receiver


async def test_it_tells_what_happens_from_then_on(hooked: Hooked, receiver: Receiver) -> None:
    await hooked.delete()
    await hooked.book.spend()
    await hooked.restore()
    after = await hooked.book.spend()
    await hooked.deliver()
    assert receiver.versions == [after.transaction.version]
    receiver.received[0].require_signed(hooked.secret, hooked.server.store.clock.now())


async def test_it_keeps_its_promises(hooked: Hooked) -> None:
    await hooked.delete()
    request = webhook_pb2.RestoreWebhookRequest(request_id=new_id(), **hooked.named)
    await keeps_the_promises_of_a_write(hooked.book, "RestoreWebhook", request, webhook_id=new_id())


async def test_one_that_is_not_deleted_stays_as_it_is(hooked: Hooked) -> None:
    await hooked.restore()
    assert (await hooked.get()).webhook == hooked.webhook


async def test_there_must_be_room_for_it(hooked: Hooked) -> None:
    await hooked.delete()
    for _ in range(10):
        await hook(hooked.server, hooked.book)
    request = webhook_pb2.RestoreWebhookRequest(request_id=new_id(), **hooked.named)
    assert (await refusal_of(hooked.person.webhooks.RestoreWebhook(request))).reason == "TOO_MANY_WEBHOOKS"
    again = creation(hooked.book.id, webhook_id=new_id())
    assert (await refusal_of(hooked.person.webhooks.CreateWebhook(again))).reason == "TOO_MANY_WEBHOOKS"
