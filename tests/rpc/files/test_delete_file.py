"""DeleteFile: it is hidden, and can come back while its content is kept."""

from files.desk import bring, delete
from people import BookOf, new_id, refusal_of
from rpc.files.promises import keeps_the_promises_of_a_write
from tallystick_client.v1 import file_pb2
from tallystick_client.v1 import file_service_pb2 as api


async def test_it_is_not_there_any_more(book: BookOf) -> None:
    file = await bring(book.person, book.id, b"abc")
    assert (await delete(book.person, file)).version > file.version
    get = api.GetFileRequest(space_id=book.id, file_id=file.id)
    assert (await refusal_of(book.person.files.GetFile(get))).reason == "NOT_FOUND"
    again = file_pb2.DeleteFileRequest(request_id=new_id(), space_id=book.id, file_id=file.id)
    assert (await refusal_of(book.person.files.DeleteFile(again))).reason == "NOT_FOUND"


async def test_it_keeps_its_promises(book: BookOf) -> None:
    file = await bring(book.person, book.id, b"abc")
    request = file_pb2.DeleteFileRequest(request_id=new_id(), space_id=book.id, file_id=file.id)
    await keeps_the_promises_of_a_write(book, "DeleteFile", request, file_id=new_id())
