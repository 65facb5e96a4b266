"""Is everything found that can happen to an archive on a disk or on its way, and is it called by its name?"""

import random

import pytest

from backups.shelf import PASSPHRASE, kept, manifest, read, written
from tallystick.backups.archive import errors
from tallystick.backups.archive.head import HEAD_BYTES, HEAD_FOR_KEY_BYTES, MAGIC
from tallystick.backups.archive.passphrase import Passphrase
from tallystick.backups.archive.reader import open_archive, verify

SEALED = 64 + 16


@pytest.fixture(params=[False, True], ids=["with a passphrase", "for a key"])
async def archive(request: pytest.FixtureRequest) -> bytes:
    return await written(kept({"rows/tag": b"\0\0\0\5lunch"}), manifest(tag=1), for_key=request.param)


def head_of(archive: bytes) -> bytes:
    return archive[: int.from_bytes(archive[10:12])]


def chunks_of(archive: bytes) -> list[bytes]:
    return [archive[at : at + SEALED] for at in range(len(head_of(archive)), len(archive), SEALED)]


def test_heads_are_as_long_as_they_were(archive: bytes) -> None:
    assert len(head_of(archive)) in {HEAD_BYTES, HEAD_FOR_KEY_BYTES} == {112, 176}


async def wrong_with(archive: bytes) -> errors.ArchiveError:
    with pytest.raises(errors.ArchiveError) as caught:
        await verify([archive], PASSPHRASE)
    return caught.value


async def test_every_bit_counts(archive: bytes) -> None:
    head_bytes = len(head_of(archive))
    for at in range(len(archive)):
        # The bodies are alike: of one it is enough to go through all bits, and of the other through all bytes.
        for bit in range(8 if at < head_bytes or head_bytes == HEAD_BYTES else 1):
            flipped = bytearray(archive)
            flipped[at] ^= 1 << bit
            wrong = await wrong_with(bytes(flipped))
            if at < len(MAGIC):
                assert type(wrong) is errors.NotAnArchive
                continue
            assert isinstance(wrong, errors.Damaged)
            assert wrong.where == ("head" if at < head_bytes else f"chunk {(at - head_bytes) // SEALED}")


async def test_every_end_but_the_last_is_too_early(archive: bytes) -> None:
    for length in range(len(archive)):
        assert type(await wrong_with(archive[:length])) is errors.Truncated


async def test_nothing_may_follow(archive: bytes) -> None:
    last = archive[-SEALED:]
    for more in (b"\0", last, last + b"\0", archive, b"\0" * 1000):
        wrong = await wrong_with(archive + more)
        assert isinstance(wrong, errors.Damaged)
        assert wrong.where == f"chunk {len(chunks_of(archive)) - 1}"


async def test_chunks_stay_where_they_are(archive: bytes) -> None:
    head, chunks = head_of(archive), chunks_of(archive)
    last = len(chunks) - 1
    for one in range(len(chunks)):
        removed = await wrong_with(head + b"".join([*chunks[:one], *chunks[one + 1 :]]))
        assert type(removed) is (errors.Truncated if one == last else errors.Damaged)
        repeated = await wrong_with(head + b"".join([*chunks[: one + 1], *chunks[one:]]))
        assert isinstance(repeated, errors.Damaged)
        assert repeated.where == f"chunk {min(one + 1, last)}"
        for other in range(one):
            swapped = [*chunks]
            swapped[one], swapped[other] = chunks[other], chunks[one]
            wrong = await wrong_with(head + b"".join(swapped))
            assert isinstance(wrong, errors.Damaged)
            assert wrong.where == f"chunk {other}"


async def test_a_chunk_of_another_archive_does_not_fit(archive: bytes) -> None:
    other = await written(kept({"rows/tag": b"\0\0\0\6dinner"}), manifest(tag=1), chunk_bits=7)
    head, others = head_of(archive), head_of(other)
    assert type(await wrong_with(others + archive[len(head) :])) in {errors.Damaged, errors.Truncated}
    # Both have the same data key, since both were made with the same randomness: it is the head that does not fit.
    assert type(await wrong_with(head + other[len(others) :])) is errors.Damaged


async def test_another_passphrase_does_not_open_it(archive: bytes) -> None:
    with pytest.raises(errors.WrongPassphrase):
        await open_archive([archive], Passphrase("correct horse battery stapler"))


@pytest.mark.parametrize(
    "stream", [b"PK\x03\x04", b"age-encryption.org/v1", b"\0" * 500, MAGIC[1:] * 50, MAGIC[:4] + b"\n" + MAGIC[4:]]
)
async def test_what_is_no_archive(stream: bytes) -> None:
    assert type(await wrong_with(stream)) is errors.NotAnArchive


async def test_nothing_of_a_damaged_chunk_is_given() -> None:
    plain = random.Random(3).randbytes(300_000)
    archive = bytearray(await written(kept({"a": plain}), chunk_bits=10))
    damaged = 200_000
    archive[damaged] ^= 1
    opened = await open_archive([bytes(archive)], PASSPHRASE)
    given = bytearray()
    with pytest.raises(errors.Damaged):  # noqa: PT012 - what was given until then counts
        async for part in opened.parts():
            async for piece in part.pieces():
                given += piece
    assert 0 < len(given) < damaged
    assert plain.startswith(given)


async def test_what_is_whole_is_read(archive: bytes) -> None:
    assert await read([archive]) == (manifest(tag=1), [("rows/tag", b"\0\0\0\5lunch")])
