"""What ListGroupLinks promises."""

from circle import make_circle
from linked import Linked, linking
from people import Person, refusal_of
from rpc.spaces.sharing import VIEWER, share
from tallystick_client.v1 import ledger_links_pb2


async def listed(person: Person, book_id: str, **other: int | str) -> ledger_links_pb2.ListGroupLinksResponse:
    request = ledger_links_pb2.ListGroupLinksRequest(book_id=book_id, **other)  # type: ignore[arg-type]  # whatever a test says
    response: ledger_links_pb2.ListGroupLinksResponse = await person.ledger.ListGroupLinks(request)
    return response


async def test_it_lists_all_page_by_page_ended_ones_too(linked: Linked) -> None:
    ids = {linked.link.id}
    for _ in range(2):
        circle = await make_circle(linked.person)
        ids.add((await linked.person.ledger.LinkGroupToBook(linking(linked.book, circle))).link.id)
    await linked.unlink(keep=True)
    found, token = list[str](), ""
    while True:
        page = await listed(linked.person, linked.book.id, page_size=2, page_token=token)
        found += [each.id for each in page.links]
        token = page.next_page_token
        if not token:
            break
    assert found == sorted(ids)


async def test_any_member_of_the_book_may_ask_and_nobody_else(linked: Linked, bob: Person) -> None:
    request = ledger_links_pb2.ListGroupLinksRequest(book_id=linked.book.id)
    assert (await refusal_of(bob.ledger.ListGroupLinks(request))).reason == "NOT_FOUND"
    await share(linked.person, linked.book.id, bob, VIEWER)
    assert [each.id for each in (await listed(bob, linked.book.id)).links] == [linked.link.id]


async def test_what_is_no_token_is_refused(linked: Linked) -> None:
    request = ledger_links_pb2.ListGroupLinksRequest(book_id=linked.book.id, page_token="nonsense")
    assert (await refusal_of(linked.person.ledger.ListGroupLinks(request))).reason == "INVALID_PAGE_TOKEN"
