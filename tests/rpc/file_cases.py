"""A request for each call about files, which would succeed but for the id that a test puts in."""

from collections.abc import Mapping
from typing import Any

from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from files.desk import bring, bring_parts, sha256
from people import BookOf, new_id
from tallystick_client.v1 import file_service_pb2

_SERVICE = file_service_pb2.DESCRIPTOR.services_by_name["FileService"]
_OF_UPLOADS = {"GetUpload", "UploadPart", "FinishUpload", "CancelUpload"}
_CONTENT = b"abc"


async def make_files(book: BookOf) -> dict[str, str]:
    """A file, and one on its way."""
    file = await bring(book.person, book.id, _CONTENT)
    upload = await bring_parts(book.person, book.id, _CONTENT)
    return {"file_id": file.id, "upload_id": upload.file_id}


def compose(name: str, ids: Mapping[str, str]) -> Message:
    """A request of the call that asks for nothing out of the ordinary."""
    request_type: Any = GetMessageClass(_SERVICE.methods_by_name[name].input_type)
    known = request_type.DESCRIPTOR.fields_by_name
    usual: dict[str, Any] = {
        "request_id": new_id(),
        "space_id": ids["space_id"],
        "file_id": ids["upload_id" if name in _OF_UPLOADS else "file_id"],
        "name": "receipt.txt",
        "size_bytes": len(_CONTENT),
        "data": _CONTENT,
        "sha256": sha256(_CONTENT),
    }
    fields = {each: value for each, value in usual.items() if each in known}
    if name == "StartUpload":
        del fields["file_id"]
    return request_type(**fields)  # type: ignore[no-any-return]  # a message made from its descriptor
