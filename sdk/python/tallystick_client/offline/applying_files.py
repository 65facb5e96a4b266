"""What do commands about files change? Bringing one needs the server there and then; whether a content is still kept, only it knows."""

from collections.abc import Iterator

from tallystick_client.offline.making import Making, Rule
from tallystick_client.offline.masks import copy_of
from tallystick_client.offline.rows import Row
from tallystick_client.v1.file_pb2 import DeleteFileRequest, File, RestoreFileRequest


def _delete(making: Making, command: DeleteFileRequest) -> Iterator[Row]:
    """What it is attached to goes on naming it."""
    file: File = making.require("file", command.file_id)
    yield Row("file", file.id, file, deleted=True)


def _restore(making: Making, command: RestoreFileRequest) -> Iterator[Row]:
    before: File | None = making.find_deleted("file", command.file_id)
    if before is not None:
        yield Row("file", before.id, copy_of(before))


FILE_RULES: dict[str, Rule] = {"delete_file": _delete, "restore_file": _restore}
