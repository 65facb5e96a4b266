"""GetWebhook: one webhook, and how far it has told."""

from people import new_id, refusal_of
from rpc.ledger.promises import viewer_of
from tallystick_client.v1 import webhook_service_pb2 as pb
from webhooks.desk import Hooked


async def test_it_says_how_far_it_has_told(hooked: Hooked) -> None:
    await hooked.deliver()
    before = await hooked.get()
    assert (before.webhook, before.told_version) == (hooked.webhook, before.space_version)
    await hooked.book.spend()
    behind = await hooked.get()
    assert behind.told_version < behind.space_version
    await hooked.deliver()
    after = await hooked.get()
    assert after.told_version == after.space_version == behind.space_version


async def test_every_member_may_look(hooked: Hooked) -> None:
    viewer = await viewer_of(hooked.book)
    answer = await viewer.webhooks.GetWebhook(pb.GetWebhookRequest(**hooked.named))
    assert answer.webhook == hooked.webhook


async def test_one_that_is_deleted_or_not_there_is_not_found(hooked: Hooked) -> None:
    await hooked.delete()
    for webhook_id in (hooked.webhook.id, new_id()):
        request = pb.GetWebhookRequest(space_id=hooked.book.id, webhook_id=webhook_id)
        assert (await refusal_of(hooked.person.webhooks.GetWebhook(request))).reason == "NOT_FOUND"
