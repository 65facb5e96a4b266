"""What ListBooks promises."""

from people import Client, Person, refusal_of
from rpc.ledger import shelf
from rpc.spaces.sharing import VIEWER, leave, share
from tallystick_client.v1 import ledger_books_pb2 as pb


async def test_list_books_holds_the_callers_books_the_oldest_first_and_nobody_elses(ann: Person, bob: Person) -> None:
    theirs = await shelf.make(bob)
    await shelf.make(bob)
    mine = [await shelf.make(ann, name=name) for name in ("One", "Two")]
    await share(bob, theirs.id, ann, VIEWER)
    assert await shelf.books_of(ann) == [theirs, *mine]


async def test_list_books_forgets_what_was_left_and_fills_its_pages_without_it(ann: Person) -> None:
    book = await shelf.make(ann)
    vic = await shelf.with_member(ann, book.id, VIEWER)
    own = await shelf.make(vic)
    assert await shelf.books_of(vic) == [book, own]
    await leave(vic, book.id)
    page = await vic.ledger.ListBooks(pb.ListBooksRequest(page_size=1))
    assert (list(page.books), page.next_page_token) == ([own], "")


async def test_list_books_lists_the_deleted_ones_instead_to_every_member(ann: Person) -> None:
    kept, gone = await shelf.make(ann), await shelf.make(ann)
    vic = await shelf.with_member(ann, gone.id, VIEWER)
    deleted = await shelf.delete(ann, gone.id)
    assert await shelf.books_of(ann) == [kept]
    assert await shelf.books_of(ann, deleted=True) == [deleted]
    assert await shelf.books_of(vic) == []
    assert await shelf.books_of(vic, deleted=True) == [deleted]


async def test_list_books_pages_meet_every_book_once(ann: Person) -> None:
    made = [await shelf.make(ann) for _ in range(5)]
    gone = await shelf.make(ann)
    await shelf.delete(ann, gone.id)
    seen, token = [], ""
    while True:
        page = await ann.ledger.ListBooks(pb.ListBooksRequest(page_size=2, page_token=token))
        seen += page.books
        token = page.next_page_token
        assert len(page.books) == 2 or not token
        assert len(seen) <= len(made)
        if not token:
            break
    assert seen == made


async def test_list_books_of_an_access_key_holds_only_its_books_and_fills_its_pages_with_them(ann: Person) -> None:
    first, second, third, gone = [await shelf.make(ann) for _ in range(4)]
    program = await shelf.with_key(ann, second.id, third.id, gone.id)
    await shelf.delete(ann, gone.id)
    await shelf.delete(ann, first.id)
    assert await shelf.books_of(program) == [second, third]
    assert [book.id for book in await shelf.books_of(program, deleted=True)] == [gone.id]
    page = await program.ledger.ListBooks(pb.ListBooksRequest(page_size=1))
    assert list(page.books) == [second]
    assert await shelf.books_of(program, page_size=1, page_token=page.next_page_token) == [third]


async def test_list_books_refuses_a_token_of_another_query_or_user(ann: Person, bob: Person) -> None:
    for _ in range(2):
        await shelf.make(ann)
    token = (await ann.ledger.ListBooks(pb.ListBooksRequest(page_size=1))).next_page_token
    assert token
    for person, deleted in ((ann, True), (bob, False)):
        request = pb.ListBooksRequest(page_token=token, deleted=deleted)
        assert (await refusal_of(person.ledger.ListBooks(request))).reason == "INVALID_PAGE_TOKEN"


async def test_list_books_refuses_a_negative_page_size(ann: Person) -> None:
    refused = await refusal_of(shelf.books_of(ann, page_size=-1))
    assert (refused.reason, refused.fields) == ("INVALID_FIELD", ("page_size",))


async def test_list_books_needs_somebody_signed_in(client: Client) -> None:
    assert (await refusal_of(shelf.books_of(client))).reason == "NOT_SIGNED_IN"
