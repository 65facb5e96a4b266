"""Does a copy hold what the space holds? Two numbers say so: both sides compute them, each from its own rows."""

from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

_HASH_BYTES = 8
_MODULUS = 2**64


class Digest(NamedTuple):
    """What stands for all entities that are not deleted."""

    live_count: int
    sum: int


def digest_of(live: Iterable[tuple[str, str, int]]) -> Digest:
    """Of the kinds, ids and versions. A sum, so that the order does not matter and no two equal rows cancel each other."""
    count = total = 0
    for kind, entity_id, version in live:
        named = kind.encode() + b"\0" + UUID(entity_id).bytes + version.to_bytes(8)
        total += int.from_bytes(sha256(named).digest()[:_HASH_BYTES])
        count += 1
    return Digest(count, total % _MODULUS)
