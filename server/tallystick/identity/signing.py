"""Which keys sign access tokens? Ed25519 keys in the database, shared by all processes; the next one is public before it signs.

At any time there is one key that signs and one that will; the one that signed before stays until its last token is dead.
"""

import asyncio
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tallystick.identity import queries, writes
from tallystick.identity.locked import under_lock
from tallystick.store.connection import Row
from tallystick.store.keyring import Wrapped
from tallystick.store.statements import Call
from tallystick.store.store import Store
from tallystick.times import to_timestamp
from tallystick.v1.auth_service_pb2 import SigningKey

SIGNS_FOR = timedelta(days=90)
# Clients keep the list of keys for an hour; a key signs only after everybody has fetched it.
PUBLISHED_FOR = timedelta(hours=1)
# Another process may go on signing with the old key until it reads the keys again, and its clock may be late.
RELOAD = timedelta(minutes=1)
SKEW = timedelta(minutes=2)
_LOCKS = (int.from_bytes(b"signkeys", signed=True),)


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """One signing key."""

    kid: str
    private: Ed25519PrivateKey
    public: Ed25519PublicKey
    signs_from: datetime
    created_at: datetime


class SigningKeys:
    """The keys, read again every minute, and made when one is missing."""

    def __init__(self, store: Store, *, token_life: timedelta, signs_for: timedelta = SIGNS_FOR) -> None:
        self._store = store
        self._keyring = store.keys.keyring
        self._dead_after = token_life + SKEW
        self._signs_for = signs_for
        self._loading = asyncio.Lock()
        self._loaded_at: datetime | None = None
        self._keys: list[Key] = []

    async def signer(self) -> Key:
        """The key to sign with now."""
        return self._signer(await self._visible(), self._store.clock.now())

    async def find_public(self, kid: str) -> Ed25519PublicKey | None:
        """The key of this id, if we made it and it is not dead. Ids are only ever looked up here."""
        return next((key.public for key in await self._visible() if key.kid == kid), None)

    async def list_public(self) -> list[SigningKey]:
        """Every key that signs, will sign, or has living tokens, as JSON Web Keys."""
        return [
            SigningKey(
                kid=key.kid,
                kty="OKP",
                crv="Ed25519",
                x=urlsafe_b64encode(key.public.public_bytes_raw()).rstrip(b"=").decode(),
                alg="EdDSA",
                use="sig",
                signs_from=to_timestamp(key.signs_from),
            )
            for key in await self._visible()
        ]

    async def rotate(self) -> datetime:
        """Lets the next key sign as soon as everybody can have fetched it, and makes the one after it. Returns that instant."""
        now = self._store.clock.now()
        await self._reload()
        moved: list[datetime] = []

        def decide(rows: list[list[Row]]) -> Sequence[Call[()]]:
            keys = self._read(rows[0])
            following = [key for key in keys if key.signs_from > now]
            if not following:
                raise AssertionError("maintaining the keys left none to sign next")
            starts_at = min(following[0].signs_from, max(now, following[0].created_at + PUBLISHED_FOR))
            moved.append(starts_at)
            calls = [self._move(following[0].kid, starts_at), *self._retire_before(keys, following[0], starts_at)]
            return calls if len(following) > 1 else [*calls, self._compose(starts_at + self._signs_for, now)]

        await under_lock(self._store, _LOCKS, [queries.SIGNING_KEYS()], decide)
        await self._reload()
        return moved[0]

    async def maintain(self) -> None:
        """Makes the keys that are missing and drops the dead ones. Harmless at any time, from any process."""
        await self._reload()

    async def rewrap(self) -> None:
        """Wraps every private key with the keyring's current master key."""

        def decide(rows: list[list[Row]]) -> Sequence[Call[()]]:
            calls = []
            for kid, _, master_id, wrapped, *_ in rows[0]:
                secret = self._keyring.unwrap(Wrapped(master_id, wrapped), _purpose(kid))
                again = self._keyring.wrap(secret, _purpose(kid))
                calls.append(
                    writes.REWRAP_SIGNING_KEY(of_kid=kid, new_master=again.master_id, new_wrapped=again.sealed)
                )
            return calls

        await under_lock(self._store, _LOCKS, [queries.SIGNING_KEYS()], decide)

    async def _visible(self) -> list[Key]:
        if not self._is_fresh():
            async with self._loading:
                if not self._is_fresh():
                    await self._reload()
        return self._living(self._keys, self._store.clock.now())

    def _is_fresh(self) -> bool:
        return self._loaded_at is not None and abs(self._store.clock.now() - self._loaded_at) < RELOAD

    async def _reload(self) -> None:
        now = self._store.clock.now()
        made: list[bool] = []

        def decide(rows: list[list[Row]]) -> Sequence[Call[()]]:
            self._keys = self._read(rows[0])
            calls = self._missing(self._keys, now)
            made.append(bool(calls))
            living = {key.kid for key in self._living(self._keys, now)}
            return [*calls, *(writes.DROP_SIGNING_KEY(of_kid=key.kid) for key in self._keys if key.kid not in living)]

        await under_lock(self._store, _LOCKS, [queries.SIGNING_KEYS()], decide)
        if made[0]:
            await under_lock(self._store, _LOCKS, [queries.SIGNING_KEYS()], self._adopt)
        self._loaded_at = now

    def _adopt(self, rows: list[list[Row]]) -> Sequence[Call[()]]:
        self._keys = self._read(rows[0])
        return []

    def _missing(self, keys: list[Key], now: datetime) -> list[Call[()]]:
        """What it takes to have one key that signs, and one that will."""
        if not keys:
            return [self._compose(now, now), self._compose(now + self._signs_for, now)]
        if keys[-1].signs_from <= now:
            return [self._compose(now + self._signs_for, now)]
        return []

    def _living(self, keys: list[Key], now: datetime) -> list[Key]:
        """A key is dead when the one after it has signed for longer than a token lives."""
        return [
            key
            for index, key in enumerate(keys)
            if index + 1 >= len(keys) or keys[index + 1].signs_from + self._dead_after > now
        ]

    def _signer(self, keys: list[Key], now: datetime) -> Key:
        begun = [key for key in keys if key.signs_from <= now]
        return begun[-1] if begun else keys[0]

    def _retire_before(self, keys: list[Key], next_key: Key, starts_at: datetime) -> list[Call[()]]:
        before = [key for key in keys if key.signs_from < next_key.signs_from]
        return [
            writes.MOVE_SIGNING_KEY(of_kid=key.kid, from_when=key.signs_from, until_when=starts_at + self._dead_after)
            for key in before[-1:]
        ]

    def _move(self, kid: str, starts_at: datetime) -> Call[()]:
        return writes.MOVE_SIGNING_KEY(of_kid=kid, from_when=starts_at, until_when=self._retires_at(starts_at))

    def _compose(self, starts_at: datetime, now: datetime) -> Call[()]:
        private = Ed25519PrivateKey.generate()
        kid = self._store.clock.new_id().hex
        wrapped = self._keyring.wrap(private.private_bytes_raw(), _purpose(kid))
        return writes.ADD_SIGNING_KEY(
            kid=kid,
            public=private.public_key().public_bytes_raw(),
            master_id=wrapped.master_id,
            private_wrapped=wrapped.sealed,
            signs_from=starts_at,
            retires_at=self._retires_at(starts_at),
            created_at=now,
        )

    def _retires_at(self, starts_at: datetime) -> datetime:
        return starts_at + self._signs_for + self._dead_after

    def _read(self, rows: list[Row]) -> list[Key]:
        known = {key.kid: key.private for key in self._keys}
        keys = []
        for kid, _, master_id, wrapped, signs_from, created_at in rows:
            private = known.get(kid) or self._unwrap(kid, master_id, wrapped)
            keys.append(Key(kid, private, private.public_key(), signs_from, created_at))
        return keys

    def _unwrap(self, kid: str, master_id: str, wrapped: bytes) -> Ed25519PrivateKey:
        secret = self._keyring.unwrap(Wrapped(master_id, wrapped), _purpose(kid))
        return Ed25519PrivateKey.from_private_bytes(secret)


def _purpose(kid: str) -> bytes:
    """Ties a wrapped key to its id, so that one row's key cannot be given to another."""
    return b"signing key " + kid.encode()
