"""ListWebhooks: what is there, and what was deleted."""

from typing import Any

from people import BookOf, Person, new_id, refusal_of
from rpc.ledger.promises import viewer_of
from tallystick.app import App
from tallystick_client.v1 import webhook_service_pb2 as pb
from webhooks.desk import hook


async def listed(person: Person, book: BookOf, **other: Any) -> pb.ListWebhooksResponse:
    answer: pb.ListWebhooksResponse = await person.webhooks.ListWebhooks(
        pb.ListWebhooksRequest(space_id=book.id, **other)
    )
    return answer


async def test_pages_in_the_order_of_ids(server: App, book: BookOf) -> None:
    made = sorted([(await hook(server, book)).webhook.id for _ in range(3)])
    viewer = await viewer_of(book)
    first = await listed(viewer, book, page_size=2)
    second = await listed(viewer, book, page_size=2, page_token=first.next_page_token)
    assert [each.id for each in (*first.webhooks, *second.webhooks)] == made
    assert not second.next_page_token


async def test_the_deleted_are_listed_by_themselves(server: App, book: BookOf) -> None:
    kept, gone = await hook(server, book), await hook(server, book)
    await gone.delete()
    assert [each.id for each in (await listed(book.person, book)).webhooks] == [kept.webhook.id]
    assert [each.id for each in (await listed(book.person, book, deleted=True)).webhooks] == [gone.webhook.id]


async def test_a_foreign_token_and_a_foreign_space_are_refused(book: BookOf, bob: Person) -> None:
    request = pb.ListWebhooksRequest(space_id=book.id, page_token="abc")
    assert (await refusal_of(book.person.webhooks.ListWebhooks(request))).reason == "INVALID_PAGE_TOKEN"
    for space_id in (book.id, new_id()):
        foreign = pb.ListWebhooksRequest(space_id=space_id)
        assert (await refusal_of(bob.webhooks.ListWebhooks(foreign))).reason == "NOT_FOUND"
