"""How does a user hear that an import is done, or came to nothing? Once, before it is noted that it is done."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from tallystick.notifications.notices import Notice, Place, compose_notice, id_of_thing
from tallystick.v1.import_pb2 import Import, ImportStatus
from tallystick.v1.notification_details_pb2 import ImportFinished
from tallystick.v1.notification_pb2 import NotificationKind

Tell = Callable[[Notice], Awaitable[None]]


def compose_finished(of_import: Import, space_name: str) -> Notice:
    """For whoever made the import."""
    user_id, import_id = UUID(of_import.user_id), UUID(of_import.id)
    counts = of_import.counts
    details = ImportFinished(
        import_id=of_import.id,
        imported=counts.imported,
        known=counts.duplicates,
        failed=counts.errors,
        unreadable=of_import.status == ImportStatus.IMPORT_STATUS_FAILED,
    )
    return compose_notice(
        user_id,
        id_of_thing(import_id, "import finished", user_id),
        NotificationKind.NOTIFICATION_KIND_IMPORT_FINISHED,
        Place(UUID(of_import.space_id), space_name),
        details,
    )
