"""How is a content closed, so that only its own key opens it, and each piece only in its own place?

AES-256-GCM with a key that no other content has. The additional data name space, content and piece: one that was moved does not
open. That none is missing, and that they are those that came, the checksum says. A piece is nonce (12), sealed bytes, tag (16).
"""

import os
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tallystick.files.storage.storage import Place

KEY_BYTES = 32
NONCE_BYTES = 12
# By how much a piece is longer when it is closed: nonce and tag.
ADDED_BYTES = NONCE_BYTES + 16


class ContentDamaged(Exception):
    """A piece does not open, or is not as long as it was. Never the caller's fault; somebody must look."""


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def close(key: bytes, place: Place, name: str, plain: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, _context(place, name))


def open_piece(key: bytes, place: Place, name: str, sealed: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _context(place, name))
    except (InvalidTag, ValueError) as damaged:  # ValueError: cut off before its tag
        raise ContentDamaged(
            f"{name} of content {place.content_id} in space {place.space_id} does not open"
        ) from damaged


def _context(place: Place, name: str) -> bytes:
    return b"file content\0" + place.space_id.bytes + place.content_id.bytes + name.encode()
