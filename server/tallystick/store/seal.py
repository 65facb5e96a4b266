"""How is a cell closed, so that only its own space's key opens it, and only in its own place?

AES-256-GCM with the space's data key. The additional data names table, column, space, row and version: a cell that was moved
to another row, or put back in an older state, does not open. A cell is generation (2 bytes), nonce (12), sealed bytes, tag (16).
"""

import os
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tallystick.store.keyring import NONCE_BYTES

GENERATION_BYTES = 2
VERSION_BYTES = 8
HEAD_BYTES = GENERATION_BYTES + NONCE_BYTES
# Numbers are sealed at a fixed width, so that a cell's length says nothing about the amount.
NUMBER_BYTES = 8
NUMBER_MAX = 2**63 - 1


class CellDamaged(Exception):
    """A cell does not open: it was changed, moved or put back. Never the caller's fault; somebody must look."""


class SpaceSeal:
    """Closes and opens the cells of one space. Holds every generation of its data key that is still in use."""

    __slots__ = ("_keys", "generation", "space_id")

    def __init__(self, space_id: UUID, generation: int, keys: dict[int, AESGCM]) -> None:
        self.space_id = space_id
        self.generation = generation
        self._keys = keys

    def close(self, place: bytes, row: bytes, version: int, plain: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._keys[self.generation].encrypt(nonce, plain, self._context(place, row, version))
        return self.generation.to_bytes(GENERATION_BYTES) + nonce + sealed

    def open(self, place: bytes, row: bytes, version: int, cell: bytes) -> bytes:
        key = self._keys.get(int.from_bytes(cell[:GENERATION_BYTES]))
        if key is None:
            raise CellDamaged(f"no key of this generation for a cell of {place!r}")
        try:
            return key.decrypt(cell[GENERATION_BYTES:HEAD_BYTES], cell[HEAD_BYTES:], self._context(place, row, version))
        except (InvalidTag, ValueError) as damaged:  # ValueError: cut off before its tag
            raise CellDamaged(f"a cell of {place!r} in space {self.space_id} does not open") from damaged

    def open_many(self, place: bytes, rows: Sequence[Sequence[Any]]) -> list[bytes]:
        """What many cells of one column hold. Each row begins with the cell's mark, which is its version (VERSION_BYTES) and then its
        row, and the cell; what follows is left alone."""
        head = b"%b\0%b" % (place, self.space_id.bytes)
        decrypt = self._keys[self.generation].decrypt
        nonce, sealed = slice(GENERATION_BYTES, HEAD_BYTES), slice(HEAD_BYTES, None)
        try:
            return [decrypt(row[1][nonce], row[1][sealed], head + row[0]) for row in rows]
        except (InvalidTag, ValueError):
            # Some are damaged, or were closed with an older key: that is looked at one by one.
            return [self._open_marked(place, row[0], row[1]) for row in rows]

    def _open_marked(self, place: bytes, mark: bytes, cell: bytes) -> bytes:
        return self.open(place, mark[VERSION_BYTES:], int.from_bytes(mark[:VERSION_BYTES], signed=True), cell)

    @staticmethod
    def compose_number(number: int) -> bytes:
        return number.to_bytes(NUMBER_BYTES, signed=True)

    def close_number(self, place: bytes, row: bytes, version: int, number: int) -> bytes:
        return self.close(place, row, version, self.compose_number(number))

    def open_number(self, place: bytes, row: bytes, version: int, cell: bytes) -> int:
        return int.from_bytes(self.open(place, row, version, cell), signed=True)

    def _context(self, place: bytes, row: bytes, version: int) -> bytes:
        # Each part has a fixed width but the first and the row's, and the place holds no zero byte: no two contexts are alike.
        return b"%b\0%b%b%b" % (place, self.space_id.bytes, version.to_bytes(VERSION_BYTES, signed=True), row)
