"""Is an archive refused that was closed with the right key, and is still none that a server writes?"""

import json
import struct
import tracemalloc
import zlib
from typing import Any

import pytest

from backups import forge
from backups.forge import END, listed, part, sealed, told
from backups.shelf import PASSPHRASE, manifest
from tallystick.backups.archive import errors
from tallystick.backups.archive import manifest as manifests
from tallystick.backups.archive.reader import verify
from tallystick.backups.archive.records import BLOCK_BYTES, Kind, compose, inflate


async def wrong_with(archive: bytes) -> type[errors.ArchiveError]:
    with pytest.raises(errors.ArchiveError) as caught:
        await verify([archive], PASSPHRASE)
    return type(caught.value)


async def test_what_is_forged_well_is_read() -> None:
    verified = await verify([sealed(told(), part("a", b"x", b"y"), listed(a=b"xy"), END)], PASSPHRASE)
    assert verified.parts == 3


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"version": 3}, errors.NewerVersion),
        ({"version": 65535, "length": 4096}, errors.NewerVersion),
        ({"version": 3, "length": 4097}, errors.Damaged),
        ({"version": 2}, errors.Damaged),
        ({"version": 1, "length": 176}, errors.Damaged),
        ({"version": 2, "length": 176, "kdf": 2}, errors.Damaged),
        ({"version": 2, "length": 176, "log_n": 19}, errors.TooCostly),
        ({"version": 2, "length": 176, "passes": 5}, errors.TooCostly),
        ({"version": 2, "length": 176, "bits": 21}, errors.TooCostly),
        ({"version": 2, "length": 176}, errors.WrongPassphrase),
        ({"version": 0}, errors.Damaged),
        ({"length": 120}, errors.Damaged),
        ({"kdf": 0}, errors.Damaged),
        ({"kdf": 2}, errors.Damaged),
        ({"log_n": 0}, errors.TooCostly),
        ({"log_n": 19}, errors.TooCostly),
        ({"log_n": 255}, errors.TooCostly),
        ({"passes": 0}, errors.TooCostly),
        ({"passes": 5}, errors.TooCostly),
        ({"bits": 5}, errors.TooCostly),
        ({"bits": 21}, errors.TooCostly),
        ({"bits": 255}, errors.TooCostly),
        ({}, errors.WrongPassphrase),
    ],
)
async def test_heads_out_of_bounds(changed: dict[str, int], wrong: type[errors.ArchiveError]) -> None:
    assert await wrong_with(forge.head(**changed) + b"body") is wrong


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        pytest.param([], errors.Damaged, id="nothing"),
        pytest.param([END], errors.Damaged, id="no manifest"),
        pytest.param([part("a", b"x"), told(), listed(), END], errors.Damaged, id="manifest not first"),
        pytest.param([told(), END], errors.Damaged, id="no list"),
        pytest.param([told(), compose(Kind.PART, b"a"), b"\x02\0\1\0\0"], errors.Damaged, id="inside of a record"),
        pytest.param([told(), part("a", b"x"), listed(), END], errors.Contradiction, id="a part that is not listed"),
        pytest.param([told(), listed(a=b"x"), END], errors.Contradiction, id="a listed part that is not there"),
        pytest.param([told(), part("a", b"x"), listed(a=b"y"), END], errors.Contradiction, id="another than listed"),
        pytest.param(
            [told(), part("b"), part("a"), listed(a=b"", b=b""), END], errors.Contradiction, id="another order"
        ),
        pytest.param([told(), part("a"), part("a"), listed(a=b""), END], errors.Contradiction, id="a part twice"),
        pytest.param([told(), told(), listed(), END], errors.Contradiction, id="manifest twice"),
        pytest.param([told(), part("../a"), listed(), END], errors.Contradiction, id="a name that leaves"),
        pytest.param([told(), part("ä"), listed(), END], errors.Contradiction, id="a name that is no ASCII"),
        pytest.param([told(), part("a", b"x", size=2), listed(a=b"x"), END], errors.Contradiction, id="another size"),
        pytest.param(
            [told(), part("a", b"x", digest=b"0" * 32), listed(a=b"x"), END], errors.Contradiction, id="another hash"
        ),
        pytest.param([told(tag=1), part("rows/tag"), listed(), END], errors.Contradiction, id="too few rows"),
        pytest.param([told(), listed(), listed(), END], errors.Damaged, id="list twice"),
        pytest.param([told(), listed(), part("a"), END], errors.Damaged, id="a part after the list"),
        pytest.param([told(), listed(), END, b"x"], errors.Damaged, id="text after the end"),
        pytest.param([told(), listed(), END, bytes(64)], errors.Damaged, id="a chunk of nothing after the end"),
        pytest.param([told(), listed(), END, bytes(10**6)], errors.Damaged, id="a lot of nothing after the end"),
        pytest.param([told(), compose(Kind.STORED, b"x")], errors.Damaged, id="a block of no part"),
        pytest.param(
            [told(), compose(Kind.PART, b"a"), compose(Kind.PART, b"b")], errors.Damaged, id="a part in a part"
        ),
        pytest.param([told(), b"\x05\0\0\0\0"], errors.Damaged, id="an unknown record"),
        pytest.param([told(), compose(Kind.PART)], errors.Damaged, id="no name"),
        pytest.param([told(), compose(Kind.PART, b"a"), compose(Kind.STORED)], errors.Damaged, id="an empty block"),
        pytest.param([told(), compose(Kind.PART, b"a"), b"\x02\xff\xff\xff\xff"], errors.Damaged, id="a block of 4 GB"),
    ],
)
async def test_bodies_that_no_server_writes(body: list[bytes], wrong: type[errors.ArchiveError]) -> None:
    assert await wrong_with(sealed(*body)) is wrong


