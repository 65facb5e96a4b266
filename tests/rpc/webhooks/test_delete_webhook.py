"""DeleteWebhook: nothing more is sent."""

from people import new_id, refusal_of
from rpc.webhooks.promises import keeps_the_promises_of_a_write
from tallystick_client.v1 import webhook_pb2
from webhooks.desk import Hooked
from webhooks.receiver import Receiver


async def test_it_tells_nothing_more(hooked: Hooked, receiver: Receiver) -> None:
    await hooked.book.spend()
    await hooked.delete()
    await hooked.book.spend()
    await hooked.deliver()
    assert receiver.received == []
    request = webhook_pb2.DeleteWebhookRequest(request_id=new_id(), **hooked.named)
    assert (await refusal_of(hooked.person.webhooks.DeleteWebhook(request))).reason == "NOT_FOUND"


async def test_it_keeps_its_promises(hooked: Hooked) -> None:
    request = webhook_pb2.DeleteWebhookRequest(request_id=new_id(), **hooked.named)
    await keeps_the_promises_of_a_write(hooked.book, "DeleteWebhook", request, webhook_id=new_id())
