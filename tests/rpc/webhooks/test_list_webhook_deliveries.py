"""ListWebhookDeliveries: the last attempts, and nothing of what was said."""

from people import new_id, refusal_of
from rpc.webhooks.promises import editor_of
from tallystick.webhooks import writes
from tallystick_client.v1 import webhook_service_pb2 as pb
from webhooks.desk import DELIVERED, Hooked
from webhooks.receiver import Receiver


async def test_the_newest_comes_first(hooked: Hooked, receiver: Receiver) -> None:
    versions = [(await hooked.book.spend()).transaction.version for _ in range(3)]
    await hooked.deliver()
    attempts = await hooked.attempts()
    assert [each.to_version for each in attempts] == versions[::-1]
    assert [each.delivery_id for each in attempts] == receiver.ids[::-1]
    assert {(each.status_code, each.problem, each.number) for each in attempts} == {(200, DELIVERED, 1)}


async def test_pages(hooked: Hooked) -> None:
    made = [await hooked.ping() for _ in range(3)][::-1]
    call = hooked.person.webhooks.ListWebhookDeliveries
    first = await call(pb.ListWebhookDeliveriesRequest(**hooked.named, page_size=2))
    token = first.next_page_token
    second = await call(pb.ListWebhookDeliveriesRequest(**hooked.named, page_size=2, page_token=token))
    assert [*first.attempts, *second.attempts] == made
    assert not second.next_page_token
    refused = await refusal_of(call(pb.ListWebhookDeliveriesRequest(**hooked.named, page_token="abc")))
    assert refused.reason == "INVALID_PAGE_TOKEN"


async def test_only_the_last_ones_are_kept(hooked: Hooked) -> None:
    for _ in range(writes.ATTEMPTS_KEPT + 3):
        last = await hooked.ping()
    attempts = await hooked.attempts()
    assert (len(attempts), attempts[0]) == (writes.ATTEMPTS_KEPT, last)


async def test_only_owners_may(hooked: Hooked) -> None:
    editor = await editor_of(hooked.book)
    request = pb.ListWebhookDeliveriesRequest(**hooked.named)
    assert (await refusal_of(editor.webhooks.ListWebhookDeliveries(request))).reason == "ROLE_TOO_LOW"
    missing = pb.ListWebhookDeliveriesRequest(space_id=hooked.book.id, webhook_id=new_id())
    assert (await refusal_of(hooked.person.webhooks.ListWebhookDeliveries(missing))).reason == "NOT_FOUND"
