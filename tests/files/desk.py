"""How does a test bring a file, and read it again? As an app does, part by part."""

import hashlib
import io
import random
from typing import Any

from PIL import Image

from people import Person, new_id
from tallystick_client.v1 import file_pb2
from tallystick_client.v1 import file_service_pb2 as api

PART = 1024 * 1024


def content_of(size: int, seed: int = 1) -> bytes:
    """Bytes that look like nothing."""
    return b"\x00" + random.Random(seed).randbytes(size - 1)


def photo(width: int = 800, height: int = 600, image_format: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), (200, 30, 60)).save(out, image_format, **options)
    return out.getvalue()


def sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def start(space_id: str, content: bytes, name: str = "receipt.bin", **other: Any) -> api.StartUploadRequest:
    fields: dict[str, Any] = {"request_id": new_id(), "space_id": space_id, "file_id": new_id(), "name": name}
    return api.StartUploadRequest(**fields | {"size_bytes": len(content)} | other)


def part(space_id: str, file_id: str, content: bytes, number: int = 0, **other: Any) -> api.UploadPartRequest:
    data = content[number * PART : (number + 1) * PART]
    fields: dict[str, Any] = {"space_id": space_id, "file_id": file_id, "number": number, "data": data}
    return api.UploadPartRequest(**fields | {"sha256": sha256(data)} | other)


def finish(space_id: str, file_id: str, content: bytes, **other: Any) -> api.FinishUploadRequest:
    fields: dict[str, Any] = {"request_id": new_id(), "space_id": space_id, "file_id": file_id}
    return api.FinishUploadRequest(**fields | {"sha256": sha256(content)} | other)


async def begin(person: Person, space_id: str, content: bytes, **other: Any) -> file_pb2.FileUpload:
    upload: file_pb2.FileUpload = (await person.files.StartUpload(start(space_id, content, **other))).upload
    return upload


async def bring_parts(person: Person, space_id: str, content: bytes, **other: Any) -> file_pb2.FileUpload:
    """An upload with all its parts, not finished."""
    upload = await begin(person, space_id, content, **other)
    for number in range(upload.part_count):
        await person.files.UploadPart(part(space_id, upload.file_id, content, number))
    return upload


async def bring(person: Person, space_id: str, content: bytes, **other: Any) -> file_pb2.File:
    upload = await bring_parts(person, space_id, content, **other)
    file: file_pb2.File = (await person.files.FinishUpload(finish(space_id, upload.file_id, content))).file
    return file


async def download(person: Person, space_id: str, file_id: str, **other: Any) -> bytes:
    request = api.DownloadFileRequest(space_id=space_id, file_id=file_id, **other)
    return b"".join([answer.data async for answer in person.contents.DownloadFile(request)])


async def delete(person: Person, file: file_pb2.File, **other: Any) -> file_pb2.File:
    request = file_pb2.DeleteFileRequest(request_id=new_id(), space_id=file.space_id, file_id=file.id, **other)
    deleted: file_pb2.File = (await person.files.DeleteFile(request)).file
    return deleted
