"""What does an archive say of itself before anybody has the passphrase? Its version, how the key is closed, and nothing else. Pure.

Every version begins alike (magic, version, length) and ends with a checksum. So a damaged head is told from a newer one, and from a wrong
passphrase. Whoever changes a head on purpose and mends its checksum ends up with one that nothing opens.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tallystick.backups.archive.errors import Damaged, NewerVersion, NotAnArchive, TooCostly, Truncated, WrongPassphrase
from tallystick.backups.archive.passphrase import KEY_BYTES, Cost, Passphrase

# A byte that is no text, a name, and line ends that a transfer as text would change.
MAGIC = b"\x89TLY\r\n\x1a\n"
# Closed with a passphrase; closed for the public key that follows from one. What comes after the head is the same in both.
VERSION, VERSION_FOR_KEY = 1, 2
START = struct.Struct(">8sHH")
FIELDS = struct.Struct(">BBBB16s")
SCRYPT = 1
WRAPPED_BYTES = KEY_BYTES + 16
PUBLIC_BYTES = 32
DIGEST_BYTES = 32
OPEN_BYTES = START.size + FIELDS.size
HEAD_BYTES = OPEN_BYTES + WRAPPED_BYTES + DIGEST_BYTES
# The public key that it is closed for, and with the wrapped key the public key that was made for this archive.
OPEN_FOR_KEY_BYTES = OPEN_BYTES + PUBLIC_BYTES
HEAD_FOR_KEY_BYTES = OPEN_FOR_KEY_BYTES + PUBLIC_BYTES + WRAPPED_BYTES + DIGEST_BYTES
LENGTHS = {VERSION: HEAD_BYTES, VERSION_FOR_KEY: HEAD_FOR_KEY_BYTES}
# Of any version to come.
HEAD_BYTES_MAX = 4096
SALT_BYTES = 16
CHUNK_BITS = 16
CHUNK_BITS_MIN, CHUNK_BITS_MAX = 6, 20
# The key that closes the data key follows from a salt of this archive alone, and closes nothing else.
WRAPPING_NONCE = bytes(12)

Randomness = Callable[[int], bytes]


@dataclass(frozen=True)
class Head:
    """As it is in the stream. Every chunk is bound to all of it."""

    raw: bytes
    cost: Cost
    chunk_bytes: int
    salt: bytes
    wrapped: bytes
    # The public key that it is closed for. Empty: it is closed with the passphrase itself.
    recipient: bytes = b""


def lock(passphrase: Passphrase, cost: Cost, chunk_bits: int, randomness: Randomness) -> tuple[Head, bytes]:
    """A new head, and the data key that it holds."""
    key, salt = randomness(KEY_BYTES), randomness(SALT_BYTES)
    opened = compose_open(VERSION, cost, chunk_bits, salt)
    wrapped = AESGCM(passphrase.derive(cost, salt)).encrypt(WRAPPING_NONCE, key, opened)
    return Head(with_digest(opened + wrapped), cost, 1 << chunk_bits, salt, wrapped), key


def compose_open(version: int, cost: Cost, chunk_bits: int, salt: bytes) -> bytes:
    """What a head says before its keys."""
    if not CHUNK_BITS_MIN <= chunk_bits <= CHUNK_BITS_MAX:
        raise TooCostly(f"chunks of 2**{chunk_bits} bytes are outside of the bounds")
    fields = FIELDS.pack(SCRYPT, cost.log_n, cost.passes, chunk_bits, salt)
    return START.pack(MAGIC, version, LENGTHS[version]) + fields


def unlock(head: Head, passphrase: Passphrase) -> bytes:
    """The data key."""
    opener = AESGCM(passphrase.derive(head.cost, head.salt))
    try:
        return opener.decrypt(WRAPPING_NONCE, head.wrapped, head.raw[:OPEN_BYTES])
    except InvalidTag:
        raise WrongPassphrase("this passphrase does not open the archive") from None


def length_of(start: bytes) -> int:
    """How long a head is, by its first bytes (START.size)."""
    if start[: len(MAGIC)] != MAGIC[: len(start)]:
        raise NotAnArchive("it does not begin as an archive does")
    if len(start) < START.size:
        raise Truncated("it ends inside of its head")
    _, version, length = START.unpack(start)
    known = length == LENGTHS[version] if version in LENGTHS else OPEN_BYTES <= length <= HEAD_BYTES_MAX
    if not known:
        raise Damaged("head", "it cannot be that long")
    return int(length)


def parse(raw: bytes) -> Head:
    length = length_of(raw[: START.size])
    if len(raw) < length:
        raise Truncated("it ends inside of its head")
    if with_digest(raw[:-DIGEST_BYTES]) != raw:
        raise Damaged("head", "it does not fit its checksum")
    version = int.from_bytes(raw[len(MAGIC) : len(MAGIC) + 2])
    _require_known(version)
    kdf, log_n, passes, chunk_bits, salt = FIELDS.unpack(raw[START.size : OPEN_BYTES])
    if kdf != SCRYPT:
        raise Damaged("head", "it names no way to a key that this version has")
    cost = Cost(log_n, passes)
    cost.require_bearable()
    if not CHUNK_BITS_MIN <= chunk_bits <= CHUNK_BITS_MAX:
        raise TooCostly(f"chunks of 2**{chunk_bits} bytes are outside of the bounds")
    starts_at = OPEN_FOR_KEY_BYTES if version == VERSION_FOR_KEY else OPEN_BYTES
    return Head(raw, cost, 1 << chunk_bits, salt, raw[starts_at:-DIGEST_BYTES], raw[OPEN_BYTES:starts_at])


def _require_known(version: int) -> None:
    if version > max(LENGTHS):
        raise NewerVersion(f"it has version {version}, and this server reads up to {max(LENGTHS)}")
    if version not in LENGTHS:
        raise Damaged("head", "no archive has such a version")


def with_digest(raw: bytes) -> bytes:
    return raw + sha256(raw).digest()
