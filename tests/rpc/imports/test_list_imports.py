"""Which imports does ListImports show?"""

from imports.desk import Desk, statement
from people import new_id, refusal_of
from tallystick_client.v1 import import_service_pb2


async def test_all_of_them_a_page_at_a_time_and_deleted_ones_apart(desk: Desk) -> None:
    made = [(await desk.create(statement(f"2026-03-0{day},Shop,-3.50"))).id for day in range(1, 4)]
    await desk.calls.DeleteImport(
        import_service_pb2.DeleteImportRequest(request_id=new_id(), space_id=desk.book.id, import_id=made[0])
    )
    request = import_service_pb2.ListImportsRequest(space_id=desk.book.id, page_size=1)
    found = []
    while True:
        page = await desk.calls.ListImports(request)
        found += [each.id for each in page.imports]
        if not page.next_page_token:
            break
        request.page_token = page.next_page_token
    assert found == sorted(made[1:])
    deleted = import_service_pb2.ListImportsRequest(space_id=desk.book.id, deleted=True)
    assert [each.id for each in (await desk.calls.ListImports(deleted)).imports] == [made[0]]
    deleted.page_token = "nonsense"
    assert (await refusal_of(desk.calls.ListImports(deleted))).reason == "INVALID_PAGE_TOKEN"
