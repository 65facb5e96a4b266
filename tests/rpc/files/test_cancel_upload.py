"""CancelUpload: nothing of it is left."""

from files.desk import begin, bring, bring_parts, download, finish, part
from people import BookOf, new_id, refusal_of
from rpc.files.promises import keeps_the_promises_of_a_write
from tallystick.config import Config
from tallystick_client.v1 import file_service_pb2 as api


def cancel(book: BookOf, file_id: str) -> api.CancelUploadRequest:
    return api.CancelUploadRequest(request_id=new_id(), space_id=book.id, file_id=file_id)


async def test_nothing_is_left_and_the_id_is_free(book: BookOf, config: Config) -> None:
    upload = await bring_parts(book.person, book.id, b"abc")
    assert (config.data_dir / "files" / book.id).exists()
    await book.person.files.CancelUpload(cancel(book, upload.file_id))
    assert not (config.data_dir / "files" / book.id).exists()
    late = part(book.id, upload.file_id, b"abc")
    assert (await refusal_of(book.person.files.UploadPart(late))).reason == "NOT_FOUND"
    again = await begin(book.person, book.id, b"xyz", file_id=upload.file_id)
    await book.person.files.UploadPart(part(book.id, again.file_id, b"xyz"))
    await book.person.files.FinishUpload(finish(book.id, again.file_id, b"xyz"))


async def test_it_keeps_its_promises(book: BookOf) -> None:
    upload = await begin(book.person, book.id, b"abc")
    await keeps_the_promises_of_a_write(book, "CancelUpload", cancel(book, upload.file_id), file_id=new_id())


async def test_what_is_finished_is_not_cancelled(book: BookOf) -> None:
    file = await bring(book.person, book.id, b"abc")
    assert (await refusal_of(book.person.files.CancelUpload(cancel(book, file.id)))).reason == "NOT_FOUND"
    assert (await refusal_of(book.person.files.CancelUpload(cancel(book, new_id())))).reason == "NOT_FOUND"


async def test_a_repeat_leaves_alone_what_has_the_id_since(book: BookOf) -> None:
    upload = await bring_parts(book.person, book.id, b"abc")
    request = cancel(book, upload.file_id)
    await book.person.files.CancelUpload(request)
    again = await bring_parts(book.person, book.id, b"xyz", file_id=upload.file_id)
    await book.person.files.CancelUpload(request)
    await book.person.files.FinishUpload(finish(book.id, again.file_id, b"xyz"))
    assert await download(book.person, book.id, again.file_id) == b"xyz"
