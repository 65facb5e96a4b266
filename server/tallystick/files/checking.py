"""Does everything lie there that the files of this server say, and what lies there that no file says?

By names and sizes: that a content is the one that came is proven when it is read. A content is missed only if its row is there before and
after somebody looked for it.
"""

from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple
from uuid import UUID

from tallystick.files import queries, rules
from tallystick.files.queries import name_of
from tallystick.files.sealing import ADDED_BYTES
from tallystick.files.storage.storage import FileStorage, Place
from tallystick.store.apart import Apart

ROWS_AT_ONCE = 500


class Content(NamedTuple):
    """A content, as its row says that it is."""

    space_id: UUID
    file_id: UUID
    content_id: UUID
    size_bytes: int
    part_bytes: int


class Lost(NamedTuple):
    """A file whose content is not there, or not all of it, or is of another size."""

    space_id: UUID
    file_id: UUID


class Nameless(NamedTuple):
    """Contents that no row names, and how much room they take."""

    contents: int
    size_bytes: int


async def list_lost(apart: Apart, storage: FileStorage) -> AsyncIterator[Lost]:
    async for rows in _pages(apart):
        lacking = [row for row in rows if not await _is_whole(storage, row)]
        there = await _named(apart, [row.content_id for row in lacking])
        for row in lacking:
            if row.content_id in there:
                yield Lost(row.space_id, row.file_id)


async def count_contents(apart: Apart) -> int:
    """How many there should be."""
    return sum([len(rows) async for rows in _pages(apart)])


async def get_nameless(apart: Apart, storage: FileStorage) -> Nameless:
    total, asked = Nameless(0, 0), list[Place]()
    async for found in storage.walk():
        asked.append(found.place)
        if len(asked) == ROWS_AT_ONCE:
            total, asked = await _add_nameless(apart, storage, asked, total), []
    return await _add_nameless(apart, storage, asked, total)


async def _add_nameless(apart: Apart, storage: FileStorage, asked: Sequence[Place], total: Nameless) -> Nameless:
    named = await _named(apart, [place.content_id for place in asked])
    sizes = [sum((await storage.list_sizes(place)).values()) for place in asked if place.content_id not in named]
    return Nameless(total.contents + len(sizes), total.size_bytes + sum(sizes))


async def _pages(apart: Apart) -> AsyncIterator[list[Content]]:
    after = Lost(UUID(int=0), UUID(int=0))
    while True:
        found = await apart.fetch(
            queries.FINISHED_AFTER(after_space=after.space_id, after_file=after.file_id, limit=ROWS_AT_ONCE)
        )
        rows = [Content(*row) for row in found]
        if not rows:
            return
        yield rows
        after = Lost(rows[-1].space_id, rows[-1].file_id)


async def _is_whole(storage: FileStorage, row: Content) -> bool:
    sizes = await storage.list_sizes(Place(row.space_id, row.content_id))
    return all(
        sizes.get(name_of(number)) == ADDED_BYTES + rules.length_of_part(number, row.size_bytes, row.part_bytes)
        for number in range(rules.count_parts(row.size_bytes, row.part_bytes))
    )


async def _named(apart: Apart, content_ids: Sequence[UUID]) -> set[UUID]:
    if not content_ids:
        return set()
    return {row[0] for row in await apart.fetch(queries.KNOWN_CONTENTS(content_ids=[*content_ids]))}
