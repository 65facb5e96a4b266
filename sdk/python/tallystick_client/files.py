"""How does an app bring a file, and read it again? Part by part, and again from where it was cut off."""

import hashlib
import io
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol
from uuid import UUID

from tallystick_client.errors import NotFound, Unavailable
from tallystick_client.ids import new_id
from tallystick_client.retrying import Retries
from tallystick_client.v1.file_pb2 import File, FileUpload
from tallystick_client.v1.file_service_pb2 import (
    DownloadFileRequest,
    FinishUploadRequest,
    GetUploadRequest,
    StartUploadRequest,
    UploadPartRequest,
)
from tallystick_client.v1.file_service_pb2_grpc import FileServiceStub

# Told after each part how many bytes are there.
Progress = Callable[[int], None]
Source = bytes | Path | BinaryIO

_RETRIES = Retries()
_HASHED_BYTES = 1024 * 1024
# What tells the request that finishes an upload from the one that begins it.
_FINISHING = 0xFF


class HasFiles(Protocol):
    """A client, or whatever has its stub."""

    @property
    def files(self) -> FileServiceStub: ...


class DownloadDamaged(Exception):
    """What arrived is not what was brought: its checksum differs."""


def upload_file(
    client: HasFiles,
    space_id: str,
    source: Source,
    *,
    name: str = "",
    file_id: str = "",
    private: bool = False,
    on_progress: Progress | None = None,
) -> File:
    """Brings a file, and returns what became of it. Of a path the name is taken, unless there is another.

    Whoever gives the `file_id` may call again after anything went wrong, in another process, too, with the same content: what is there
    already is not sent again, and a file that was finished is returned as it is.
    """
    name = name or (source.name if isinstance(source, Path) else "")
    opened: BinaryIO = io.BytesIO(source) if isinstance(source, bytes) else _open(source)
    try:
        return _upload(client.files, space_id, opened, name, file_id or new_id(), private, on_progress)
    finally:
        if opened is not source:
            opened.close()


def download_file(
    client: HasFiles, space_id: str, file_id: str, target: BinaryIO, *, on_progress: Progress | None = None
) -> File:
    """Writes the content to the target, and returns the file. It goes on by itself where it was cut off, and raises `DownloadDamaged`
    if the whole is not what was brought."""
    digest, written, file, failed = hashlib.sha256(), 0, File(), 0
    while not file.id or written < file.size_bytes:
        request = DownloadFileRequest(space_id=space_id, file_id=file_id, offset=written)
        try:
            for answer in client.files.DownloadFile(request):
                file = answer.file if answer.HasField("file") else file
                target.write(answer.data)
                digest.update(answer.data)
                written, failed = written + len(answer.data), 0
                if on_progress:
                    on_progress(written)
        except Unavailable:
            failed += 1
            if failed == _RETRIES.tries:
                raise
            time.sleep(_RETRIES.wait_s(failed))
    if digest.digest() != file.sha256:
        raise DownloadDamaged(file.id)
    return file


def download_thumbnail(client: HasFiles, space_id: str, file_id: str) -> bytes:
    """The small picture of an image, a JPEG. Raises NotFound if there is none."""
    request = DownloadFileRequest(space_id=space_id, file_id=file_id, thumbnail=True)
    return b"".join(answer.data for answer in client.files.DownloadFile(request))


def _upload(
    files: FileServiceStub,
    space_id: str,
    source: BinaryIO,
    name: str,
    file_id: str,
    private: bool,  # noqa: FBT001 - as it was given
    on_progress: Progress | None,
) -> File:
    size, sha256 = _measure(source)
    named = {"space_id": space_id, "file_id": file_id}
    files.StartUpload(StartUploadRequest(request_id=file_id, **named, name=name, size_bytes=size, private=private))
    finish = FinishUploadRequest(request_id=_finish_id(file_id), **named, sha256=sha256)
    try:
        upload = files.GetUpload(GetUploadRequest(**named)).upload
    except NotFound:
        # It was finished before, by a call whose answer was lost; or it is gone, and this says so.
        return files.FinishUpload(finish).file
    for number in _missing(upload):
        source.seek(number * upload.part_bytes)
        data = source.read(upload.part_bytes)
        files.UploadPart(UploadPartRequest(**named, number=number, data=data, sha256=hashlib.sha256(data).digest()))
        if on_progress:
            on_progress(min(size, (number + 1) * upload.part_bytes))
    return files.FinishUpload(finish).file


def _missing(upload: FileUpload) -> Iterator[int]:
    there = frozenset(upload.part_numbers)
    return (number for number in range(upload.part_count) if number not in there)


def _measure(source: BinaryIO) -> tuple[int, bytes]:
    digest, size = hashlib.sha256(), 0
    source.seek(0)
    while data := source.read(_HASHED_BYTES):
        digest.update(data)
        size += len(data)
    return size, digest.digest()


def _finish_id(file_id: str) -> str:
    """The request id follows from the file's: whoever calls again asks the same, in whatever language."""
    return str(UUID(int=UUID(file_id).int ^ _FINISHING))


def _open(source: Path | BinaryIO) -> BinaryIO:
    return source.open("rb") if isinstance(source, Path) else source
