"""What is forgotten with a profile?"""

from imports.desk import Desk, statement
from people import MISSING_ID, new_id, refusal_of
from tallystick_client.v1 import import_service_pb2


async def test_the_next_file_is_asked_about_again_and_remembered_again(desk: Desk) -> None:
    await desk.take_in(statement("2026-03-01,Shop,-3.50"))
    listing = import_service_pb2.ListImportProfilesRequest(space_id=desk.book.id)
    (profile,) = (await desk.calls.ListImportProfiles(listing)).profiles
    request = import_service_pb2.DeleteImportProfileRequest(
        request_id=new_id(), space_id=desk.book.id, profile_id=profile.id
    )
    first = await desk.calls.DeleteImportProfile(request)
    assert await desk.calls.DeleteImportProfile(request) == first
    made = await desk.create(statement("2026-03-02,Shop,-3.50"), account_id="")
    assert [each.field for each in made.questions] == ["accounts"]
    await desk.take_in(statement("2026-03-03,Shop,-3.50"))
    assert [each.id for each in (await desk.calls.ListImportProfiles(listing)).profiles] == [profile.id]
    request.profile_id = MISSING_ID
    assert (await refusal_of(desk.calls.DeleteImportProfile(request))).reason == "REQUEST_ID_REUSED"
    request.request_id = new_id()
    assert (await refusal_of(desk.calls.DeleteImportProfile(request))).reason == "NOT_FOUND"
