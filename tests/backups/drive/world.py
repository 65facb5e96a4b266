"""What is in the Drive, whose is it, and who sees it?"""

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from backups.drive.accounts import ALL_FILES, Access, Account, Accounts
from backups.drive.queries import Fits
from backups.drive.refusing import Refused, not_found

FOLDER_TYPE = "application/vnd.google-apps.folder"
PROPERTY_BYTES_MAX = 124
PROPERTIES_MAX = 30


@dataclass(slots=True)
class File:
    """A file or a folder. `owner` is an account, or the shared drive that it lies in."""

    id: str
    name: str
    mime_type: str
    parent_id: str
    owner: str
    client_id: str
    app_properties: dict[str, str]
    content: bytes
    made_at: datetime
    in_trash: bool = False
    is_suspected: bool = False
    # Whether this file, or a folder around it, is in the trash.
    is_trashed: bool = False


@dataclass(slots=True)
class SharedDrive:
    """A drive of a team, and who may do what in it."""

    id: str
    roles: dict[str, str]


@dataclass(slots=True)
class World:
    """Everything. One thread at a time is in it."""

    accounts: Accounts = field(default_factory=Accounts)
    files: dict[str, File] = field(default_factory=dict)
    drives: dict[str, SharedDrive] = field(default_factory=dict)
    minted: set[str] = field(default_factory=set)
    page_max: int = 1000
    checksums: tuple[str, ...] = ("md5", "sha256")
    _now: datetime = datetime(2026, 3, 1, 8, tzinfo=UTC)

    def account_of(self, access: Access) -> Account:
        return self.accounts.people.setdefault(access.email, Account(access.email))

    def mint_ids(self, count: int) -> list[str]:
        made = [f"id{secrets.token_hex(14)}" for _ in range(count)]
        self.minted.update(made)
        return made

    def sees(self, access: Access, file: File) -> bool:
        in_reach = file.owner == access.email or access.email in self._roles(file.owner)
        return in_reach and (access.scope == ALL_FILES or file.client_id == access.client_id)

    def _roles(self, owner: str) -> Mapping[str, str]:
        return self.drives[owner].roles if owner in self.drives else {}

    def require(self, access: Access, file_id: str, asked: Mapping[str, str]) -> File:
        file = self.files.get(file_id)
        if file is None or not self.sees(access, file):
            raise not_found()
        if file.owner in self.drives and asked.get("supportsAllDrives") != "true":
            raise not_found()
        return file

    def require_place(self, access: Access, body: Mapping[str, Any], asked: Mapping[str, str]) -> tuple[str, str]:
        """The parent of a new file, and whose it will be."""
        parents = body.get("parents") or [f"root-{access.email}"]
        if len(parents) > 1:
            raise Refused(HTTPStatus.BAD_REQUEST, "invalid")
        if parents[0] in (f"root-{access.email}", "root"):
            return f"root-{access.email}", access.email
        if parents[0] in self.drives:
            if access.email not in self._roles(parents[0]) or asked.get("supportsAllDrives") != "true":
                raise not_found()
            # With permission for its own files alone, an app does not see the drive itself.
            if access.scope != ALL_FILES:
                raise not_found()
            return parents[0], parents[0]
        return parents[0], self.require(access, parents[0], asked).owner

    def require_fit(self, access: Access, body: Mapping[str, Any], owner: str, size_bytes: int) -> None:
        """Whether such a file may be made."""
        file_id = body.get("id")
        if file_id is not None and file_id not in self.minted:
            raise Refused(HTTPStatus.BAD_REQUEST, "invalid")
        if file_id in self.files:
            raise Refused(HTTPStatus.CONFLICT, "fileIdInUse")
        properties = body.get("appProperties", {})
        if len(properties) > PROPERTIES_MAX or any(
            len(f"{key}{value}".encode()) > PROPERTY_BYTES_MAX for key, value in properties.items()
        ):
            raise Refused(HTTPStatus.FORBIDDEN, "appPropertiesLimit")
        account = self.accounts.people.get(owner)
        if account is None or not size_bytes:
            return
        full = account.limit_bytes is not None and self.used_bytes(owner) + size_bytes > account.limit_bytes
        if account.is_service or full:
            raise Refused(HTTPStatus.FORBIDDEN, "storageQuotaExceeded")

    def used_bytes(self, owner: str, *, only_trash: bool = False) -> int:
        """What is in the trash counts."""
        return sum(
            len(file.content)
            for file in self.files.values()
            if file.owner == owner and (file.is_trashed or not only_trash)
        )

    def make(self, access: Access, body: Mapping[str, Any], asked: Mapping[str, str], content: bytes = b"") -> File:
        parent_id, owner = self.require_place(access, body, asked)
        self.require_fit(access, body, owner, len(content))
        self._now += timedelta(seconds=1)
        file = File(
            id=body.get("id") or self.mint_ids(1)[0],
            name=body.get("name", "Untitled"),
            mime_type=body.get("mimeType", "application/octet-stream"),
            parent_id=parent_id,
            owner=owner,
            client_id=access.client_id,
            app_properties=dict(body.get("appProperties", {})),
            content=content,
            made_at=self._now,
        )
        self.files[file.id] = file
        self.spread_trash()
        return file

    def spread_trash(self) -> None:
        """What lies in a folder that is in the trash is there, too."""
        for file in self.files.values():
            around, file.is_trashed = file, file.in_trash
            while not file.is_trashed and around.parent_id in self.files:
                around = self.files[around.parent_id]
                file.is_trashed = around.in_trash

    def delete(self, access: Access, file: File) -> None:
        if file.owner in self.drives and self._roles(file.owner)[access.email] != "organizer":
            raise Refused(HTTPStatus.FORBIDDEN, "insufficientFilePermissions")
        for inside in [each for each in self.files.values() if each.parent_id == file.id]:
            self.delete(access, inside)
        # Its id is used for good.
        self.minted.discard(file.id)
        del self.files[file.id]

    def list(self, access: Access, fits: Fits, asked: Mapping[str, str]) -> Iterator[File]:
        """The newest first."""
        if asked.get("corpora") == "drive" and "driveId" not in asked:
            raise Refused(HTTPStatus.BAD_REQUEST, "invalid")
        every = asked.get("supportsAllDrives") == asked.get("includeItemsFromAllDrives") == "true"
        for file in sorted(self.files.values(), key=lambda file: file.made_at, reverse=True):
            if file.owner in self.drives and not every:
                continue
            if asked.get("driveId") not in (None, file.owner):
                continue
            if self.sees(access, file) and fits(file):
                yield file

    def describe(self, file: File) -> dict[str, Any]:
        told: dict[str, Any] = {
            "kind": "drive#file",
            "id": file.id,
            "name": file.name,
            "mimeType": file.mime_type,
            "parents": [file.parent_id],
            "trashed": file.is_trashed,
            "createdTime": file.made_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        if file.app_properties:
            told["appProperties"] = dict(file.app_properties)
        if file.mime_type != FOLDER_TYPE:
            told["size"] = str(len(file.content))
            if "md5" in self.checksums:
                told["md5Checksum"] = hashlib.md5(file.content, usedforsecurity=False).hexdigest()
            if "sha256" in self.checksums:
                told["sha256Checksum"] = hashlib.sha256(file.content).hexdigest()
        return told
