"""What is left of imports when a book goes, and when its owner does?"""

from collections.abc import Iterator
from uuid import UUID

import pytest

import proof
from imports.desk import Desk, statement
from people import PASSWORD, new_id
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.runtime.roles import DATABASE
from tallystick_client.v1 import auth_service_pb2, import_service_pb2


@pytest.fixture
def database(postgres: EmbeddedPostgres) -> Iterator[proof.Connection]:
    """The tables themselves, past all guards."""
    with proof.connect(postgres.superuser_dsn, dbname=DATABASE) as connection:
        yield connection


def rows_in(database: proof.Connection, book_id: str) -> int:
    found = database.execute("SELECT count(*) FROM import_row WHERE space_id = %s", (UUID(book_id),)).fetchone()
    database.rollback()
    assert found is not None
    return int(found[0])


async def test_rows_go_with_their_import(desk: Desk, database: proof.Connection) -> None:
    made = await desk.create(statement("2026-03-01,Shop,-3.50"))
    assert rows_in(database, desk.book.id) == 1
    await desk.calls.DeleteImport(
        import_service_pb2.DeleteImportRequest(request_id=new_id(), space_id=desk.book.id, import_id=made.id)
    )
    assert rows_in(database, desk.book.id) == 0


async def test_rows_go_with_their_book_when_its_only_member_is_erased(desk: Desk, database: proof.Connection) -> None:
    await desk.take_in(statement("2026-03-01,Shop,-3.50"))
    assert rows_in(database, desk.book.id) == 1
    request = auth_service_pb2.DeleteMeRequest(request_id=new_id(), password=PASSWORD)
    await desk.book.person.auth.DeleteMe(request)
    assert rows_in(database, desk.book.id) == 0


async def test_nothing_of_a_file_stands_readable_in_the_database(desk: Desk, database: proof.Connection) -> None:
    done = await desk.take_in(statement("2026-03-01,Zanzibar Trading,-3.50"), name="zanzibar.csv")
    bodies = database.execute(
        "SELECT body FROM file_import WHERE space_id = %(id)s UNION ALL SELECT body FROM import_profile WHERE space_id = %(id)s"
        " UNION ALL SELECT amount FROM import_row WHERE space_id = %(id)s",
        {"id": UUID(desk.book.id)},
    ).fetchall()
    database.rollback()
    assert len(bodies) == 3
    assert done.file_name == "zanzibar.csv"
    assert not any(b"anzibar" in bytes(body) for (body,) in bodies)
