"""What is taken away? Contents whose time is over, and what lies there without a row; nothing else, whoever looks at once."""

import asyncio
import shutil
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from files.ageing import age
from files.desk import begin, bring, bring_parts, delete, download, finish, part
from people import BookOf, new_id, refusal_of
from rpc.spaces.sharing import back
from tallystick.app import App
from tallystick.config import Config
from tallystick.files.checking import get_nameless, list_lost
from tallystick.files.queries import CONTENT
from tallystick.files.storage.folder import FolderStorage
from tallystick.files.storage.storage import Place
from tallystick.files.sweeping import Sweeping
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.runtime.roles import DATABASE
from tallystick.store import door
from tallystick.store.epochs import RESTORING
from tallystick_client.v1 import file_pb2
from turned_clock import TurnedClock


@pytest.fixture
def root(config: Config) -> Path:
    return config.data_dir / "files"


def other_server(server: App) -> Sweeping:
    return Sweeping(server.store, server.apart, server.files.storage)


async def content_of_row(server: App, book: BookOf, file_id: str) -> list[Any]:
    context = door.CONTEXT(user_id=UUID(int=0), space_id=UUID(book.id))
    async with server.store.connection() as connection:
        call = CONTENT(space_id=UUID(book.id), file_id=UUID(file_id))
        _, _, rows = await connection.batch([door.BEGIN(), context, call])
    return list(rows)


async def test_an_upload_that_was_not_finished_in_a_day_is_forgotten(
    book: BookOf, server: App, clock: TurnedClock, root: Path
) -> None:
    upload = await bring_parts(book.person, book.id, b"abc")
    with clock.later(hours=23):
        await server.files.sweeping.run()
    assert (root / book.id).exists()
    with clock.later(hours=25):
        ann = await back(book.person)
        assert (await refusal_of(ann.files.FinishUpload(finish(book.id, upload.file_id, b"abc")))).reason == "NOT_FOUND"
        await server.files.sweeping.run()
        assert not (root / book.id).exists()
    assert await content_of_row(server, book, upload.file_id) == []
    await begin(book.person, book.id, b"abc", file_id=upload.file_id)


async def test_a_deleted_file_is_kept_for_thirty_days_and_one_that_is_there_for_ever(
    book: BookOf, server: App, clock: TurnedClock, root: Path
) -> None:
    kept, gone = await bring(book.person, book.id, b"abc"), await bring(book.person, book.id, b"xyz")
    await delete(book.person, gone)
    with clock.later(days=29):
        await server.files.sweeping.run()
    assert len(list((root / book.id).iterdir())) == 2
    with clock.later(days=31):
        await server.files.sweeping.run()
        assert len(list((root / book.id).iterdir())) == 1
        ann = await back(book.person)
        request = file_pb2.RestoreFileRequest(request_id=new_id(), space_id=book.id, file_id=gone.id)
        assert (await refusal_of(ann.files.RestoreFile(request))).reason == "CONTENT_GONE"
    assert await download(book.person, book.id, kept.id) == b"abc"
    assert await content_of_row(server, book, gone.id) == []


async def test_what_was_deleted_for_good_goes_with_the_next_sweep(book: BookOf, server: App, root: Path) -> None:
    file = await bring(book.person, book.id, b"abc")
    await delete(book.person, file, for_good=True)
    await server.files.sweeping.run()
    assert not (root / book.id).exists()


