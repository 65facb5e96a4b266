"""How is what concerns safety written down, so that a later change of it shows? One chain of hashes per user or space.

The chain makes tampering evident to whoever kept an earlier head of it (`tallystick audit head`); by itself it cannot stop
somebody who can rewrite every row.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select

from tallystick.store import tables
from tallystick.store.statements import Call, Statement, prepare

GENESIS = bytes(32)
# Where a length stands: no part is that long, so that what is absent differs from what is empty.
_ABSENT = b"\xff" * 4

_TABLE = tables.audit
_INSERT: Statement[()] = Statement(
    insert(_TABLE).values({c.name: bindparam(c.name, type_=c.type) for c in _TABLE.columns})
)

# The newest link of a chain. The caller holds the lock of the user or space, so nobody can append meanwhile.
HEAD = prepare(
    select(_TABLE.c.seq, _TABLE.c.hash)
    .where(_TABLE.c.scope_id == bindparam("scope_id"))
    .order_by(_TABLE.c.seq.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class AuditNote:
    """What happened, and to whom or what."""

    action: str
    subject_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Who did it, from where, and with which request."""

    actor_id: UUID | None
    session_id: UUID | None
    request_id: UUID | None
    address_hash: bytes | None


def compose_calls(
    scope_id: UUID, head: Sequence[tuple[int, bytes]], notes: Iterable[AuditNote], origin: Origin, at: datetime
) -> list[Call[()]]:
    """The rows that append `notes` to the chain whose head was read under the scope's lock."""
    seq, previous = head[0] if head else (0, GENESIS)
    calls = []
    for note in notes:
        seq += 1
        row: dict[str, Any] = {
            "scope_id": scope_id,
            "seq": seq,
            "at": at,
            "action": note.action,
            "actor_id": origin.actor_id,
            "session_id": origin.session_id,
            "subject_id": note.subject_id,
            "request_id": origin.request_id,
            "address_hash": origin.address_hash,
        }
        link = link_hash(previous, row)
        calls.append(_INSERT(**row, previous_hash=previous, hash=link))
        previous = link
    return calls


def link_hash(previous: bytes, row: dict[str, Any]) -> bytes:
    """The hash of one link: everything in the row, each part with its length, after the hash of the link before."""
    digest = hashlib.sha256(previous)
    for name in sorted(row):
        value = row[name]
        if value is None:
            digest.update(_ABSENT)
            continue
        part = value if isinstance(value, bytes) else str(_canonical(value)).encode()
        digest.update(len(part).to_bytes(4) + part)
    return digest.digest()


def _canonical(value: Any) -> Any:
    # PostgreSQL keeps microseconds in UTC; a zone or a finer fraction would not survive the round trip.
    return value.timestamp() if isinstance(value, datetime) else value
