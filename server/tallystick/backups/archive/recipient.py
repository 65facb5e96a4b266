"""How is an archive closed for a passphrase that nobody remembers? For a public key that follows from it, as RFC 9180 (HPKE) says. Pure.

The passphrase becomes a seed by scrypt, as for any archive, and the seed an X25519 key. Who has only the public half can close archives,
and open none. They can also close what they like: only that it *opens* with the passphrase says nothing about who wrote it.
"""

import hmac
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from tallystick.backups.archive.errors import Damaged, WrongPassphrase
from tallystick.backups.archive.head import (
    CHUNK_BITS,
    OPEN_FOR_KEY_BYTES,
    SALT_BYTES,
    VERSION_FOR_KEY,
    Head,
    Randomness,
    compose_open,
    with_digest,
)
from tallystick.backups.archive.passphrase import KEY_BYTES, USUAL, Cost, Passphrase

# DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, in base mode. It binds both public keys and what it is told besides.
SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@dataclass(frozen=True, slots=True)
class Recipient:
    """For whom archives are closed: nothing of it is secret, and nothing of it opens one."""

    public_key: bytes
    salt: bytes
    cost: Cost

    @classmethod
    def of(cls, passphrase: Passphrase, cost: Cost = USUAL, randomness: Randomness = os.urandom) -> "Recipient":
        """Takes a second, on purpose, and is all that is left of the passphrase."""
        salt = randomness(SALT_BYTES)
        return cls(_private_key(passphrase, cost, salt).public_key().public_bytes_raw(), salt, cost)


@dataclass(frozen=True, slots=True)
class Locked:
    """A head and the data key in it, as whoever made it knows them for a while. Good for writing one archive, and for reading it back."""

    head: Head
    key: bytes

    def __repr__(self) -> str:
        return "Locked(hidden)"


def lock_for(recipient: Recipient, chunk_bits: int = CHUNK_BITS, randomness: Randomness = os.urandom) -> Locked:
    """A new head, with keys that no other archive has."""
    key = randomness(KEY_BYTES)
    opened = compose_open(VERSION_FOR_KEY, recipient.cost, chunk_bits, recipient.salt) + recipient.public_key
    wrapped = SUITE.encrypt(key, X25519PublicKey.from_public_bytes(recipient.public_key), opened)
    raw = with_digest(opened + wrapped)
    return Locked(Head(raw, recipient.cost, 1 << chunk_bits, recipient.salt, wrapped, recipient.public_key), key)


def unlock_by(head: Head, passphrase: Passphrase) -> bytes:
    """The data key of a head that was closed for a public key."""
    private = _private_key(passphrase, head.cost, head.salt)
    if not hmac.compare_digest(private.public_key().public_bytes_raw(), head.recipient):
        raise WrongPassphrase("this passphrase does not open the archive")
    try:
        key = SUITE.decrypt(head.wrapped, private, head.raw[:OPEN_FOR_KEY_BYTES])
    except (InvalidTag, ValueError):
        raise Damaged("head", "it was closed for this passphrase, and changed since") from None
    if len(key) != KEY_BYTES:
        raise Damaged("head", "what it holds is no key")
    return key


def _private_key(passphrase: Passphrase, cost: Cost, salt: bytes) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(passphrase.derive(cost, salt))
