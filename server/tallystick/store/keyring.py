"""Which master keys does this installation hold? A file of keys by id; the newest wraps, the older ones only unwrap.

A keyring that came from a file follows it: another process may rotate it at any time. So a key is always wrapped with
the master that the file names at that moment, and an unknown master is looked for in the file before anything fails.
"""

import fcntl
import json
import os
import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
PRIVATE_MODE = 0o600

_NUMBERED = re.compile(r"m([0-9]+)")


class KeyringError(Exception):
    """The keyring is missing, damaged, or lacks the key that something was wrapped with."""


@dataclass(frozen=True)
class Wrapped:
    """A secret, closed with a master key."""

    master_id: str
    sealed: bytes


class Keyring:
    """Master keys by id, and the one secret that never changes: the lookup secret, from which keyed hashes are made."""

    def __init__(
        self, current_id: str, masters: dict[str, bytes], lookup_secret: bytes, *, source: Path | None = None
    ) -> None:
        _require_whole(current_id, masters, lookup_secret)
        self.current_id = current_id
        self.source = source
        self._masters = masters
        self._lookup_secret = lookup_secret
        self._seen: _Seen | None = None

    @classmethod
    def generate(cls) -> "Keyring":
        return cls("m1", {"m1": secrets.token_bytes(KEY_BYTES)}, secrets.token_bytes(KEY_BYTES))

    @classmethod
    def load(cls, text: str) -> "Keyring":
        return cls(*_parse(text))

    @classmethod
    def follow(cls, path: Path) -> "Keyring":
        """The keyring of a file, which it reads again when somebody replaces the file."""
        return cls(*_parse(_read(path)), source=path)

    @classmethod
    def generate_with(cls, lookup_secret: bytes) -> "Keyring":
        """A keyring with a master key of its own, for what was made with this lookup secret: a backup put back on another machine."""
        return cls("m1", {"m1": secrets.token_bytes(KEY_BYTES)}, lookup_secret)

    @property
    def lookup_secret(self) -> bytes:
        """For backups alone: without it nobody could sign in after a restore."""
        return self._lookup_secret

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(self._masters)

    def dump(self) -> str:
        masters = {name: b64encode(key).decode() for name, key in self._masters.items()}
        document = {"current": self.current_id, "masters": masters, "lookup": b64encode(self._lookup_secret).decode()}
        return json.dumps(document, indent=1)

    def with_new_master(self) -> "Keyring":
        """A keyring whose new current key wraps from now on; the older keys stay, to unwrap what they closed."""
        numbers = [int(numbered[1]) for name in self._masters if (numbered := _NUMBERED.fullmatch(name))]
        name = f"m{1 + max(numbers, default=0)}"
        return Keyring(name, {**self._masters, name: secrets.token_bytes(KEY_BYTES)}, self._lookup_secret)

    def with_lookup(self, lookup_secret: bytes) -> "Keyring":
        """The same master keys, for another installation's hashes."""
        return Keyring(self.current_id, self._masters, lookup_secret)

    def without_old_masters(self) -> "Keyring":
        return Keyring(self.current_id, {self.current_id: self._masters[self.current_id]}, self._lookup_secret)

    def wrap(self, secret: bytes, purpose: bytes) -> Wrapped:
        # What is wrapped with a master that was dropped meanwhile would be lost, so the file is asked every time: seldom
        # enough, for a new space or a new signing key.
        self.catch_up()
        nonce = os.urandom(NONCE_BYTES)
        return Wrapped(self.current_id, nonce + AESGCM(self._masters[self.current_id]).encrypt(nonce, secret, purpose))

    def unwrap(self, wrapped: Wrapped, purpose: bytes) -> bytes:
        if wrapped.master_id not in self._masters:
            self.catch_up()
        master = self._masters.get(wrapped.master_id)
        if master is None:
            raise KeyringError(f"the keyring does not hold the master key {wrapped.master_id!r}")
        try:
            return AESGCM(master).decrypt(wrapped.sealed[:NONCE_BYTES], wrapped.sealed[NONCE_BYTES:], purpose)
        except (InvalidTag, ValueError) as foreign:
            raise KeyringError(
                f"the master key {wrapped.master_id!r} of this keyring does not open what one of that name closed"
            ) from foreign

    def derive(self, purpose: bytes) -> bytes:
        """A key for keyed hashes. It outlives every rotation, because what was hashed must be found again."""
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(self._lookup_secret)

    def catch_up(self) -> None:
        """Takes over what the file holds now. A file that did not change is not read again: its stat tells."""
        if self.source is None:
            return
        # Looked at before it is read: if it is replaced in between, the next look shows that there is something newer.
        seen = _look(self.source)
        if seen == self._seen:
            return
        current_id, masters, lookup_secret = _parse(_read(self.source))
        _require_whole(current_id, masters, lookup_secret)
        if lookup_secret != self._lookup_secret:
            raise KeyringError(f"{self.source} was replaced by the keyring of another installation")
        self.current_id, self._masters, self._seen = current_id, masters, seen


