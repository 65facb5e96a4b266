"""Who is in a group, and what may still change there, as the copy has it?"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tallystick_client.offline.making import Making
from tallystick_client.offline.refusals import CannotApply
from tallystick_client.v1.group_pb2 import Group
from tallystick_client.v1.ledger_pb2 import Book
from tallystick_client.v1.space_pb2 import Member, MemberState

_IN = frozenset({MemberState.MEMBER_STATE_ACTIVE, MemberState.MEMBER_STATE_GUEST})


def group_in(making: Making) -> Group:
    """The group that the space is."""
    group: Group = making.require("expense_group", making.space_id)
    return group


def own_member(making: Making) -> Member:
    """The member that the user is."""
    for each in _members(making):
        if making.user_id and each.user_id == making.user_id and each.state in _IN:
            return each
    raise CannotApply


def present_ids(making: Making) -> list[str]:
    """Who is in the group now, guests too, in the order of their ids."""
    return sorted(each.id for each in _members(making) if each.state in _IN)


def require_in(making: Making, member_ids: Iterable[str], kept: Iterable[str] = ()) -> None:
    """They are in the group; those who are named already may stay when they are gone."""
    stays = set(kept)
    for member_id in member_ids:
        member: Member = making.require("member", member_id)
        if member.state not in _IN and member.id not in stays:
            raise CannotApply


def require_unlocked(group: Group, *days: str) -> None:
    """What counts on a day of a locked period stays as it is."""
    if any(day <= group.locked_until for day in days):
        raise CannotApply


def require_in_use(group: Group) -> None:
    if group.archived:
        raise CannotApply


def today_in(place: Group | Book, making: Making) -> str:
    """The civil date on which the command was made, where the group or book is. The server's is that on which it arrives."""
    try:
        zone = ZoneInfo(place.time_zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # Some systems have no table of time zones, or an older one; and a zone that waits to be sent may be none.
        return making.made_at.ToDatetime(UTC).date().isoformat()
    return making.made_at.ToDatetime(zone).date().isoformat()


def require_day(day: str) -> str:
    """A civil date that exists, in the one way to write it that the contract has."""
    try:
        known = date.fromisoformat(day).isoformat()
    except ValueError as no_day:
        raise CannotApply from no_day
    if known != day:
        raise CannotApply
    return day


def _members(making: Making) -> Iterator[Member]:
    return (row.message for row in making.view.rows("member") if not row.deleted)
