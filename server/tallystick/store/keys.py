"""Where do a space's data keys come from? Unwrapped once, kept for minutes, never written down."""

import secrets
import time
from collections.abc import Iterable
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import bindparam, insert, select

from tallystick.store import tables
from tallystick.store.keyring import KEY_BYTES, Keyring, Wrapped
from tallystick.store.seal import SpaceSeal
from tallystick.store.statements import Call, Statement, prepare

# How long another process may go on using a key that was destroyed.
CACHE_TTL_S = 300.0
CACHE_SPACES_MAX = 50_000

_TABLE = tables.space_key
KEYS_OF = prepare(
    select(_TABLE.c.generation, _TABLE.c.master_id, _TABLE.c.wrapped).where(_TABLE.c.space_id == bindparam("space_id"))
)
_INSERT: Statement[()] = Statement(
    insert(_TABLE).values(
        {
            name: bindparam(name, type_=_TABLE.c[name].type)
            for name in ("space_id", "generation", "master_id", "wrapped")
        }
    )
)


class SpaceKeys:
    """The seals of the spaces that were used lately."""

    def __init__(self, keyring: Keyring) -> None:
        self.keyring = keyring
        self._cache: dict[tuple[UUID, int], tuple[float, SpaceSeal]] = {}

    def find(self, space_id: UUID, generation: int) -> SpaceSeal | None:
        kept = self._cache.get((space_id, generation))
        if kept is None:
            return None
        kept_until, seal = kept
        return seal if time.monotonic() < kept_until else None

    def open(self, space_id: UUID, generation: int, rows: Iterable[tuple[int, str, bytes]]) -> SpaceSeal:
        """Unwraps the keys that `KEYS_OF` returned."""
        keys = {
            number: AESGCM(self.keyring.unwrap(Wrapped(master, wrapped), purpose(space_id, number)))
            for number, master, wrapped in rows
        }
        return self._keep(SpaceSeal(space_id, generation, keys))

    def compose_new(self, space_id: UUID, generation: int) -> tuple[bytes, Call[()]]:
        """A new data key, and the row that keeps it wrapped."""
        key = secrets.token_bytes(KEY_BYTES)
        wrapped = self.keyring.wrap(key, purpose(space_id, generation))
        return key, _INSERT(
            space_id=space_id, generation=generation, master_id=wrapped.master_id, wrapped=wrapped.sealed
        )

    def adopt(self, space_id: UUID, key: bytes) -> SpaceSeal:
        """The seal of a space that is just being made. Kept only when it is read back: its transaction may yet fail."""
        return SpaceSeal(space_id, 1, {1: AESGCM(key)})

    def forget(self, space_id: UUID) -> None:
        for known in [entry for entry in self._cache if entry[0] == space_id]:
            del self._cache[known]

    def _keep(self, seal: SpaceSeal) -> SpaceSeal:
        if len(self._cache) >= CACHE_SPACES_MAX:
            self._cache.pop(next(iter(self._cache)))
        self._cache[seal.space_id, seal.generation] = (time.monotonic() + CACHE_TTL_S, seal)
        return seal


def purpose(space_id: UUID, generation: int) -> bytes:
    """Ties a wrapped key to its space, so that one space's key row cannot be given to another."""
    return b"space key " + space_id.bytes + generation.to_bytes(2)
