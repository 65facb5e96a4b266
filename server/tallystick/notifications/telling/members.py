"""What is somebody told of who came into their space, and who went? Pure."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from tallystick.notifications.notices import Notice, Place, compose_notice, id_in_commit
from tallystick.notifications.telling.news import News
from tallystick.notifications.telling.people import ACTIVE, People
from tallystick.v1.notification_details_pb2 import MemberMoved
from tallystick.v1.notification_pb2 import NotificationKind
from tallystick.v1.space_pb2 import Member


def tell_of_members(place: Place, people: People, news: Sequence[News]) -> Iterator[Notice]:
    assert place.id is not None, "members are in a space"
    for change in news:
        if change.kind != "member" or _is_in(change.before) == _is_in(change.now):
            continue
        moved = change.either
        details = MemberMoved(
            member_id=moved.id, member_name=moved.display_name, joined=_is_in(change.now), role=moved.role
        )
        for member in people.told_of(change.seq, change.actor_id):
            if member.id != moved.id:
                user_id = UUID(member.user_id)
                notice_id = id_in_commit(place.id, change.seq, f"member {moved.id}", user_id)
                yield compose_notice(user_id, notice_id, NotificationKind.NOTIFICATION_KIND_MEMBERS, place, details)


def has_come(change: News) -> bool:
    return _is_in(change.now) and not _is_in(change.before)


def _is_in(member: Member | None) -> bool:
    """Guests are somebody's note of a person: they neither come nor go."""
    return member is not None and member.state == ACTIVE
