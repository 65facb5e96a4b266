"""How is one step of an import taken? By a commit whose request follows from the import, its version and the step."""

from uuid import UUID, uuid5

from tallystick.caller import Caller
from tallystick.imports.commands import Commit
from tallystick.store.store import Store
from tallystick.v1.import_pb2 import Import
from tallystick.v1.import_service_pb2 import UpdateImportMappingRequest, UpdateImportMappingResponse


async def take_step(store: Store, caller: Caller, of_import: Import, what: str, command: Commit) -> Import:
    """One commit, and the import after it."""
    request = UpdateImportMappingRequest(
        request_id=str(uuid5(UUID(of_import.id), f"{what} of {of_import.version}")),
        space_id=of_import.space_id,
        import_id=of_import.id,
    )
    answer = await store.write(caller, of_import.space_id, request, command, UpdateImportMappingResponse)
    return answer.file_import
