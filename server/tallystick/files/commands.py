"""What shall happen to files? One function per writing call, run inside the write door.

Contents are not touched here: a command touches nothing but its transaction, and may run twice. Whoever calls has put them, and looked at
them, before; what is to go is marked, and taken away later.
"""

from dataclasses import dataclass
from uuid import UUID

from tallystick.errors import Duplicate, NotVisible
from tallystick.files import queries, rules, sealing, writes
from tallystick.files.queries import FILES
from tallystick.files.tables import FILE, FILE_KEY
from tallystick.ledger.nouns.commands import begin_restore, delete_noun, end_restore
from tallystick.ledger.rules import canonical
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.file_pb2 import (
    DeleteFileRequest,
    DeleteFileResponse,
    File,
    FileUpload,
    RestoreFileRequest,
    RestoreFileResponse,
)
from tallystick.v1.file_service_pb2 import (
    CancelUploadRequest,
    CancelUploadResponse,
    FinishUploadRequest,
    FinishUploadResponse,
    StartUploadRequest,
    StartUploadResponse,
)


@dataclass(frozen=True, slots=True)
class Inspected:
    """What was found when all parts were there."""

    content_id: UUID
    key: bytes
    file: File


async def start_upload(tx: WriteTx, request: StartUploadRequest, *, limits: rules.Limits) -> StartUploadResponse:
    rules.require_size(request.size_bytes, limits, may_be_backup=tx.space_id == tx.caller.home_id)
    file_id = UUID(request.file_id) if request.file_id else tx.new_id()
    user_id = tx.caller.user_id
    _, held, taken = await tx.fetch_all(
        queries.HOLD_USER(number=int.from_bytes(user_id.bytes[:8], signed=True)),
        queries.HELD_BY(user_id=user_id),
        FILES.by_id_deleted_or_not(space_id=tx.space_id, id=file_id),
    )
    rules.require_room(int(held[0][0]), request.size_bytes, limits)
    if taken:
        raise Duplicate(ErrorReason.ERROR_REASON_ID_TAKEN, "The id is taken.")
    draft = File(
        id=canonical(str(file_id)),
        space_id=str(tx.space_id),
        name=rules.clean_name(request.name),
        size_bytes=request.size_bytes,
        private_to=str(user_id) if request.private else "",
    )
    expires_at = tx.now + rules.UPLOAD_LASTS
    tx.beside(
        writes.BEGIN_CONTENT(
            space_id=tx.space_id,
            file_id=file_id,
            content_id=tx.new_id(),
            user_id=user_id,
            size_bytes=request.size_bytes,
            part_bytes=rules.PART_BYTES,
            started_at=tx.now,
            finished_at=None,
            remove_at=expires_at,
        )
    )
    tx.keep_cell(FILE_KEY, sealing.new_key() + draft.SerializeToString(deterministic=True), file_id=file_id)
    upload = FileUpload(
        file_id=draft.id,
        size_bytes=request.size_bytes,
        part_bytes=rules.PART_BYTES,
        part_count=rules.count_parts(request.size_bytes, rules.PART_BYTES),
        expires_at=to_timestamp(expires_at),
    )
    return StartUploadResponse(upload=upload)


async def finish_upload(tx: WriteTx, request: FinishUploadRequest, *, inspected: Inspected) -> FinishUploadResponse:
    """The file is what was looked at, if that is still what is on its way."""
    await _hold_upload(tx, UUID(request.file_id), inspected.content_id)
    finished = File()
    finished.CopyFrom(inspected.file)
    finished.created_at.CopyFrom(to_timestamp(tx.now))
    named = {"of_space": tx.space_id, "of_file": UUID(finished.id)}
    tx.beside(writes.FINISH_CONTENT(**named, at=tx.now))
    tx.keep_cell(FILE_KEY, inspected.key, file_id=UUID(finished.id))
    return FinishUploadResponse(file=tx.add(FILE, finished))


async def cancel_upload(
    tx: WriteTx, request: CancelUploadRequest, *, content_id: UUID, cancelled: set[UUID]
) -> CancelUploadResponse:
    """Its row goes at once, so that the id is free again. `cancelled` is told what has no row any more once this is committed: a repeat
    says nothing there, because another upload may have the id by then."""
    file_id = UUID(request.file_id)
    await _hold_upload(tx, file_id, content_id)
    named = {"of_space": tx.space_id, "of_file": file_id}
    tx.beside(writes.DROP_CONTENT(**named))
    tx.beside(writes.DROP_KEY(**named))
    cancelled.add(content_id)
    return CancelUploadResponse()


async def delete_file(tx: WriteTx, request: DeleteFileRequest) -> DeleteFileResponse:
    deleted = await delete_noun(tx, FILES, request)
    remove_at = tx.now if request.for_good else tx.now + rules.DELETED_KEPT
    tx.beside(writes.REMOVE_AT(of_space=tx.space_id, of_file=UUID(deleted.id), at=remove_at))
    tx.audit("file_deleted", UUID(deleted.id))
    return DeleteFileResponse(file=deleted)


async def restore_file(tx: WriteTx, request: RestoreFileRequest) -> RestoreFileResponse:
    restore = await begin_restore(tx, FILES, request)
    if restore.is_deleted:
        file_id = UUID(restore.before.id)
        held = await tx.fetch(queries.HOLD_CONTENT(space_id=tx.space_id, file_id=file_id))
        if not held or (held[0][2] is not None and held[0][2] <= tx.now):
            raise rules.content_gone()
        tx.beside(writes.REMOVE_AT(of_space=tx.space_id, of_file=file_id, at=None))
        tx.audit("file_restored", file_id)
    return RestoreFileResponse(file=end_restore(tx, FILES, restore))


async def _hold_upload(tx: WriteTx, file_id: UUID, content_id: UUID) -> None:
    held = await tx.fetch(queries.HOLD_CONTENT(space_id=tx.space_id, file_id=file_id))
    if not held:
        raise NotVisible
    found_id, finished_at, remove_at = held[0]
    if found_id != content_id or finished_at is not None or remove_at is None or remove_at <= tx.now:
        raise NotVisible
