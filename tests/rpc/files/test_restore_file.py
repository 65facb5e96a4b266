"""RestoreFile: it is as it was, while its content is kept."""

from files.desk import bring, delete, download
from people import BookOf, new_id, refusal_of
from rpc.files.promises import keeps_the_promises_of_a_write
from rpc.spaces.sharing import back
from tallystick_client.v1 import file_pb2
from turned_clock import TurnedClock


def restore(file: file_pb2.File) -> file_pb2.RestoreFileRequest:
    return file_pb2.RestoreFileRequest(request_id=new_id(), space_id=file.space_id, file_id=file.id)


async def test_it_is_as_it_was(book: BookOf) -> None:
    file = await bring(book.person, book.id, b"abc")
    await delete(book.person, file)
    back = (await book.person.files.RestoreFile(restore(file))).file
    back.version = file.version
    assert back == file
    assert await download(book.person, book.id, file.id) == b"abc"


async def test_it_keeps_its_promises(book: BookOf) -> None:
    file = await bring(book.person, book.id, b"abc")
    await delete(book.person, file)
    await keeps_the_promises_of_a_write(book, "RestoreFile", restore(file), file_id=new_id())


async def test_one_that_is_there_stays_as_it_is(book: BookOf) -> None:
    file = await bring(book.person, book.id, b"abc")
    assert (await book.person.files.RestoreFile(restore(file))).file == file


async def test_its_content_is_kept_for_thirty_days(book: BookOf, clock: TurnedClock) -> None:
    early, late = await bring(book.person, book.id, b"abc"), await bring(book.person, book.id, b"xyz")
    for file in (early, late):
        await delete(book.person, file)
    with clock.later(days=29):
        ann = await back(book.person)
        await ann.files.RestoreFile(restore(early))
    with clock.later(days=31):
        ann = await back(book.person)
        assert (await refusal_of(ann.files.RestoreFile(restore(late)))).reason == "CONTENT_GONE"
        assert await download(ann, book.id, early.id) == b"abc"


async def test_what_was_deleted_for_good_does_not_come_back(book: BookOf) -> None:
    file = await bring(book.person, book.id, b"abc")
    await delete(book.person, file, for_good=True)
    assert (await refusal_of(book.person.files.RestoreFile(restore(file)))).reason == "CONTENT_GONE"
