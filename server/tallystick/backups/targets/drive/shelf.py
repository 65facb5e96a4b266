"""Which calls does a target make about files? Each is one step, that may be tried again without harm.

Whatever is made gets its id first: a repeat of what had worked is then a conflict, and not a second file.
"""

from collections.abc import AsyncGenerator, Mapping
from functools import partial
from typing import Any

from tallystick.backups.targets.drive.connection import Connection, Service
from tallystick.backups.targets.drive.failures import AlreadyThere, read_field
from tallystick.backups.targets.drive.files import FILE_FIELDS, compose_query
from tallystick.backups.targets.target import TargetFailed, TargetReason

PAGE = 100
# Newest first. Sorting by the time of creation is what the Drive warns of.
ORDER = "modifiedTime desc"


class Shelf:
    """The files of one Drive, over one connection."""

    def __init__(self, connection: Connection, shared_drive_id: str | None) -> None:
        self.connection = connection
        self._where: dict[str, Any] = {}
        if shared_drive_id:
            self._where = {"corpora": "drive", "driveId": shared_drive_id, "includeItemsFromAllDrives": True}

    async def mint_id(self) -> str:
        def step(drive: Service) -> str:
            answer = drive.files.generateIds(count=1, space="drive", type="files").execute()
            return str(read_field(answer, "ids")[0])

        return await self.connection.keep_trying(step)

    async def find(self, file_id: str, fields: str = FILE_FIELDS) -> dict[str, Any] | None:
        """None where it is not, or not for this app."""
        try:
            return await self.get(file_id, fields)
        except TargetFailed as failed:
            if failed.reason is TargetReason.GONE:
                return None
            raise

    async def get(self, file_id: str, fields: str = FILE_FIELDS) -> dict[str, Any]:
        def step(drive: Service) -> dict[str, Any]:
            answer = drive.files.get(fileId=file_id, fields=fields, supportsAllDrives=True).execute()
            read_field(answer, "id")
            return answer  # type: ignore[no-any-return]  # whatever has an id

        return await self.connection.keep_trying(step)

    async def list(self, properties: Mapping[str, str], fields: str = FILE_FIELDS) -> AsyncGenerator[dict[str, Any]]:
        """All of them: a page may be short, or empty, and still have one behind it."""
        query, token = compose_query(properties), ""
        while True:
            page = await self.connection.keep_trying(partial(self._page, query, fields, token))
            for each in page.get("files", ()):
                yield each
            token = page.get("nextPageToken", "")
            if not token:
                return

    def _page(self, query: str, fields: str, token: str, drive: Service) -> dict[str, Any]:
        answer = drive.files.list(
            q=query,
            fields=f"nextPageToken,files({fields})",
            orderBy=ORDER,
            pageSize=PAGE,
            spaces="drive",
            supportsAllDrives=True,
            **self._where,
            **({"pageToken": token} if token else {}),
        ).execute()
        read_field(answer, "files")
        return answer  # type: ignore[no-any-return]  # whatever has files

    async def create(self, body: Mapping[str, Any]) -> None:
        """Without contents. What a lost answer hides is there already when it is tried again."""

        def step(drive: Service) -> None:
            drive.files.create(body=dict(body), fields="id", supportsAllDrives=True).execute()

        try:
            await self.connection.keep_trying(step)
        except AlreadyThere:
            return

    async def delete(self, file_id: str) -> None:
        try:
            await self.connection.keep_trying(
                lambda drive: drive.files.delete(fileId=file_id, supportsAllDrives=True).execute()
            )
        except TargetFailed as failed:
            if failed.reason is not TargetReason.GONE:
                raise
