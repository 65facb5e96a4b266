"""How are archives and their folder told from whatever else lies in a Drive? By properties that only this app sees. Pure.

Names are for people, who may change them and move files about. A file of ours stays ours wherever it is, until it is in the trash.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tallystick.backups.targets.drive.failures import NotDrive, read_field
from tallystick.backups.targets.target import Stored

FOLDER_TYPE = "application/vnd.google-apps.folder"
ARCHIVE_TYPE = "application/octet-stream"

# Ours, beside the labels of whoever makes backups.
WHAT, ARCHIVE, FOLDER = "tallystick", "archive", "folder"
SHA256 = "sha256"

# Unless it is asked for them, the Drive tells four fields and no checksum.
FILE_FIELDS = "id,name,size,sha256Checksum,md5Checksum,createdTime,appProperties,trashed"
FOLDER_FIELDS = "id,trashed"


def compose_archive(
    file_id: str, folder_id: str, name: str, labels: Mapping[str, str], sha256: bytes
) -> dict[str, Any]:
    """What a new archive says of itself."""
    properties = {**labels, WHAT: ARCHIVE, SHA256: sha256.hex()}
    return {
        "id": file_id,
        "name": name,
        "mimeType": ARCHIVE_TYPE,
        "parents": [folder_id],
        "appProperties": properties,
    }


def compose_folder(file_id: str, name: str, parent_id: str | None) -> dict[str, Any]:
    made: dict[str, Any] = {"id": file_id, "name": name, "mimeType": FOLDER_TYPE, "appProperties": {WHAT: FOLDER}}
    return {**made, "parents": [parent_id]} if parent_id else made


def compose_query(properties: Mapping[str, str]) -> str:
    """Files that have all of these, wherever they are but in the trash."""
    each = [
        f"appProperties has {{ key='{_quote(key)}' and value='{_quote(value)}' }}" for key, value in properties.items()
    ]
    return " and ".join(["trashed = false", *each])


def _quote(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def read_stored(told: Any) -> Stored:
    properties: Mapping[str, str] = told.get("appProperties") or {} if isinstance(told, dict) else {}
    checksum = told.get("sha256Checksum") if isinstance(told, dict) else None
    try:
        return Stored(
            id=str(read_field(told, "id")),
            name=str(read_field(told, "name")),
            size_bytes=int(read_field(told, "size")),
            sha256=bytes.fromhex(checksum) if checksum else None,
            created_at=datetime.fromisoformat(read_field(told, "createdTime")),
            labels={key: value for key, value in properties.items() if key not in (WHAT, SHA256)},
        )
    except (ValueError, TypeError) as odd:
        raise NotDrive("odd descriptions of files") from odd


def is_whole(told: Any) -> bool:
    """Whether a file is what was sent, as far as the Drive says. One that is not was never said to be stored, and waits to be deleted."""
    checksum = told.get("sha256Checksum")
    return checksum is None or checksum == (told.get("appProperties") or {}).get(SHA256)
