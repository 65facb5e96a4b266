"""A request for each call about imports, which would succeed but for the id that a test puts in."""

from collections.abc import Mapping
from typing import Any

from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from imports.desk import Desk, statement
from people import BookOf, new_id
from tallystick_client.v1 import import_rows_pb2, import_service_pb2

_SERVICE = import_service_pb2.DESCRIPTOR.services_by_name["ImportService"]
ONE = statement("2026-03-01,Shop,-3.50")


async def make_imports(book: BookOf) -> dict[str, str]:
    """An import that waits, and a profile, by the names of the fields that take them."""
    desk = Desk(book)
    done = await desk.take_in(ONE)
    waiting = await desk.create(ONE)
    return {"import_id": waiting.id, "profile_id": done.profile_id}


def compose(name: str, ids: Mapping[str, str]) -> Message:
    """A request of the call that asks for nothing out of the ordinary."""
    request_type: Any = GetMessageClass(_SERVICE.methods_by_name[name].input_type)
    known = request_type.DESCRIPTOR.fields_by_name
    usual: dict[str, Any] = {
        "request_id": new_id(),
        "space_id": ids["space_id"],
        "import_id": ids["import_id"],
        "file_id": ids["file_id"],
        "account_id": ids["account_id"],
        "profile_id": ids["profile_id"],
        "updates": [import_rows_pb2.ImportRowUpdate(row_no=1)],
    }
    fields = {each: value for each, value in usual.items() if each in known}
    if name == "CreateImport":
        del fields["import_id"]
    return request_type(**fields)  # type: ignore[no-any-return]  # a message made from its descriptor
