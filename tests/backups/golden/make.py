"""Where did the golden archive come from? It is made once for each version of the format, and never again: every later server must read it.

    PYTHONPATH=server:tests python tests/backups/golden/make.py VERSION

The randomness is that of a counter, so that the keys can be said in the vectors for readers in other languages. What is closed for a public
key has a key besides that the library makes anew each time.
"""

import asyncio
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from pathlib import Path

from tallystick.backups.archive import head as heads
from tallystick.backups.archive.manifest import Manifest, compose
from tallystick.backups.archive.passphrase import Cost, Passphrase
from tallystick.backups.archive.reader import unlock
from tallystick.backups.archive.recipient import Recipient, lock_for
from tallystick.backups.archive.rows import framed
from tallystick.backups.archive.streams import flowing
from tallystick.backups.archive.writer import Part, write_archive

FOLDER = Path(__file__).parent
# Typed with combining marks, as some keyboards do.
TEXT = "Gro\u0308\u00dfe und A\u030angstro\u0308m"
ROWS = [b"", b"\x0a\x03tag", *(b"row %d" % number for number in range(200))]
NOISE = b"".join(sha256(b"%d" % number).digest() for number in range(40))
# Cheaper than real ones, since tests open it often.
COST = Cost(log_n=12, passes=2)
TOLD = Manifest(
    schema_revision="0012",
    server_version="0.1.0",
    postgresql_major=18,
    created_at=datetime(2026, 2, 3, 9, 30, tzinfo=UTC),
    row_counts={"account": 0, "tag": len(ROWS)},
    space_kinds={"book": 2, "group": 1, "home": 1},
    key_ids=("m1", "m2"),
)


def parts() -> Iterator[Part]:
    yield Part("rows/account", framed([]))
    yield Part("rows/tag", framed(ROWS))
    yield Part("attachments/0b9e5f4e-3c0f-4c53-8a53-0d4f4f0b7f11", [NOISE])
    # What would grow too much if it were deflated.
    yield Part("attachments/zeros", [bytes(10_000)])


class Counter:
    """Bytes from 0 to 255, and again."""

    def __init__(self) -> None:
        self._next = count()

    def __call__(self, size: int) -> bytes:
        return bytes(next(self._next) % 256 for _ in range(size))


async def make(version: int) -> None:
    passphrase = Passphrase.chosen(TEXT)
    counter = Counter()
    closing = passphrase if version == heads.VERSION else lock_for(Recipient.of(passphrase, COST, counter), 10, counter)
    source = write_archive(TOLD, parts(), closing, cost=COST, chunk_bits=10, randomness=counter)
    archive = b"".join([piece async for piece in source])
    head = heads.parse(archive[: heads.LENGTHS[version]])
    # Of a head for a public key, what scrypt gives is the private key.
    derived = "wrapping_key" if version == heads.VERSION else "private_key"
    vectors = {
        "passphrase": TEXT,
        derived: passphrase.derive(head.cost, head.salt).hex(),
        "data_key": unlock(head, passphrase).hex(),
        "head": head.raw.hex(),
        "archive_sha256": sha256(archive).hexdigest(),
        "manifest": json.loads(compose(TOLD)),
        "parts": [await _vector(part) for part in parts()],
    }
    (FOLDER / f"v{version}.tally").write_bytes(archive)
    (FOLDER / f"v{version}.json").write_text(json.dumps(vectors, indent=1) + "\n")


async def _vector(part: Part) -> dict[str, object]:
    content = b"".join([piece async for piece in flowing(part.content)])
    return {"name": part.name, "size": len(content), "sha256": sha256(content).hexdigest()}


if __name__ == "__main__":
    asyncio.run(make(int(sys.argv[1])))
