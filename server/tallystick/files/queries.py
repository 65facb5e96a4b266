"""Which files are there, and what is in them? Every SELECT about files, and what other features read of their contents."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    Integer,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    func,
    literal,
    select,
    tuple_,
    union_all,
)

from tallystick.errors import NotVisible
from tallystick.files import rules, sealing
from tallystick.files.storage.storage import FileStorage, Place
from tallystick.files.tables import FILE, FILE_KEY, file, file_content, file_key, replaced_space
from tallystick.ledger.nouns.queries import noun
from tallystick.store.epochs import RESTORING
from tallystick.store.sealed import of_derived
from tallystick.store.statements import Statement, prepare
from tallystick.store.tables import space
from tallystick.store.tx import ReadTx
from tallystick.v1.file_pb2 import File

FILES = noun(FILE, "file_id", ())
# What a proof opens: a file whose key is damaged is lost.
KEYS = of_derived(FILE_KEY)
THUMBNAIL = "thumbnail"

_SPACE_ID, _FILE_ID = bindparam("space_id", type_=Uuid), bindparam("file_id", type_=Uuid)
_NOW, _LIMIT = bindparam("now", type_=DateTime(timezone=True)), bindparam("limit", type_=Integer)
_content, _key = file_content, file_key

# Those of some ids that are files of the space, are there, and are seen by the caller.
LIVE_IDS: Statement[UUID] = prepare(
    select(file.c.id).where(
        file.c.space_id == _SPACE_ID,
        file.c.deleted_at.is_(None),
        file.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))),
    )
)
# The same as one of several kinds of things that something may be labelled with, for a union.
LABELLING = select(literal("file", Text).label("kind"), file.c.id).where(
    file.c.space_id == _SPACE_ID, file.c.deleted_at.is_(None), file.c.id == any_(bindparam("ids", type_=ARRAY(Uuid)))
)
CONTENT = prepare(
    select(
        _content.c.content_id,
        _content.c.user_id,
        _content.c.size_bytes,
        _content.c.part_bytes,
        _content.c.finished_at,
        _content.c.remove_at,
        _key.c.version,
        _key.c.amount,
    )
    .select_from(_content.join(_key, and_(_key.c.space_id == _SPACE_ID, _key.c.file_id == _content.c.file_id)))
    .where(_content.c.space_id == _SPACE_ID, _content.c.file_id == _FILE_ID)
)
# The same row, held until the commit: what takes contents away waits for it, or was faster.
HOLD_CONTENT = prepare(
    select(_content.c.content_id, _content.c.finished_at, _content.c.remove_at)
    .where(_content.c.space_id == _SPACE_ID, _content.c.file_id == _FILE_ID)
    .with_for_update()
)
# One user at a time, so that two uploads at once do not both find the last room.
HOLD_USER = prepare(select(func.pg_advisory_xact_lock(bindparam("number", type_=BigInteger))))
HELD_BY = prepare(
    select(func.coalesce(func.sum(_content.c.size_bytes), 0)).where(
        _content.c.user_id == bindparam("user_id", type_=Uuid)
    )
)
# What of a user's in a space is on its way, and what nobody else could ever see.
UPLOADS_OF = prepare(
    select(_content.c.file_id).where(
        _content.c.space_id == _SPACE_ID,
        _content.c.user_id == bindparam("user_id", type_=Uuid),
        _content.c.finished_at.is_(None),
    )
)
PRIVATE_TO = prepare(
    select(file.c.id, file.c.version, file.c.body).where(
        file.c.space_id == _SPACE_ID, file.c.private_to == bindparam("user_id", type_=Uuid)
    )
)
DUE = prepare(
    select(_content.c.space_id, _content.c.file_id)
    .where(_content.c.remove_at <= _NOW)
    .order_by(_content.c.remove_at)
    .limit(_LIMIT)
)
KNOWN_CONTENTS = prepare(
    select(_content.c.content_id).where(_content.c.content_id == any_(bindparam("content_ids", type_=ARRAY(Uuid))))
)
# Contents that should be there, in the order of their keys.
FINISHED_AFTER = prepare(
    select(_content.c.space_id, _content.c.file_id, _content.c.content_id, _content.c.size_bytes, _content.c.part_bytes)
    .where(
        _content.c.finished_at.is_not(None),
        tuple_(_content.c.space_id, _content.c.file_id)
        > tuple_(bindparam("after_space", type_=Uuid), bindparam("after_file", type_=Uuid)),
    )
    .order_by(_content.c.space_id, _content.c.file_id)
    .limit(_LIMIT)
)
# Those of some spaces that are this server's, or were before a restore.
_known = union_all(select(space.c.id), select(replaced_space.c.id)).subquery()
KNOWN_SPACES = prepare(select(_known.c.id).where(_known.c.id == any_(bindparam("space_ids", type_=ARRAY(Uuid)))))
# No restore begins until the commit. False: one is on its way.
HOLD_OFF_RESTORES = prepare(select(func.pg_try_advisory_xact_lock_shared(literal(RESTORING, BigInteger))))


async def only_there(tx: ReadTx, ids: Sequence[str]) -> list[str]:
    """Those of some files that are there, in their order."""
    if not ids:
        return []
    there = {row[0] for row in await tx.fetch(LIVE_IDS(space_id=tx.space_id, ids=[UUID(one) for one in ids]))}
    return [one for one in ids if UUID(one) in there]


class ContentRow(NamedTuple):
    """Where a content is, on whose account, and what opens it."""

    content_id: UUID
    user_id: UUID | None
    size_bytes: int
    part_bytes: int
    finished_at: datetime | None
    remove_at: datetime | None
    key_version: int
    key_cell: bytes

    def is_gone(self, now: datetime) -> bool:
        return self.remove_at is not None and self.remove_at <= now


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way: its content so far, and what it is going to be."""

    file: File
    place: Place
    row: ContentRow
    key: bytes


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file with what is in it."""

    file: File
    storage: FileStorage
    place: Place
    part_bytes: int
    key: bytes

    def pieces(self, offset: int = 0, limit: int = 0) -> AsyncIterator[bytes]:
        """The content, or a part of it, some at a time. A limit of 0 is none."""
        return self._pieces(rules.parts_of_range(offset, limit, self.file.size_bytes, self.part_bytes))

    async def _pieces(self, parts: Any) -> AsyncIterator[bytes]:
        for part in parts:
            plain = await read_piece(self.storage, self.key, self.place, name_of(part.number))
            if len(plain) != rules.length_of_part(part.number, self.file.size_bytes, self.part_bytes):
                raise sealing.ContentDamaged(f"part {part.number} of file {self.file.id} has another length")
            yield plain[part.begin : part.end]

    async def thumbnail(self) -> bytes:
        if not self.file.has_thumbnail:
            raise NotVisible
        return await read_piece(self.storage, self.key, self.place, THUMBNAIL)


class OpenContent(Protocol):
    """`open_content` with its storage, as the app gives it to other features. NotVisible: there is no such file, or not all of it."""

    async def __call__(self, tx: ReadTx, file_id: UUID) -> FileContent: ...


def name_of(number: int) -> str:
    """What the object of a part is called."""
    return f"{number:06d}"


def numbers_of(names: Sequence[str]) -> list[int]:
    return sorted(int(name) for name in names if name.isdecimal())


async def read_piece(storage: FileStorage, key: bytes, place: Place, name: str) -> bytes:
    sealed = await storage.get(place, name)
    return await asyncio.to_thread(sealing.open_piece, key, place, name, sealed)


async def open_content(tx: ReadTx, file_id: UUID, storage: FileStorage) -> FileContent:
    """A file that is there, and that the caller may see. Its pieces are read later, without a transaction."""
    named = {"space_id": tx.space_id, "file_id": file_id}
    found, contents = await tx.fetch_all(FILES.by_id(space_id=tx.space_id, id=file_id), CONTENT(**named))
    one = tx.require(FILE, [(row[0], row[1], row[2]) for row in found])
    row = ContentRow(*contents[0])
    return FileContent(
        one,
        storage,
        Place(tx.space_id, row.content_id),
        row.part_bytes,
        _open_key(tx, file_id, row)[: sealing.KEY_BYTES],
    )


async def get_upload(tx: ReadTx, file_id: UUID, user_id: UUID, now: datetime) -> Upload:
    """What is on its way, to whoever sends it."""
    rows = await tx.fetch(CONTENT(space_id=tx.space_id, file_id=file_id))
    row = ContentRow(*rows[0]) if rows else None
    if row is None or row.user_id != user_id or row.finished_at is not None or row.is_gone(now):
        raise NotVisible
    plain = _open_key(tx, file_id, row)
    draft = File.FromString(plain[sealing.KEY_BYTES :])
    return Upload(draft, Place(tx.space_id, row.content_id), row, plain[: sealing.KEY_BYTES])


def _open_key(tx: ReadTx, file_id: UUID, row: ContentRow) -> bytes:
    return tx.open_cell(FILE_KEY, row.key_version, row.key_cell, file_id=file_id)
