"""What would somebody make who has the passphrase and means harm, or a writer with a mistake? It is sealed as it should be."""

from hashlib import sha256

from backups.shelf import CHEAP, PASSPHRASE, SMALL, manifest
from tallystick.backups.archive import head as heads
from tallystick.backups.archive import manifest as manifests
from tallystick.backups.archive.chunks import Sealer
from tallystick.backups.archive.records import PART_END, Kind, compose


def sealed(*records: bytes, chunk_bits: int = SMALL) -> bytes:
    """An archive of these records, whatever they are."""
    head, key = heads.lock(PASSPHRASE, CHEAP, chunk_bits, lambda size: b"r" * size)
    sealer = Sealer(key, head)
    return b"".join([head.raw, *sealer.add(b"".join(records)), sealer.finish()])


def part(name: str, *blocks: bytes, size: int | None = None, digest: bytes | None = None) -> bytes:
    """A part as its writer should make it, but for what is given."""
    whole = b"".join(blocks)
    end = PART_END.pack(len(whole) if size is None else size, digest or sha256(whole).digest())
    stored = [compose(Kind.STORED, block) for block in blocks]
    return b"".join([compose(Kind.PART, name.encode()), *stored, compose(Kind.PART_END, end)])


def told(**row_counts: int) -> bytes:
    return part("manifest", manifests.compose(manifest(**row_counts)))


def listed(**parts: bytes) -> bytes:
    lines = {"manifest": manifests.compose(manifest()), **parts}
    text = b"".join(
        b"%b %d %b\n" % (sha256(each).hexdigest().encode(), len(each), name.encode()) for name, each in lines.items()
    )
    return part("contents", text)


END = compose(Kind.END)


def head(
    *,
    version: int = 1,
    length: int = heads.HEAD_BYTES,
    kdf: int = 1,
    log_n: int = 1,
    passes: int = 1,
    bits: int = SMALL,
) -> bytes:
    """A head whose checksum is right, whatever it says."""
    fields = heads.FIELDS.pack(kdf, log_n, passes, bits, bytes(16))
    raw = heads.START.pack(heads.MAGIC, version, length) + fields
    raw = raw.ljust(length - heads.DIGEST_BYTES, b"w")
    return raw + sha256(raw).digest()
