"""How do the keys of the spaces travel? Opened, in a part of the archive, which its passphrase closes. Pure.

So an archive needs no keyring: whoever restores it wraps the keys with a master key of their own. What is sealed in the rows stays sealed
with these keys, and is neither opened nor closed when a backup is made or put back.

The first line is about all, and each line after it is one key of one space.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tallystick.backups.archive.errors import Contradiction, Damaged

PART = "keys"
KEY_BYTES = 32
LINE_BYTES_MAX = 4096


@dataclass(frozen=True, slots=True, repr=False)
class Common:
    """What is about all spaces: how many keys follow, and what keyed hashes (of addresses, say) are made with."""

    lookup_secret: bytes
    keys: int


@dataclass(frozen=True, slots=True, repr=False)
class SpaceKey:
    space_id: UUID
    generation: int
    key: bytes
    created_at: datetime


def compose_common(common: Common) -> bytes:
    return _line({"lookup_secret": b64encode(common.lookup_secret).decode(), "keys": common.keys})


def compose_key(key: SpaceKey) -> bytes:
    return _line(
        {
            "space_id": str(key.space_id),
            "generation": key.generation,
            "key": b64encode(key.key).decode(),
            "created_at": key.created_at.isoformat(),
        }
    )


class KeysRead:
    """The keys of a part, as its pieces come."""

    def __init__(self, pieces: AsyncIterable[bytes]) -> None:
        self._lines = _lines(pieces)
        self._promised = -1

    async def common(self) -> Common:
        """Once, and first."""
        async for line in self._lines:
            try:
                document = json.loads(line)
                common = Common(b64decode(document["lookup_secret"], validate=True), int(document["keys"]))
            except (KeyError, TypeError, ValueError):
                raise Damaged(PART, "its beginning cannot be read") from None
            self._promised = common.keys
            return common
        raise Damaged(PART, "it is empty")

    async def keys(self) -> AsyncIterator[SpaceKey]:
        count = 0
        async for line in self._lines:
            count += 1
            yield _parse_key(line)
        if count != self._promised:
            raise Contradiction(f"{self._promised} keys were promised, and {count} are there")


def _parse_key(line: bytes) -> SpaceKey:
    try:
        document = json.loads(line)
        key = SpaceKey(
            UUID(document["space_id"]),
            int(document["generation"]),
            b64decode(document["key"], validate=True),
            datetime.fromisoformat(document["created_at"]),
        )
    except (KeyError, TypeError, ValueError):
        raise Damaged(PART, "a key cannot be read") from None
    if len(key.key) != KEY_BYTES:
        raise Damaged(PART, "a key has another length than keys have")
    return key


async def _lines(pieces: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    rest = b""
    async for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            yield line
        if len(rest) > LINE_BYTES_MAX:
            raise Damaged(PART, "a line is longer than any")
    if rest:
        raise Damaged(PART, "it ends inside of a line")


def _line(document: dict[str, object]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"
