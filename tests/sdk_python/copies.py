"""What do tests of a single copy say again and again?"""

from typing import Any

from tallystick_client.offline import OfflineBook
from tallystick_client.offline.commands import command_in
from tallystick_client.v1.ledger_labels_pb2 import CreateTagRequest, Tag
from tallystick_client.v1.sync_pb2 import MutationResult
from tallystick_client.v1.sync_service_pb2 import PushResponse


def tag(book: OfflineBook, name: str = "trip", tag_id: str = "") -> str:
    return book.do(CreateTagRequest(name=name, tag_id=tag_id))


def settle(book: OfflineBook, **fields: Any) -> None:
    """The server's answer to the oldest that waits."""
    first = command_in(book.next_push()[0]).request_id
    book.take_results(PushResponse(results=[MutationResult(**{"request_id": first} | fields)]))


def tags(book: OfflineBook) -> list[str]:
    return sorted(each.name for each in book.list(Tag))
