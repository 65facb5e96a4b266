"""ListFiles: a page at a time, deleted ones apart."""

from files.desk import begin, bring, delete
from people import BookOf, Person, refusal_of
from tallystick_client.v1 import file_service_pb2 as api


async def test_pages_hold_every_file_once(book: BookOf) -> None:
    made = sorted([(await bring(book.person, book.id, b"abc", name=f"{n}.txt")).id for n in range(5)])
    await begin(book.person, book.id, b"abc")
    found, token = list[str](), ""
    while True:
        request = api.ListFilesRequest(space_id=book.id, page_size=2, page_token=token)
        page = await book.person.files.ListFiles(request)
        found += [file.id for file in page.files]
        token = page.next_page_token
        if not token:
            break
    assert found == made


async def test_deleted_ones_are_listed_apart(book: BookOf) -> None:
    kept, gone = await bring(book.person, book.id, b"abc"), await bring(book.person, book.id, b"xyz")
    await delete(book.person, gone)
    for deleted, expected in ((False, kept.id), (True, gone.id)):
        answer = await book.person.files.ListFiles(api.ListFilesRequest(space_id=book.id, deleted=deleted))
        assert [file.id for file in answer.files] == [expected]


async def test_a_foreign_token_and_a_foreign_space_are_refused(book: BookOf, bob: Person) -> None:
    bad = api.ListFilesRequest(space_id=book.id, page_token="x")
    assert (await refusal_of(book.person.files.ListFiles(bad))).reason == "INVALID_PAGE_TOKEN"
    assert (await refusal_of(bob.files.ListFiles(api.ListFilesRequest(space_id=book.id)))).reason == "NOT_FOUND"
