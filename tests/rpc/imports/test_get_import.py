"""Who sees an import?"""

from imports.desk import Desk, statement
from people import MISSING_ID, Person, refusal_of
from tallystick_client.v1 import import_service_pb2

ONE = statement("2026-03-01,Shop,-3.50")


async def test_it_is_as_it_was_answered(desk: Desk) -> None:
    made = await desk.create(ONE)
    assert await desk.get(made.id) == made


async def test_what_is_not_there_and_what_is_somebody_elses_look_alike(desk: Desk, bob: Person) -> None:
    made = await desk.create(ONE)
    missing = await refusal_of(desk.get(MISSING_ID))
    request = import_service_pb2.GetImportRequest(space_id=desk.book.id, import_id=made.id)
    assert (await refusal_of(bob.imports.GetImport(request))).raw == missing.raw
