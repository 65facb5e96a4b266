"""Do files open after their space got a new key? Their rows are sealed again; their contents are not touched."""

from pathlib import Path
from uuid import UUID

from files.desk import bring, bring_parts, content_of, download, finish
from people import BookOf
from proof import Connection
from tallystick import schema
from tallystick.app import App
from tallystick.config import Config
from tallystick.store.reseal import Resealing


def contents(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


async def test_contents_stay_as_they_are_and_open(
    book: BookOf, server: App, database: Connection, config: Config
) -> None:
    content = content_of(2_000_000)
    file = await bring(book.person, book.id, content)
    upload = await bring_parts(book.person, book.id, b"abc")
    root = config.data_dir / "files" / book.id
    before = contents(root)
    assert await Resealing(server.store, schema.SEALED).reseal([UUID(book.id)], grace_s=0) == 1
    assert contents(root) == before
    rows = database.execute("SELECT substring(amount, 1, 2) FROM file_key WHERE space_id = %s", (book.id,)).fetchall()
    assert rows == [(b"\x00\x02",)] * 2
    assert await download(book.person, book.id, file.id) == content
    await book.person.files.FinishUpload(finish(book.id, upload.file_id, b"abc"))
    assert await download(book.person, book.id, upload.file_id) == b"abc"
