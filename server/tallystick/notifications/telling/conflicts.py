"""What is somebody told whose change met another one? Pure."""

from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

from tallystick.notifications.notices import Notice, Place, compose_notice, id_of_thing
from tallystick.notifications.telling.news import News
from tallystick.v1.notification_details_pb2 import ConflictRaised
from tallystick.v1.notification_pb2 import NotificationKind


def tell_of_conflicts(place: Place, is_here: Callable[[UUID], bool], news: Sequence[News]) -> Iterator[Notice]:
    """Only the one whose change waits, and only while they are in the space."""
    for change in news:
        if change.kind != "conflict" or change.before is not None or change.now is None:
            continue
        user_id = UUID(change.now.raised_by)
        if is_here(user_id):
            details = ConflictRaised(
                conflict_id=change.now.id, target_kind=change.now.target_kind, target_id=change.now.target_id
            )
            notice_id = id_of_thing(change.id, "conflict", user_id)
            yield compose_notice(user_id, notice_id, NotificationKind.NOTIFICATION_KIND_CONFLICT, place, details)
