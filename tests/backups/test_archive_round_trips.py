"""Does what was put in come out, however the streams are cut?"""

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backups.shelf import CHEAP, PASSPHRASE, kept, manifest, read, written
from tallystick.backups.archive.errors import Contradiction
from tallystick.backups.archive.reader import open_archive, verify
from tallystick.backups.archive.rows import framed, rows_of
from tallystick.backups.archive.writer import Part, write_archive

NAMES = st.sampled_from(
    ["a", "b", "attachments/1", "attachments/1.2", "a/b/c", "_", "0-9", "row", "contents/x", "a" * 200]
)
# Empty ones, some that shrink, some that do not, and some of several blocks.
CONTENTS = st.one_of(
    st.binary(max_size=200),
    st.builds(lambda piece, times: piece * times, st.binary(min_size=1, max_size=40), st.integers(1, 4000)),
)


def cut(whole: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted(each % (len(whole) + 1) for each in cuts)
    return [whole[start:end] for start, end in zip([0, *places], [*places, len(whole)], strict=True)]


@settings(max_examples=40)
@given(
    contents=st.dictionaries(NAMES, CONTENTS, max_size=4),
    cuts=st.lists(st.integers(0, 10**6), max_size=12),
    chunk_bits=st.integers(6, 16),
)
async def test_what_went_in_comes_out(contents: dict[str, bytes], cuts: list[int], chunk_bits: int) -> None:
    parts = [Part(name, cut(content, cuts)) for name, content in contents.items()]
    archive = await written(parts, chunk_bits=chunk_bits)
    assert await read(cut(archive, cuts)) == (manifest(), [*contents.items()])
    verified = await verify([archive], PASSPHRASE)
    assert (verified.manifest, verified.parts) == (manifest(), len(contents) + 2)


@settings(max_examples=40)
@given(rows=st.lists(st.binary(max_size=300), max_size=30), cuts=st.lists(st.integers(0, 10**6), max_size=8))
async def test_rows_come_out_and_are_counted(rows: list[bytes], cuts: list[int]) -> None:
    whole = b"".join([piece async for piece in framed(rows)])
    archive = await written([Part("rows/account", cut(whole, cuts))], manifest(account=len(rows)))
    opened = await open_archive(cut(archive, cuts), PASSPHRASE)
    assert [[row async for row in rows_of(part.pieces())] async for part in opened.parts()] == [rows]
    assert [row async for row in rows_of(cut(whole, cuts))] == rows


async def test_it_may_end_anywhere_in_a_chunk() -> None:
    """Also just where one is full: nothing is left to fill up then."""
    for size in range(65):
        content = bytes(range(size))
        assert await read([await written(kept({"a": content}))]) == (manifest(), [("a", content)])


async def test_sources_may_be_waited_for() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b"a", b"", b"bc"):
            await asyncio.sleep(0)
            yield piece

    async def parts() -> AsyncIterator[Part]:
        yield Part("one", pieces())
        yield Part("rows/tag", framed(pieces()))

    # The archive itself is read while it is written.
    source = write_archive(manifest(tag=3), parts(), PASSPHRASE, cost=CHEAP)
    _, found = await read(source)
    assert found == [("one", b"abc"), ("rows/tag", b"\0\0\0\1a\0\0\0\0\0\0\0\2bc")]


async def test_parts_may_be_left_unread() -> None:
    archive = await open_archive([await written(kept({"a": b"a" * 200_000, "b": b"b"}))], PASSPHRASE)
    names = []
    async for part in archive.parts():
        names.append(part.name)
        async for _ in part.pieces():
            break
    assert names == ["a", "b"]


async def test_a_part_gives_nothing_of_the_next_one() -> None:
    archive = await open_archive([await written(kept({"a": b"a", "b": b"b"}))], PASSPHRASE)
    parts = archive.parts()
    first = await anext(parts)
    await anext(parts)
    assert [piece async for piece in first.pieces()] == []


async def test_two_archives_of_the_same_have_nothing_in_common() -> None:
    first, second = [
        b"".join([piece async for piece in write_archive(manifest(), [], PASSPHRASE, cost=CHEAP)]) for _ in range(2)
    ]
    # What is before the salt is alike, and nothing after it.
    assert first[:16] == second[:16]
    assert not any(first[at : at + 16] in second for at in range(16, 200))


@pytest.mark.parametrize(
    "name", ["", "/a", "a/", "a//b", "../a", "a/../b", ".a", "A", "ä", "a b", "a" * 201, "contents", "manifest"]
)
async def test_names_that_no_part_may_have(name: str) -> None:
    with pytest.raises(Contradiction):
        await written(kept({name: b""}))


async def test_no_name_comes_twice() -> None:
    with pytest.raises(Contradiction):
        await written([Part("a", []), Part("a", [])])


@pytest.mark.parametrize(
    ("rows", "promised"),
    [
        pytest.param(b"\0\0\0\1a", {"tag": 2}, id="too few"),
        pytest.param(b"\0\0\0\1a", {}, id="not promised"),
        pytest.param(b"\0\0\0\1a", {"tag": 1, "book": 0}, id="a table without its part"),
        pytest.param(b"\0\0\0\2a", {"tag": 1}, id="inside of a row"),
        pytest.param(b"\0\0\0", {"tag": 0}, id="inside of a length"),
        pytest.param(b"\x7f\0\0\0a", {"tag": 1}, id="too long a row"),
    ],
)
async def test_nobody_writes_other_rows_than_the_manifest_says(rows: bytes, promised: dict[str, int]) -> None:
    with pytest.raises(Contradiction):
        await written([Part("rows/tag", [rows])], manifest(**promised))