async def test_rows_of_a_forged_part_are_counted() -> None:
    text = manifests.compose(manifest(tag=2))
    for rows, known in ((b"\0\0\0\1a\0\0\0\0", True), (b"\0\0\0\1a", False), (b"\0\0\0\1a\0\0\0\1", False)):
        body = [part("manifest", text), part("rows/tag", rows)]
        lists = listed(**{"manifest": text, "rows/tag": rows})
        if known:
            assert (await verify([sealed(*body, lists, END)], PASSPHRASE)).parts == 3
        else:
            assert await wrong_with(sealed(*body, lists, END)) is errors.Contradiction


def deflated(plain: bytes, size: int | None = None) -> bytes:
    return struct.pack(">I", len(plain) if size is None else size) + zlib.compress(plain, 9)


TEXT = b"".join(b"%d " % number for number in range(2000))


@pytest.mark.parametrize(
    ("block", "wrong"),
    [
        pytest.param(deflated(bytes(50_000_000)), errors.TooCostly, id="a bomb that says so"),
        pytest.param(deflated(bytes(50_000_000), BLOCK_BYTES), errors.TooCostly, id="a bomb that says less"),
        pytest.param(deflated(bytes(BLOCK_BYTES)), errors.TooCostly, id="small, and growing too much"),
        pytest.param(deflated(TEXT, len(TEXT) - 1), errors.TooCostly, id="longer than it says"),
        pytest.param(deflated(TEXT, len(TEXT) + 1), errors.Damaged, id="shorter than it says"),
        pytest.param(deflated(TEXT)[:-1], errors.Damaged, id="cut off"),
        pytest.param(deflated(TEXT) + b"x", errors.Damaged, id="with something behind it"),
        pytest.param(struct.pack(">I", 10) + b"no deflate", errors.Damaged, id="nothing of the kind"),
        pytest.param(struct.pack(">I", 0) + zlib.compress(b""), errors.Damaged, id="of nothing"),
    ],
)
async def test_bombs_and_other_blocks(block: bytes, wrong: type[errors.ArchiveError]) -> None:
    with pytest.raises(wrong):
        inflate(block)
    archive = sealed(told(), compose(Kind.PART, b"a"), compose(Kind.DEFLATED, block), chunk_bits=16)
    tracemalloc.start()
    try:
        assert await wrong_with(archive) is wrong
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


GOOD: dict[str, Any] = json.loads(manifests.compose(manifest(tag=0)))


def test_a_manifest_may_say_more_than_is_known() -> None:
    assert manifests.parse(json.dumps({**GOOD, "colour": "red"}).encode()) == manifest(tag=0)


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"format_version": 2}, errors.Contradiction),
        ({"format_version": "1"}, errors.Damaged),
        ({"format_version": True}, errors.Damaged),
        ({"created_at": "2026-02-03T09:30:00"}, errors.Damaged),
        ({"created_at": "yesterday"}, errors.Damaged),
        ({"row_counts": {"tag": -1}}, errors.Damaged),
        ({"row_counts": {"tag": 1.5}}, errors.Damaged),
        ({"row_counts": []}, errors.Damaged),
        ({"space_kinds": None}, errors.Damaged),
        ({"key_ids": "m1"}, errors.Damaged),
        ({"key_ids": [1]}, errors.Damaged),
        ({"schema_revision": 12}, errors.Damaged),
    ],
)
async def test_manifests_that_cannot_be_read(changed: dict[str, Any], wrong: type[errors.ArchiveError]) -> None:
    text = json.dumps({**GOOD, **changed}).encode()
    assert await wrong_with(sealed(part("manifest", text))) is wrong


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"\xff",
        b"[" * 50_000,
        b"1" * 5000,
        *[json.dumps({**GOOD, name: None}).encode() for name in GOOD],
    ],
)
async def test_manifests_that_are_none(text: bytes) -> None:
    assert (
        await wrong_with(sealed(part("manifest", *[text[at : at + 60_000] for at in range(0, len(text), 60_000)])))
        is errors.Damaged
    )


async def test_a_manifest_does_not_fill_the_memory() -> None:
    assert await wrong_with(sealed(part("manifest", *[b" " * BLOCK_BYTES] * 17), chunk_bits=16)) is errors.Damaged
