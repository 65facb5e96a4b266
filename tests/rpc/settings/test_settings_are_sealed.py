"""Is what a user keeps for themselves readable by nobody else, and gone with them?"""

import proof
from people import PASSWORD, BookOf, Person, new_id, refusal_of
from rpc.settings.home import put, show, thing_of, update
from tallystick_client.v1.auth_service_pb2 import DeleteMeRequest
from tallystick_client.v1.settings_pb2 import GetSettingsRequest


async def test_neither_keys_nor_values_are_readable_in_the_tables(book: BookOf, database: proof.Connection) -> None:
    await put(book.person, "secret/plan", b"treasure")
    await show(book.person, thing_of(book), icon="treasure")
    await update(book.person, base_currency="CHF")
    sealed = (("client_value", "body"), ("client_value", "gist"), ("display", "body"), ("preferences", "body"))
    cells = [
        cell
        for table, column in sealed
        for (cell,) in database.execute(
            f"SELECT {column} FROM {table} WHERE space_id = %s", (book.person.user.home_id,)
        ).fetchall()
    ]
    assert len(cells) == 4
    assert not any(word in cell for cell in cells for word in (b"secret", b"plan", b"treasure", b"CHF"))


async def test_settings_go_with_the_user(ann: Person, database: proof.Connection) -> None:
    """The rows stay, and nothing opens them any more."""
    await put(ann, "k", b"x")
    await update(ann, hide_amounts=True)
    await ann.auth.DeleteMe(DeleteMeRequest(request_id=new_id(), password=PASSWORD))
    assert (await refusal_of(ann.settings.GetSettings(GetSettingsRequest()))).reason == "INVALID_TOKEN"
    keys = database.execute("SELECT 1 FROM space_key WHERE space_id = %s", (ann.user.home_id,)).fetchall()
    assert keys == []
