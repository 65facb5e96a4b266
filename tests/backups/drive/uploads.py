"""How does the Drive take a large file? In a session, in chunks of 256 KiB or multiples of it, and it says how far it is."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from backups.drive.accounts import Access
from backups.drive.refusing import Refused
from backups.drive.world import File, World

UNIT_BYTES = 256 * 1024
_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+)")


@dataclass(slots=True)
class Session:
    """A file on its way."""

    access: Access
    body: Mapping[str, Any]
    asked: Mapping[str, str]
    size_bytes: int
    received: bytearray = field(default_factory=bytearray)
    file_id: str = ""


@dataclass(frozen=True, slots=True)
class HowFar:
    """Not all of it is there."""

    received_bytes: int


@dataclass(slots=True)
class Uploads:
    """Every session."""

    world: World
    sessions: dict[str, Session] = field(default_factory=dict)
    begun: int = 0
    # What a chunk that was cut off leaves: more than nothing, and never the whole.
    corrupts_next: bool = False

    def begin(self, access: Access, body: Mapping[str, Any], asked: Mapping[str, str], size_bytes: int) -> str:
        _, owner = self.world.require_place(access, body, asked)
        self.world.require_fit(access, body, owner, size_bytes)
        upload_id = secrets.token_hex(16)
        self.sessions[upload_id] = Session(access, body, asked, size_bytes)
        self.begun += 1
        return upload_id

    def require(self, upload_id: str, lost_status: int = HTTPStatus.NOT_FOUND) -> Session:
        if upload_id not in self.sessions:
            raise Refused(lost_status, "notFound")
        return self.sessions[upload_id]

    def take(self, session: Session, content_range: str | None, piece: bytes, *, is_cut: bool = False) -> File | HowFar:
        if session.file_id:
            return self.world.files[session.file_id]
        begins, ends = self._read_range(session, content_range)
        if begins is None:
            return self._finish_or_wait(session)
        if begins > len(session.received):
            raise Refused(HTTPStatus.BAD_REQUEST, "badRequest")
        is_last = ends + 1 == session.size_bytes
        if not is_cut and len(piece) != ends + 1 - begins:
            raise Refused(HTTPStatus.BAD_REQUEST, "badRequest")
        if not is_cut and not is_last and len(piece) % UNIT_BYTES:
            raise Refused(HTTPStatus.BAD_REQUEST, "badRequest")
        if is_cut:
            piece = piece[: len(piece) // UNIT_BYTES * UNIT_BYTES]
        session.received[begins:] = piece
        return self._finish_or_wait(session)

    def _read_range(self, session: Session, text: str | None) -> tuple[int | None, int]:
        if text is None and session.size_bytes == 0:
            return None, 0
        found = _RANGE.fullmatch(text or "")
        if found is None or int(found[3]) != session.size_bytes:
            raise Refused(HTTPStatus.BAD_REQUEST, "badRequest")
        return (int(found[1]), int(found[2])) if found[1] else (None, 0)

    def _finish_or_wait(self, session: Session) -> File | HowFar:
        if len(session.received) < session.size_bytes:
            return HowFar(len(session.received))
        content = bytes(session.received)
        if self.corrupts_next:
            self.corrupts_next = False
            content = corrupt(content)
        file = self.world.make(session.access, session.body, session.asked, content)
        session.file_id = file.id
        return file


def corrupt(content: bytes) -> bytes:
    return bytes([content[0] ^ 1]) + content[1:] if content else b"?"