# Which file it is and when it was written: what changes when a file is replaced.
_Seen = tuple[int, int, int]


def _require_whole(current_id: str, masters: dict[str, bytes], lookup_secret: bytes) -> None:
    if current_id not in masters:
        raise KeyringError(f"the keyring names {current_id!r} as current but does not hold it")
    if any(len(key) != KEY_BYTES for key in (*masters.values(), lookup_secret)):
        raise KeyringError(f"every key of the keyring must have {KEY_BYTES} bytes")


def _parse(text: str) -> tuple[str, dict[str, bytes], bytes]:
    try:
        document = json.loads(text)
        masters = {name: b64decode(key, validate=True) for name, key in document["masters"].items()}
        return str(document["current"]), masters, b64decode(document["lookup"], validate=True)
    except (KeyError, TypeError, AttributeError, ValueError) as damaged:
        raise KeyringError(f"the keyring cannot be read: {damaged!r}") from damaged


def _look(path: Path) -> _Seen:
    try:
        found = path.stat()
    except OSError as away:
        raise KeyringError(f"the keyring cannot be read: {away}") from away
    return found.st_ino, found.st_mtime_ns, found.st_size


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as unreadable:
        raise KeyringError(f"the keyring cannot be read: {unreadable}") from unreadable


def load_or_create(path: Path) -> Keyring:
    """The keyring of an installation that keeps its own: made on first use, readable by its owner alone."""
    if not path.exists():
        with _alone_with(path):
            # Several servers may start for the first time together. They must end up with one keyring.
            if not path.exists():
                write(path, Keyring.generate())
    return Keyring.follow(path)


def change(path: Path, make: Callable[[Keyring], Keyring]) -> Keyring:
    """Replaces the keyring of a file by one that is made from it. Two that do so at once follow one another."""
    with _alone_with(path):
        write(path, make(Keyring.follow(path)))
    return Keyring.follow(path)


def write(path: Path, keyring: Keyring) -> None:
    """Replaces the file at once or not at all: losing it would lose everything that is sealed."""
    path = path.resolve()
    scratch = path.with_name(path.name + ".new")
    # What a killed writer left behind may have another owner or mode.
    scratch.unlink(missing_ok=True)
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_MODE)
    with os.fdopen(descriptor, "w") as file:
        _keep_owner(path, descriptor)
        file.write(keyring.dump())
        file.flush()
        os.fsync(descriptor)
    scratch.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _keep_owner(path: Path, descriptor: int) -> None:
    """When root rotates the keyring of a server that runs as somebody else, that one must still be able to read it."""
    if os.geteuid() == 0 and path.exists():
        before = path.stat()
        os.fchown(descriptor, before.st_uid, before.st_gid)


@contextmanager
def _alone_with(path: Path) -> Iterator[None]:
    """Held on a file of its own, because the keyring's is replaced. The kernel lets go when the holder dies."""
    path = path.resolve()
    descriptor = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_MODE)
    try:
        _keep_owner(path, descriptor)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
