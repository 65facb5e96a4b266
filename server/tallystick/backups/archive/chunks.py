"""How is the body closed, so that nothing can be changed, moved, repeated, taken out, added or cut off? Pure.

The STREAM construction over AES-256-GCM: a chunk's nonce is its number and whether it is the last one, and its additional data is the head.
The last chunk is filled up with zeros, so that all are alike long: whatever ends elsewhere was cut off.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tallystick.backups.archive.errors import Damaged, Truncated
from tallystick.backups.archive.head import Head

TAG_BYTES = 16
NUMBER_BYTES = 11


class Sealer:
    """Closes a body, which comes in pieces of any size."""

    __slots__ = ("_aead", "_buffer", "_chunk_bytes", "_head", "_number")

    def __init__(self, key: bytes, head: Head) -> None:
        self._aead = AESGCM(key)
        self._head = head.raw
        self._chunk_bytes = head.chunk_bytes
        self._buffer = bytearray()
        self._number = 0

    def add(self, plain: bytes) -> list[bytes]:
        """The chunks that are full now. One is always held back: it may be the last."""
        self._buffer += plain
        chunks = []
        while len(self._buffer) > self._chunk_bytes:
            chunks.append(self._seal(bytes(self._buffer[: self._chunk_bytes]), last=False))
            del self._buffer[: self._chunk_bytes]
        return chunks

    def finish(self) -> bytes:
        return self._seal(bytes(self._buffer).ljust(self._chunk_bytes, b"\0"), last=True)

    def _seal(self, plain: bytes, *, last: bool) -> bytes:
        sealed = self._aead.encrypt(_nonce(self._number, last=last), plain, self._head)
        self._number += 1
        return sealed


class Opener:
    """Opens the chunks of a body, one after the other."""

    __slots__ = ("_aead", "_head", "_number", "sealed_bytes")

    def __init__(self, key: bytes, head: Head) -> None:
        self._aead = AESGCM(key)
        self._head = head.raw
        self._number = 0
        self.sealed_bytes = head.chunk_bytes + TAG_BYTES

    def open(self, sealed: bytes, *, last: bool) -> bytes:
        """What the next chunk holds. `last`: nothing follows in the stream."""
        if len(sealed) < self.sealed_bytes:
            raise Truncated(f"it ends inside of chunk {self._number}")
        plain = self._try(sealed, last=last)
        if plain is None:
            raise self._what_is_wrong(sealed, last=last)
        self._number += 1
        return plain

    def _what_is_wrong(self, sealed: bytes, *, last: bool) -> Damaged | Truncated:
        where = f"chunk {self._number}"
        if self._try(sealed, last=not last) is None:
            return Damaged(where, "it is not what was written here")
        return Truncated(f"it ends after {where}") if last else Damaged(where, "something follows the last chunk")

    def _try(self, sealed: bytes, *, last: bool) -> bytes | None:
        try:
            return self._aead.decrypt(_nonce(self._number, last=last), sealed, self._head)
        except InvalidTag:
            return None


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(NUMBER_BYTES) + bytes([last])
