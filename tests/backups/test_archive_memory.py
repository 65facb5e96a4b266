"""Does a large archive go through a small memory, and let others work meanwhile?"""

import asyncio
import random
import tracemalloc
from collections.abc import Iterator

from backups.shelf import CHEAP, PASSPHRASE, manifest, written
from tallystick.backups.archive.reader import open_archive, verify
from tallystick.backups.archive.writer import Part, write_archive

MEGABYTE = 1024 * 1024
# Half of it is as a picture is, half as a bank's list of bookings.
NOISE = random.Random(4).randbytes(MEGABYTE)
ROWS = b"".join(b"2026-02-03;Bakery %d;-%d.40 EUR\n" % (row * 7919 % 99_991, row % 13) for row in range(32_000))[
    :MEGABYTE
]


def pieces(megabytes: int) -> Iterator[bytes]:
    for number in range(megabytes):
        yield NOISE if number % 2 else ROWS


async def test_sixty_four_megabytes_pass_through_one() -> None:
    source = write_archive(manifest(), [Part("a", pieces(48)), Part("b", pieces(16))], PASSPHRASE, cost=CHEAP)
    tracemalloc.start()
    try:
        assert (await verify(source, PASSPHRASE)).plain_bytes > 64 * MEGABYTE
        assert tracemalloc.get_traced_memory()[1] < MEGABYTE
    finally:
        tracemalloc.stop()


async def test_one_large_piece_is_not_copied_whole() -> None:
    whole = NOISE * 8
    archive = await written([Part("a", [whole])], chunk_bits=16)
    tracemalloc.start()
    try:
        opened = await open_archive((archive[at : at + 1000] for at in range(0, len(archive), 1000)), PASSPHRASE)
        async for part in opened.parts():
            assert max([len(piece) async for piece in part.pieces()]) <= 64 * 1024
        async for _ in write_archive(manifest(), [Part("a", [whole])], PASSPHRASE, cost=CHEAP):
            pass
        assert tracemalloc.get_traced_memory()[1] < MEGABYTE
    finally:
        tracemalloc.stop()


async def test_others_work_meanwhile() -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    # As plain iterables neither the parts nor the archive ever wait for anything. To make a key of a passphrase is not counted.
    source = write_archive(manifest(), [Part("a", pieces(4))], PASSPHRASE, cost=CHEAP)
    head = await anext(source)
    task = asyncio.create_task(other())
    body = [chunk async for chunk in source]
    while_written = turns
    task.cancel()
    archive = await open_archive([head, *body], PASSPHRASE)
    turns, task = 0, asyncio.create_task(other())
    async for _ in archive.parts():
        pass
    task.cancel()
    # Once for each block of 64 KiB.
    assert while_written >= 64
    assert turns >= 64
