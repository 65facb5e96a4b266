"""What is remembered about files?"""

from imports.desk import Desk, statement
from tallystick_client.v1 import import_service_pb2


async def test_each_kind_of_file_is_remembered_once(desk: Desk) -> None:
    request = import_service_pb2.ListImportProfilesRequest(space_id=desk.book.id)
    assert not (await desk.calls.ListImportProfiles(request)).profiles
    for day in (1, 2):
        await desk.take_in(statement(f"2026-03-0{day},Shop,-3.50"), name="march.csv")
    (profile,) = (await desk.calls.ListImportProfiles(request)).profiles
    assert profile.file_name == "march.csv"
    assert [each.account_id for each in profile.accounts] == [desk.book.account_id]
    await desk.take_in(statement("2026-03-03,Shop,-3.50", head="Day,Payee,Amount"))
    assert len((await desk.calls.ListImportProfiles(request)).profiles) == 2
