"""GetUpload: which parts are there, so that whoever was cut off goes on."""

from files.desk import PART, begin, bring, content_of, finish, part
from people import BookOf, new_id, refusal_of, sign_up
from rpc.spaces.sharing import EDITOR, share
from tallystick_client.v1 import file_service_pb2 as api


async def test_whoever_was_cut_off_goes_on(book: BookOf) -> None:
    content = content_of(2 * PART + 5)
    upload = await begin(book.person, book.id, content)
    for number in (2, 0):
        await book.person.files.UploadPart(part(book.id, upload.file_id, content, number))
    named = {"space_id": book.id, "file_id": upload.file_id}
    known = (await book.person.files.GetUpload(api.GetUploadRequest(**named))).upload
    assert list(known.part_numbers) == [0, 2]
    known.ClearField("part_numbers")
    assert known == upload
    await book.person.files.UploadPart(part(book.id, upload.file_id, content, 1))
    assert (await book.person.files.FinishUpload(finish(book.id, upload.file_id, content))).file.size_bytes == len(
        content
    )


async def test_only_whoever_began_it_sees_it(book: BookOf) -> None:
    upload = await begin(book.person, book.id, b"abc")
    eve = await sign_up(book.person.client, "Eve")
    await share(book.person, book.id, eve, EDITOR)
    named = {"space_id": book.id, "file_id": upload.file_id}
    others = await refusal_of(eve.files.GetUpload(api.GetUploadRequest(**named)))
    missing = await refusal_of(eve.files.GetUpload(api.GetUploadRequest(space_id=book.id, file_id=new_id())))
    assert others.reason == "NOT_FOUND"
    assert others.raw == missing.raw


async def test_what_is_finished_is_no_upload(book: BookOf) -> None:
    file = await bring(book.person, book.id, b"abc")
    request = api.GetUploadRequest(space_id=book.id, file_id=file.id)
    assert (await refusal_of(book.person.files.GetUpload(request))).reason == "NOT_FOUND"
