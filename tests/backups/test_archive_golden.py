"""Does this server read what every earlier one wrote, and does another reader that knows only the page of the format?"""

import hmac
import json
import struct
import unicodedata
import zlib
from collections.abc import Iterator
from hashlib import scrypt, sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backups.golden import make
from backups.shelf import read
from tallystick.backups.archive.passphrase import Passphrase
from tallystick.backups.archive.rows import rows_of
from tallystick.backups.archive.writer import write_archive

GOLDEN = sorted(Path(make.__file__).parent.glob("v*.tally"))


def vectors(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.with_suffix(".json").read_text())
    return found


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
async def test_every_version_is_read(path: Path) -> None:
    expected = vectors(path)
    archive = path.read_bytes()
    assert sha256(archive).hexdigest() == expected["archive_sha256"]
    told, parts = await read([archive], Passphrase(unicodedata.normalize("NFC", expected["passphrase"])))
    assert told == make.TOLD
    found = [{"name": name, "size": len(each), "sha256": sha256(each).hexdigest()} for name, each in parts]
    assert found == expected["parts"]
    assert [row async for row in rows_of([dict(parts)["rows/tag"]])] == make.ROWS


async def test_what_is_written_today_has_the_same_head() -> None:
    """The body may be deflated otherwise by another zlib; the head and the keys may not change."""
    source = write_archive(
        make.TOLD, make.parts(), Passphrase(make.TEXT), cost=make.COST, chunk_bits=10, randomness=make.Counter()
    )
    assert (await anext(source)).hex() == vectors(GOLDEN[0])["head"]
    await source.aclose()


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_the_page_is_enough_to_read_it(path: Path) -> None:
    """A reader of its own, made from server/docs/archive-format.md, that shares nothing with ours."""
    expected, archive = vectors(path), path.read_bytes()
    version, length = struct.unpack_from(">HH", archive, 8)
    chunk_bytes, key = (_unlocked if version == 1 else _unlocked_by_key)(archive, expected)
    assert key.hex() == expected["data_key"]
    records = _records(b"".join(_chunks(archive, length, chunk_bytes, key)))
    parts = [*_parts(records)]
    assert json.loads(parts[0][1]) == expected["manifest"]
    assert [(name, len(content)) for name, content in parts[1:-1]] == [
        (each["name"], each["size"]) for each in expected["parts"]
    ]
    listed = "".join(f"{sha256(content).hexdigest()} {len(content)} {name}\n" for name, content in parts[:-1])
    assert parts[-1] == ("contents", listed.encode())


def _unlocked(archive: bytes, expected: dict[str, Any]) -> tuple[int, bytes]:
    magic, version, length, kdf, log_n, passes, chunk_bits, salt, wrapped, digest = struct.unpack(
        ">8sHHBBBB16s48s32s", archive[:112]
    )
    assert (magic, version, length, kdf) == (b"\x89TLY\r\n\x1a\n", 1, 112, 1)
    assert hmac.compare_digest(digest, sha256(archive[:80]).digest())
    letters = unicodedata.normalize("NFC", expected["passphrase"]).encode()
    wrapping = scrypt(letters, salt=salt, n=1 << log_n, r=8, p=passes, dklen=32, maxmem=1 << 28)
    assert wrapping.hex() == expected["wrapping_key"]
    return 1 << chunk_bits, AESGCM(wrapping).decrypt(bytes(12), wrapped, archive[:32])


def _unlocked_by_key(archive: bytes, expected: dict[str, Any]) -> tuple[int, bytes]:
    magic, version, length, kdf, log_n, passes, chunk_bits, salt, recipient, encapsulated, wrapped, digest = (
        struct.unpack(">8sHHBBBB16s32s32s48s32s", archive[:176])
    )
    assert (magic, version, length, kdf) == (b"\x89TLY\r\n\x1a\n", 2, 176, 1)
    assert hmac.compare_digest(digest, sha256(archive[:144]).digest())
    letters = unicodedata.normalize("NFC", expected["passphrase"]).encode()
    seed = scrypt(letters, salt=salt, n=1 << log_n, r=8, p=passes, dklen=32, maxmem=1 << 28)
    assert seed.hex() == expected["private_key"]
    private = X25519PrivateKey.from_private_bytes(seed)
    assert private.public_key().public_bytes_raw() == recipient
    shared = private.exchange(X25519PublicKey.from_public_bytes(encapsulated))
    return 1 << chunk_bits, _hpke_opened(shared, encapsulated, recipient, archive[:64], wrapped)


def _hpke_opened(dh: bytes, encapsulated: bytes, recipient: bytes, info: bytes, sealed: bytes) -> bytes:
    """RFC 9180, 4.1 and 5.1: mode_base, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM."""
    kem, suite = b"KEM\0\x20", b"HPKE\0\x20\0\1\0\2"

    def extract(of: bytes, salt: bytes, label: bytes, text: bytes) -> bytes:
        return hmac.digest(salt, b"HPKE-v1" + of + label + text, "sha256")

    def expand(of: bytes, key: bytes, label: bytes, text: bytes, size: int) -> bytes:
        return hmac.digest(key, size.to_bytes(2) + b"HPKE-v1" + of + label + text + b"\1", "sha256")[:size]

    shared = expand(kem, extract(kem, b"", b"eae_prk", dh), b"shared_secret", encapsulated + recipient, 32)
    context = b"\0" + extract(suite, b"", b"psk_id_hash", b"") + extract(suite, b"", b"info_hash", info)
    secret = extract(suite, shared, b"secret", b"")
    key, nonce = expand(suite, secret, b"key", context, 32), expand(suite, secret, b"base_nonce", context, 12)
    return AESGCM(key).decrypt(nonce, sealed, None)


def _chunks(archive: bytes, head_bytes: int, chunk_bytes: int, key: bytes) -> Iterator[bytes]:
    starts = range(head_bytes, len(archive), chunk_bytes + 16)
    for number, start in enumerate(starts):
        nonce = number.to_bytes(11) + (b"\1" if start == starts[-1] else b"\0")
        yield AESGCM(key).decrypt(nonce, archive[start : start + chunk_bytes + 16], archive[:head_bytes])


def _records(body: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while True:
        kind, size = struct.unpack_from(">BI", body, at)
        yield kind, body[at + 5 : at + 5 + size]
        at += 5 + size
        if kind == 0:
            assert not body[at:].strip(b"\0")
            return


def _parts(records: Iterator[tuple[int, bytes]]) -> Iterator[tuple[str, bytes]]:
    name, content = "", b""
    for kind, payload in records:
        if kind == 1:
            name, content = payload.decode(), b""
        elif kind == 2:
            content += payload
        elif kind == 3:
            content += zlib.decompress(payload[4:])
        elif kind == 4:
            assert payload == len(content).to_bytes(8) + sha256(content).digest()
            yield name, content
