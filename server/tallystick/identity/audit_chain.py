"""Was the audit changed after it was written? Walks the chains of hashes and names the first link that does not hold."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from tallystick.identity import queries
from tallystick.store.apart import Apart
from tallystick.store.audit import GENESIS, link_hash

SEQ_LEAST = -(2**63)
LINKS_MAX = 1_000
SCOPES_MAX = 1_000
_COLUMNS = (
    "scope_id",
    "seq",
    "at",
    "action",
    "actor_id",
    "session_id",
    "subject_id",
    "request_id",
    "address_hash",
)


@dataclass(frozen=True, slots=True)
class Head:
    """The newest link of a chain. Kept elsewhere, it shows later whether the chain before it is still the same."""

    scope_id: UUID
    seq: int
    hash: bytes

    def to_line(self) -> str:
        return f"{self.scope_id} {self.seq} {self.hash.hex()}"

    @classmethod
    def from_line(cls, line: str) -> "Head":
        scope_id, seq, digest = line.split()
        return cls(UUID(scope_id), int(seq), bytes.fromhex(digest))


@dataclass(frozen=True, slots=True)
class Broken:
    """The first link of a chain that does not hold, and why."""

    scope_id: UUID
    seq: int
    why: str


@dataclass(frozen=True, slots=True)
class Walk:
    """What came of walking one chain."""

    head: Head
    broken: Broken | None


async def verify_chain(apart: Apart, scope_id: UUID, kept: Head | None = None) -> Walk:
    """Walks one chain from its beginning. With a head that was kept, the chain must also still pass through it."""
    head = Head(scope_id, 0, GENESIS)
    is_kept_met = kept is None or kept.seq == 0
    # From below the first seq that there can be, so that a link put in front of the chain is met and found wrong.
    after = SEQ_LEAST
    while rows := await apart.fetch(queries.AUDIT_PAGE(scope_id=scope_id, after=after, limit=LINKS_MAX)):
        for *columns, previous_hash, own_hash in rows:
            row = dict(zip(_COLUMNS, columns, strict=True))
            seq = row["seq"]
            if seq != head.seq + 1:
                return Walk(head, Broken(scope_id, head.seq + 1, "the link is missing"))
            if previous_hash != head.hash:
                return Walk(head, Broken(scope_id, seq, "the link does not follow from the one before it"))
            if own_hash != link_hash(previous_hash, row):
                return Walk(head, Broken(scope_id, seq, "the link was changed"))
            if kept is not None and kept.seq == seq:
                if kept.hash != own_hash:
                    return Walk(head, Broken(scope_id, seq, "the link is not the one whose head was kept"))
                is_kept_met = True
            head = Head(scope_id, seq, own_hash)
        after = head.seq
    if not is_kept_met:
        return Walk(head, Broken(scope_id, head.seq + 1, "the chain ends before the head that was kept"))
    return Walk(head, None)


async def list_scopes(apart: Apart) -> AsyncIterator[UUID]:
    """Every user and space that has a chain."""
    start = UUID(int=0)
    while rows := await apart.fetch(queries.AUDIT_SCOPES(start=start, limit=SCOPES_MAX)):
        for (scope_id,) in rows:
            yield scope_id
        start = UUID(int=rows[-1][0].int + 1)


async def verify_all(apart: Apart, kept: dict[UUID, Head] | None = None) -> AsyncIterator[Walk]:
    """Walks every chain, and those that a kept head says there must be."""
    missing = dict(kept or {})
    async for scope_id in list_scopes(apart):
        yield await verify_chain(apart, scope_id, missing.pop(scope_id, None))
    for scope_id, head in missing.items():
        yield await verify_chain(apart, scope_id, head)
