"""What is left of somebody's files when they are erased? What others share with them, and nothing else."""

from uuid import UUID

import pytest

from files.ageing import age
from files.desk import bring, bring_parts, download
from people import PASSWORD, BookOf, Person, make_book, new_id, sign_up
from proof import Connection, open_seal
from rpc.spaces.sharing import OWNER, share
from tallystick.app import App
from tallystick.config import Config
from tallystick_client.v1 import auth_service_pb2
from tallystick_client.v1 import file_service_pb2 as api


async def erase(person: Person) -> None:
    await person.auth.DeleteMe(auth_service_pb2.DeleteMeRequest(request_id=new_id(), password=PASSWORD))


def rows_of(database: Connection, table: str, space_id: str) -> int:
    ((count,),) = database.execute(f'SELECT count(*) FROM "{table}" WHERE space_id = %s', (space_id,)).fetchall()
    return int(count)


async def test_of_an_erased_space_nothing_can_be_read_and_nothing_lies(
    ann: Person, server: App, database: Connection, config: Config
) -> None:
    book = await make_book(ann)
    root = config.data_dir / "files"
    for space_id in (book.id, ann.user.home_id):
        await bring(ann, space_id, b"abc")
        await bring_parts(ann, space_id, b"abc")
    await erase(ann)
    for space_id in (book.id, ann.user.home_id):
        assert [rows_of(database, each, space_id) for each in ("file_key", "file_content", "space_key")] == [0, 0, 0]
        age(root / space_id)
    await server.files.sweeping.take_orphans()
    assert [space_id for space_id in (book.id, ann.user.home_id) if (root / space_id).exists()] == []


async def test_what_others_share_stays_and_counts_for_nobody(
    book: BookOf, server: App, database: Connection, config: Config
) -> None:
    eve = await sign_up(book.person.client, "Eve")
    await share(book.person, book.id, eve, OWNER)
    shared = await bring(eve, book.id, b"shared")
    private = await bring(eve, book.id, b"private", private=True, name="eves-diary.txt")
    upload = await bring_parts(eve, book.id, b"begun")
    await erase(eve)
    assert await download(book.person, book.id, shared.id) == b"shared"
    left = database.execute("SELECT file_id, user_id FROM file_content WHERE space_id = %s", (book.id,)).fetchall()
    assert left == [(UUID(shared.id), None)]
    ids = {
        row[0] for row in database.execute("SELECT file_id FROM file_key WHERE space_id = %s", (book.id,)).fetchall()
    }
    assert ids == {UUID(shared.id)}
    assert UUID(upload.file_id) not in ids
    age(config.data_dir / "files" / book.id)
    await server.files.sweeping.take_orphans()
    assert len(list((config.data_dir / "files" / book.id).iterdir())) == 1
    listed = await book.person.files.ListFiles(api.ListFilesRequest(space_id=book.id, deleted=True))
    assert private.id not in [each.id for each in listed.files]


@pytest.mark.parametrize("name", ["file", "journal"])
async def test_a_private_name_is_forgotten_everywhere(
    book: BookOf, server: App, database: Connection, name: str
) -> None:
    eve = await sign_up(book.person.client, "Eve")
    await share(book.person, book.id, eve, OWNER)
    file = await bring(eve, book.id, b"private", private=True, name="eves-diary.txt")
    await erase(eve)
    seal = open_seal(database, server.store.keys, UUID(book.id))
    if name == "file":
        rows = database.execute("SELECT version, body FROM file WHERE id = %s", (file.id,)).fetchall()
        bodies = [seal.open(b"file.body", UUID(file.id).bytes, version, body) for version, body in rows]
    else:
        rows = database.execute("SELECT seq, ordinal, body FROM journal WHERE entity_id = %s", (file.id,)).fetchall()
        row = [(seq, ordinal.to_bytes(4) + UUID(file.id).bytes, body) for seq, ordinal, body in rows]
        bodies = [seal.open(b"journal.body", of, seq, body) for seq, of, body in row]
    assert bodies
    assert [body for body in bodies if b"diary" in body] == []
