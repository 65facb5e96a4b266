"""GetFile: what it is, without what is in it."""

from files.desk import begin, bring, delete
from people import BookOf, new_id, refusal_of, sign_up
from rpc.spaces.sharing import VIEWER, share
from tallystick_client.v1 import file_service_pb2 as api


async def test_every_member_sees_it(book: BookOf) -> None:
    file = await bring(book.person, book.id, b"abc")
    vic = await sign_up(book.person.client, "Vic")
    await share(book.person, book.id, vic, VIEWER)
    assert (await vic.files.GetFile(api.GetFileRequest(space_id=book.id, file_id=file.id))).file == file


async def test_what_is_not_there_is_not_found(book: BookOf) -> None:
    file, upload = await bring(book.person, book.id, b"abc"), await begin(book.person, book.id, b"abc")
    await delete(book.person, file)
    for file_id in (file.id, upload.file_id, new_id()):
        request = api.GetFileRequest(space_id=book.id, file_id=file_id)
        assert (await refusal_of(book.person.files.GetFile(request))).reason == "NOT_FOUND"
