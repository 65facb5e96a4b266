"""How does an archive come back? In ranges, each tried again where it broke off, and compared with its checksum at the end."""

import asyncio
import hashlib
import io
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from googleapiclient.http import MediaIoBaseDownload

from tallystick.backups.targets.drive.connection import Connection, Service
from tallystick.backups.targets.drive.failures import MESSAGES, classify, is_suspected, read_field
from tallystick.backups.targets.target import TargetFailed, TargetReason

_KNOWINGLY = {"acknowledgeAbuse": True}


async def read_pieces(connection: Connection, told: dict[str, Any], chunk_bytes: int) -> AsyncGenerator[bytes]:
    """The contents of a file that is described so."""
    name, checksum = find_checksum(told)
    size_bytes, read_bytes, digest = int(read_field(told, "size")), 0, hashlib.new(name, usedforsecurity=False)
    buffer = io.BytesIO()
    download = await connection.run(partial(_compose_download, told["id"], buffer, chunk_bytes, {}))
    tries, is_done = connection.tries(), False
    while not is_done:
        try:
            is_done = await connection.run(partial(_read_next, download))
        except Exception as error:
            failure = classify(error)
            if failure is None:
                raise
            if read_bytes == 0 and is_suspected(error):
                # The owner may have it all the same, if they say that they know. We do: it is what we stored, or it is told.
                download = await connection.run(partial(_compose_download, told["id"], buffer, chunk_bytes, _KNOWINGLY))
                failure = replace(failure, may_retry=True)
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


def find_checksum(told: dict[str, Any]) -> tuple[str, str]:
    """The strongest that the Drive knows of a file. One that it knows none of is the same as nothing."""
    if told.get("sha256Checksum"):
        return "sha256", str(told["sha256Checksum"])
    return "md5", str(told.get("md5Checksum", ""))


def _read_next(download: MediaIoBaseDownload, _: Service) -> bool:
    """Whether it was the last."""
    return bool(download.next_chunk(num_retries=0)[1])


def _compose_download(
    file_id: str, buffer: io.BytesIO, chunk_bytes: int, more: Mapping[str, bool], drive: Service
) -> MediaIoBaseDownload:
    request = drive.files.get_media(fileId=file_id, supportsAllDrives=True, **more)
    return MediaIoBaseDownload(buffer, request, chunksize=chunk_bytes)
