"""What may the database see of addresses, tokens and names? Keyed hashes of what must be found again, and sealed names."""

import hashlib
import os
import secrets
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tallystick.identity.rules import network_of, normalise_email
from tallystick.store.keyring import NONCE_BYTES, Keyring

TOKEN_BYTES = 32

# Whoever finds a secret in a log or a repository can tell what it is.
REFRESH_PREFIX = "tsr_"
MAIL_PREFIX = "tsm_"
DEVICE_PREFIX = "tsd_"
ACCESS_KEY_PREFIX = "tsk_"

_EMAIL_HASH_BYTES = 32
_SUBJECT_HASH_BYTES = 16


def new_token(prefix: str) -> str:
    return prefix + secrets.token_urlsafe(TOKEN_BYTES)


def hash_token(token: str) -> bytes:
    """A token has 256 random bits: nobody can try them all, so its hash needs neither key nor salt."""
    return hashlib.sha256(token.encode()).digest()


def scope_of(digest: bytes) -> UUID:
    """The scope of requests that are about a hashed address or token."""
    return UUID(bytes=digest[:16])


class Keyed:
    """Hashes and seals with keys that outlive every rotation of the keyring."""

    def __init__(self, keyring: Keyring) -> None:
        self._email_key = keyring.derive(b"e-mail addresses")
        self._subject_key = keyring.derive(b"throttle subjects")
        self._names = AESGCM(keyring.derive(b"names of sessions and access keys"))
        self._successors = AESGCM(keyring.derive(b"successors of refresh tokens"))

    def hash_email(self, email: str) -> bytes:
        normal = normalise_email(email).encode()
        return hashlib.blake2b(normal, key=self._email_key, digest_size=_EMAIL_HASH_BYTES).digest()

    def hash_subject(self, value: bytes) -> bytes:
        return hashlib.blake2b(value, key=self._subject_key, digest_size=_SUBJECT_HASH_BYTES).digest()

    def hash_network(self, address: str) -> bytes:
        return self.hash_subject(network_of(address).encode())

    def seal_name(self, row_id: UUID, name: str) -> bytes:
        return _close(self._names, name.encode(), row_id.bytes)

    def open_name(self, row_id: UUID, sealed: bytes) -> str:
        return _open(self._names, sealed, row_id.bytes).decode()

    def seal_successor(self, token_hash: bytes, successor: str) -> bytes:
        return _close(self._successors, successor.encode(), token_hash)

    def open_successor(self, token_hash: bytes, sealed: bytes) -> str:
        return _open(self._successors, sealed, token_hash).decode()


def _close(key: AESGCM, plain: bytes, context: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + key.encrypt(nonce, plain, context)


def _open(key: AESGCM, sealed: bytes, context: bytes) -> bytes:
    return key.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context)
