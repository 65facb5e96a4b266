"""How does an archive come back? In ranges, each tried again where it broke off, and compared with its checksum at the end."""

import asyncio
import hashlib
import io
from collections.abc import AsyncGenerator
from typing import Any

from googleapiclient.http import MediaIoBaseDownload

from tallystick.backups.targets.drive.connection import Connection, Service
from tallystick.backups.targets.drive.failures import MESSAGES, classify, read_field
from tallystick.backups.targets.target import TargetFailed, TargetReason


async def read_pieces(connection: Connection, told: dict[str, Any], chunk_bytes: int) -> AsyncGenerator[bytes]:
    """The contents of a file that is described so."""
    name, checksum = choose_checksum(told)
    size_bytes, read_bytes, digest = int(read_field(told, "size")), 0, hashlib.new(name, usedforsecurity=False)
    buffer = io.BytesIO()
    download = await connection.run(lambda drive: _compose_download(drive, told["id"], buffer, chunk_bytes))
    tries, is_done = connection.tries(), False
    while not is_done:
        try:
            is_done = await connection.run(lambda _: download.next_chunk(num_retries=0)[1])
        except Exception as error:
            failure = classify(error)
            if failure is None:
                raise
            await tries.after(failure)
            continue
        piece = buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        read_bytes += len(piece)
        if read_bytes > size_bytes or (not piece and not is_done):
            break
        if piece:
            tries.got_further()
            await asyncio.to_thread(digest.update, piece)
            yield piece
    if read_bytes != size_bytes or digest.hexdigest() != checksum:
        raise TargetFailed(TargetReason.DAMAGED, MESSAGES[TargetReason.DAMAGED])


def choose_checksum(told: dict[str, Any]) -> tuple[str, str]:
    """The strongest that the Drive knows of a file."""
    for field, name in (("sha256Checksum", "sha256"), ("md5Checksum", "md5")):
        if told.get(field):
            return name, str(told[field])
    raise TargetFailed(TargetReason.DAMAGED, "The Drive knows no checksum of it, so nothing can be compared.")


def _compose_download(drive: Service, file_id: str, buffer: io.BytesIO, chunk_bytes: int) -> MediaIoBaseDownload:
    request = drive.files.get_media(fileId=file_id, supportsAllDrives=True)
    return MediaIoBaseDownload(buffer, request, chunksize=chunk_bytes)
