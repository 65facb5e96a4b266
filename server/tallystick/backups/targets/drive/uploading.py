"""How does a large file get into a Drive over a line that breaks? In a session that is asked how far it is, by this process or the next.

A session may be gone at any moment: then the file, whose id is known beforehand, is there or must be sent from its start. A chunk is bytes
and no stream: one that was read to its end before an answer got lost, or a token expired, would be sent again as nothing at all.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import Enum, auto
from functools import partial
from typing import Any

from googleapiclient.http import HttpRequest, MediaFileUpload

from tallystick.backups.targets.drive.connection import Connection, Service
from tallystick.backups.targets.drive.failures import CONFLICT, Failure, classify
from tallystick.backups.targets.drive.files import ARCHIVE_TYPE, FILE_FIELDS, compose_archive
from tallystick.backups.targets.drive.patience import Tries
from tallystick.backups.targets.drive.shelf import Shelf
from tallystick.backups.targets.target import Progress, SpooledArchive, TargetReason

# The Drive takes multiples of 256 KiB. This much is held in memory, and at most this much is sent again.
CHUNK_BYTES = 8 * 2**20


@dataclass(frozen=True, slots=True)
class Session:
    """What is remembered of an upload. Whoever has the uri can write to it."""

    file_id: str
    sha256: str
    uri: str = ""

    @classmethod
    def read(cls, text: str | None) -> "Session | None":
        try:
            return cls(**json.loads(text)) if text else None
        except (ValueError, TypeError):
            # Another version of the server wrote it.
            return None


# Whatever is begun anew, is one more try that got nowhere, so that what vanishes again and again has an end.
_NO_FURTHER = Failure(TargetReason.UNREACHABLE, may_retry=True)


class _Lost(Enum):
    """Why a session ended before its file was there."""

    SESSION = auto()
    ID = auto()


class FolderGone(Exception):
    """The folder was deleted since it was looked for."""


class _Media(MediaFileUpload):  # type: ignore[misc]  # Google's client has no types
    """A file whose chunks are bytes."""

    def has_stream(self) -> bool:
        return False


class Uploading:
    """One archive on its way."""

    def __init__(self, shelf: Shelf, progress: Progress, key: str, source: SpooledArchive, chunk_bytes: int) -> None:
        self._shelf = shelf
        self._connection: Connection = shelf.connection
        self._progress = progress
        self.key = key
        self._source = source
        self._chunk_bytes = chunk_bytes
        self._sent_bytes = 0

    async def load(self) -> Session | None:
        """Of an earlier try to send the very same archive."""
        session = Session.read(await self._progress.load(self.key))
        return session if session and session.sha256 == self._source.sha256.hex() else None

    async def begin(self) -> Session:
        session = Session(await self._shelf.mint_id(), self._source.sha256.hex())
        await self._save(session)
        return session

    async def _save(self, session: Session) -> None:
        await self._progress.save(self.key, json.dumps(asdict(session)))

    async def send(self, session: Session, folder_id: str, name: str, labels: Mapping[str, str]) -> dict[str, Any]:
        """What the Drive says of the file when it has it."""
        tries = self._connection.tries()
        while True:
            body = compose_archive(session.file_id, folder_id, name, labels, self._source.sha256)
            request = await self._connection.run(partial(self._compose_request, body))
            outcome = await self._send_chunks(request, session, tries)
            # The last answer of the session may be what was lost.
            told = outcome if isinstance(outcome, dict) else await self._shelf.find(session.file_id)
            if told is not None and not told.get("trashed"):
                return told
            # An id that is taken by nothing that can be seen is of no use any more.
            session = await self.begin() if outcome is _Lost.ID else replace(session, uri="")

    async def _send_chunks(self, request: HttpRequest, session: Session, tries: Tries) -> "dict[str, Any] | _Lost":
        if session.uri:
            request.resumable_uri = session.uri
            _ask_first(request)
        while True:
            before_bytes = request.resumable_progress
            try:
                _, told = await self._connection.run(lambda _: request.next_chunk(num_retries=0))
            except Exception as error:
                failure = classify(error)
                if failure is None:
                    raise
                session = await self._keep(session, request.resumable_uri if failure.may_retry else "")
                lost = _what_is_lost(failure, request)
                await tries.after(failure if lost is None else _NO_FURTHER)
                if lost is not None:
                    return lost
                continue
            session = await self._keep(session, request.resumable_uri)
            if told is None:
                await self._count(request.resumable_progress, before_bytes, tries)
                continue
            completed = await self._complete(told, session)
            if completed is not None:
                return completed
            _ask_first(request)
            await tries.after(_NO_FURTHER)

    async def _count(self, now_bytes: int, before_bytes: int, tries: Tries) -> None:
        """A session that was begun anew sends again what was there before: that is neither further nor nothing."""
        if now_bytes > self._sent_bytes:
            self._sent_bytes = now_bytes
            tries.got_further()
        elif now_bytes <= before_bytes:
            await tries.after(_NO_FURTHER)

    async def _keep(self, session: Session, uri: str | None) -> Session:
        """A session that refused is forgotten, or every run to come would be refused by it."""
        if (uri or "") == session.uri:
            return session
        session = replace(session, uri=uri or "")
        await self._save(session)
        return session

    def _compose_request(self, body: Mapping[str, Any], drive: Service) -> HttpRequest:
        media = _Media(self._source.path, ARCHIVE_TYPE, chunksize=self._chunk_bytes, resumable=True)
        return drive.files.create(body=body, media_body=media, fields=FILE_FIELDS, supportsAllDrives=True)

    async def _complete(self, told: Any, session: Session) -> dict[str, Any] | None:
        """With its checksums. None: somebody else answered, for there is no such file."""
        if isinstance(told, dict) and "size" in told and "appProperties" in told:
            return told
        return await self._shelf.find(session.file_id)


def _ask_first(request: HttpRequest) -> None:
    """So that the client asks how far its session is before it sends anything."""
    request._in_error_state = True  # noqa: SLF001 - it has no other way to go on with a session of an earlier process


def _what_is_lost(failure: Failure, request: HttpRequest) -> _Lost | None:
    if failure.status == CONFLICT:
        return _Lost.ID
    if failure.reason is not TargetReason.GONE:
        return None
    if request.resumable_uri is None:
        raise FolderGone
    return _Lost.SESSION
