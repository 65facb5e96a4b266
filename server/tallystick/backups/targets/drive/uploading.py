"""How does a large file get into a Drive over a line that breaks? In a session that is asked how far it is, by this process or the next.

A session may be gone at any moment: then the file, whose id is known beforehand, is there or must be sent from its start. A chunk is bytes
and no stream: one that was read to its end before an answer got lost, or a token expired, would be sent again as nothing at all.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from googleapiclient.http import HttpRequest, MediaFileUpload

from tallystick.backups.targets.drive.connection import Connection, Service
from tallystick.backups.targets.drive.failures import AlreadyThere, Failure, classify
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
        body = compose_archive(session.file_id, folder_id, name, labels, self._source.sha256)
        tries = self._connection.tries()
        while True:
            request = await self._connection.run(lambda drive: self._compose_request(drive, body))
            try:
                done = await self._send_chunks(request, session, tries)
            except AlreadyThere:
                done = None
                renewed = await self.begin()
            else:
                renewed = replace(session, uri="")
            # The last answer of the session may be what was lost.
            done = done or await self._shelf.find(session.file_id)
            if done is not None and not done.get("trashed"):
                return done
            # An id that is taken by nothing that can be seen is of no use any more.
            session = renewed

    async def _send_chunks(self, request: HttpRequest, session: Session, tries: Tries) -> dict[str, Any] | None:
        """None: the session is gone."""
        if session.uri:
            request.resumable_uri = session.uri
            # So the client asks how far the session is before it sends anything.
            request._in_error_state = True  # noqa: SLF001 - it has no other way to go on with a session of an earlier process
        while True:
            try:
                _, done = await self._connection.run(lambda _: request.next_chunk(num_retries=0))
            except Exception as error:
                failure = classify(error)
                if failure is None:
                    raise
                session = await self._keep(session, request.resumable_uri if failure.may_retry else "")
                if failure.reason is TargetReason.GONE and request.resumable_uri is None:
                    raise FolderGone from error
                await tries.after(_soften(failure))
                if failure.reason is TargetReason.GONE:
                    return None
                continue
            session = await self._keep(session, request.resumable_uri)
            if done is not None:
                return await self._complete(done, session)
            if request.resumable_progress > self._sent_bytes:
                self._sent_bytes = request.resumable_progress
                tries.got_further()

    async def _keep(self, session: Session, uri: str | None) -> Session:
        """A session that refused is forgotten, or every run to come would be refused by it."""
        if (uri or "") == session.uri:
            return session
        session = replace(session, uri=uri or "")
        await self._save(session)
        return session

    def _compose_request(self, drive: Service, body: Mapping[str, Any]) -> HttpRequest:
        media = _Media(self._source.path, ARCHIVE_TYPE, chunksize=self._chunk_bytes, resumable=True)
        return drive.files().create(body=body, media_body=media, fields=FILE_FIELDS, supportsAllDrives=True)

    async def _complete(self, told: Any, session: Session) -> dict[str, Any]:
        """With its checksums. An answer without any may be that of a session that was begun by others' rules."""
        if isinstance(told, dict) and "size" in told and "appProperties" in told:
            return told
        return await self._shelf.get(session.file_id)


def _soften(failure: Failure) -> Failure:
    """A session that is gone is one more try that got nowhere, so that sessions that vanish again and again have an end."""
    if failure.reason is not TargetReason.GONE:
        return failure
    return replace(failure, reason=TargetReason.UNREACHABLE, may_retry=True)