async def test_what_has_no_row_goes_and_what_is_young_or_of_another_database_stays(
    book: BookOf, server: App, root: Path
) -> None:
    storage, strange = server.files.storage, uuid4()
    kept = await bring(book.person, book.id, b"abc")
    upload = await begin(book.person, book.id, b"abc")
    await book.person.files.UploadPart(part(book.id, upload.file_id, b"abc"))
    orphan, young, foreign = (Place(UUID(book.id), uuid4()), Place(UUID(book.id), uuid4()), Place(strange, uuid4()))
    for place in (orphan, foreign):
        await storage.put(place, "000000", b"sealed")
    (root / "a note.txt").write_text("not ours")
    (root / ".partial" / "left").write_bytes(b"x")
    age(root)
    await storage.put(young, "000000", b"sealed")
    (root / ".partial" / "young").write_bytes(b"x")
    assert await server.files.sweeping.take_orphans() >= 1
    there = {path.name for path in (root / book.id).iterdir()}
    assert str(orphan.content_id) not in there
    assert str(young.content_id) in there
    assert (root / str(strange)).exists()
    assert (root / "a note.txt").exists()
    assert [path.name for path in (root / ".partial").iterdir()] == ["young"]
    assert await download(book.person, book.id, kept.id) == b"abc"
    await book.person.files.FinishUpload(finish(book.id, upload.file_id, b"abc"))
    await storage.remove(young)
    (root / ".partial" / "young").unlink()
    (root / "a note.txt").unlink()


async def test_what_was_before_a_restore_goes_and_nothing_while_one_is_on_its_way(
    book: BookOf, server: App, root: Path, postgres: EmbeddedPostgres
) -> None:
    storage, replaced = server.files.storage, Place(uuid4(), uuid4())
    await storage.put(replaced, "000000", b"sealed")
    age(root / str(replaced.space_id))
    with psycopg.connect(postgres.superuser_dsn, dbname=DATABASE, autocommit=True) as connection:
        connection.execute("INSERT INTO replaced_space VALUES (%s)", [replaced.space_id])
        connection.execute("SELECT pg_advisory_lock(%s)", [RESTORING])
        await server.files.sweeping.take_orphans()
        assert (root / str(replaced.space_id)).exists()
        connection.execute("SELECT pg_advisory_unlock(%s)", [RESTORING])
        await server.files.sweeping.take_orphans()
        assert not (root / str(replaced.space_id)).exists()


async def test_what_is_lost_is_found_and_so_is_what_nobody_names(book: BookOf, server: App, root: Path) -> None:
    storage, apart = server.files.storage, server.apart
    before = await get_nameless(apart, storage)
    whole, gone, short = [await bring(book.person, book.id, content) for content in (b"abc", b"xyz", b"xyz")]
    await bring_parts(book.person, book.id, b"on its way")
    by_file = {file.id: await content_of_row(server, book, file.id) for file in (gone, short)}
    folders = {file_id: root / book.id / str(rows[0][0]) for file_id, rows in by_file.items()}
    shutil.rmtree(folders[gone.id])
    (folders[short.id] / "000000").write_bytes(b"short")
    await storage.put(Place(UUID(book.id), uuid4()), "000000", b"sealed")
    lost = {str(each.file_id) async for each in list_lost(apart, storage) if str(each.space_id) == book.id}
    assert lost == {gone.id, short.id}
    assert whole.id not in lost
    after = await get_nameless(apart, storage)
    assert (after.contents - before.contents, after.size_bytes - before.size_bytes) == (1, len(b"sealed"))


async def test_two_servers_and_uploads_at_once_lose_nothing(book: BookOf, server: App, clock: TurnedClock) -> None:
    gone = [await bring(book.person, book.id, b"old") for _ in range(4)]
    for each in gone:
        await delete(book.person, each, for_good=True)
    sweeps = [other_server(server).run() for _ in range(3)] + [other_server(server).take_orphans() for _ in range(3)]
    uploads = [bring(book.person, book.id, b"new %d" % number) for number in range(6)]
    _, files = await asyncio.gather(asyncio.gather(*sweeps), asyncio.gather(*uploads))
    for number, file in enumerate(files):
        assert await download(book.person, book.id, file.id) == b"new %d" % number


async def test_a_sweep_that_dies_between_row_and_content_is_followed_by_another(
    book: BookOf, server: App, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = await bring(book.person, book.id, b"abc")
    await delete(book.person, file, for_good=True)

    async def die(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(FolderStorage, "remove", die)
        with pytest.raises(RuntimeError):
            await server.files.sweeping.run()
    assert (root / book.id).exists()
    age(root / book.id)
    await server.files.sweeping.take_orphans()
    assert not (root / book.id).exists()
