"""Upload: a whole file in one call of native gRPC."""

from collections.abc import AsyncIterator, Iterable
from typing import Any

import grpc
import pytest

from files.desk import PART, content_of, download, part, sha256, start
from people import BookOf, Client, Person, Refusal, new_id, read_refusal, sign_up
from rpc.spaces.sharing import VIEWER, share
from tallystick_client.v1 import file_pb2
from tallystick_client.v1 import file_service_pb2 as api
from tallystick_client.v1.file_service_pb2_grpc import FileServiceStub


def steps(begun: api.StartUploadRequest, content: bytes, size: int = 700_000, **last: Any) -> list[api.UploadRequest]:
    pieces = [content[at : at + size] for at in range(0, len(content), size)]
    return [
        api.UploadRequest(start=begun),
        *(api.UploadRequest(data=each) for each in pieces),
        api.UploadRequest(sha256=last.get("sha256", sha256(content))),
    ]


async def upload(person: Client, requests: Iterable[api.UploadRequest]) -> file_pb2.File:
    async def sent() -> AsyncIterator[api.UploadRequest]:
        for request in requests:
            yield request

    stub: Any = FileServiceStub(person.channel)
    file: file_pb2.File = (await stub.Upload(sent(), metadata=person.metadata)).file
    return file


async def refusal_of_upload(person: Client, requests: Iterable[api.UploadRequest]) -> Refusal:
    try:
        await upload(person, requests)
    except grpc.aio.AioRpcError as error:
        return read_refusal(error)
    raise AssertionError("it was answered, and had to be refused")


@pytest.mark.parametrize("size", [1000, PART, PART - 1])
async def test_messages_of_any_size_make_the_file(book: BookOf, size: int) -> None:
    content = content_of(PART + 70_000)
    file = await upload(book.person, steps(start(book.id, content, name="a/b.bin"), content, size))
    assert (file.name, file.sha256) == ("b.bin", sha256(content))
    assert await download(book.person, book.id, file.id) == content


async def test_a_repeat_returns_the_first_answer_and_goes_on_with_what_was_cut_off(book: BookOf) -> None:
    content = content_of(2 * PART + 5)
    begun = start(book.id, content)
    cut = await refusal_of_upload(book.person, steps(begun, content)[:3])
    assert (cut.reason, cut.fields) == ("INVALID_FIELD", ("sha256",))
    known = api.GetUploadRequest(space_id=book.id, file_id=begun.file_id)
    assert list((await book.person.files.GetUpload(known)).upload.part_numbers) == [0]
    await book.person.files.UploadPart(part(book.id, begun.file_id, content, 2))
    first = await upload(book.person, steps(begun, content))
    assert await upload(book.person, steps(begun, content)) == first
    other = await refusal_of_upload(book.person, steps(begun, content, sha256=sha256(b"")))
    assert other.reason == "REQUEST_ID_REUSED"


async def test_it_is_refused_as_its_parts_would_be(book: BookOf, bob: Person, client: Client) -> None:
    content = content_of(5000)
    vic = await sign_up(client, "Vic")
    await share(book.person, book.id, vic, VIEWER)
    begun = start(book.id, content)
    assert (await refusal_of_upload(vic, steps(begun, content))).reason == "ROLE_TOO_LOW"
    assert (await refusal_of_upload(bob, steps(begun, content))).reason == "NOT_FOUND"
    assert (await refusal_of_upload(client, steps(begun, content))).reason == "NOT_SIGNED_IN"
    large = start(book.id, content, size_bytes=2**31)
    assert (await refusal_of_upload(book.person, steps(large, content))).reason == "FILE_TOO_LARGE"
    more = start(book.id, content, size_bytes=4000)
    assert (await refusal_of_upload(book.person, steps(more, content))).fields == ("data",)
    wrong = steps(start(book.id, content), content, sha256=sha256(b"x"))
    assert (await refusal_of_upload(book.person, wrong)).reason == "CHECKSUM_MISMATCH"


async def test_messages_in_another_order_are_refused(book: BookOf) -> None:
    content = content_of(5000)
    begun = steps(start(book.id, content), content)
    for requests in (begun[1:], [begun[0], begun[0]], []):
        assert (await refusal_of_upload(book.person, requests)).reason == "INVALID_FIELD"
    nameless = steps(start(book.id, content, file_id=""), content)
    assert (await refusal_of_upload(book.person, nameless)).fields == ("start.file_id",)
    broken = [begun[0], api.UploadRequest(data=bytes(PART + 1))]
    assert (await refusal_of_upload(book.person, broken)).fields == ("data",)


async def test_whoever_leaves_in_the_middle_can_begin_again(book: BookOf) -> None:
    begun = start(book.id, b"abc", request_id=new_id())
    stub: Any = FileServiceStub(book.person.channel)
    call = stub.Upload(metadata=book.person.metadata)
    await call.write(api.UploadRequest(start=begun))
    call.cancel()
    assert await call.code() == grpc.StatusCode.CANCELLED
    assert (await upload(book.person, steps(begun, b"abc"))).size_bytes == 3
