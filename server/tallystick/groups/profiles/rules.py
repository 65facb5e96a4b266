"""What may be done in a group as it is? Whether it is in use, what is locked, who may find it, and how it shares by default. Pure."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from tallystick.errors import InvalidInput, RuleBroken
from tallystick.groups.rules import Weights
from tallystick.ledger.rules import canonical, require_date
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.group_pb2 import Group

CHANGEABLE = (
    "name",
    "description",
    "simplify_debts",
    "discoverable",
    "join_policy",
    "default_split",
    "time_zone",
)


def require_in_use(group: Group) -> None:
    """An archived group is only kept."""
    if group.archived:
        raise RuleBroken(ErrorReason.ERROR_REASON_GROUP_ARCHIVED, "The group is archived.")


def require_unlocked(group: Group, *days: date) -> None:
    """None of the days is in a period that is locked."""
    if group.locked_until and any(day.isoformat() <= group.locked_until for day in days):
        raise RuleBroken(
            ErrorReason.ERROR_REASON_PERIOD_LOCKED,
            "The day is in a period that is locked.",
            metadata={"locked_until": group.locked_until},
        )


def is_listed(group: Group) -> bool:
    """Whether everybody may find it, and join it as its policy says. Nobody new has any business in an archived one."""
    return group.discoverable and not group.archived


def is_about(query: str, name: str, description: str) -> bool:
    """Whether a search finds it. Upper and lower case are alike, in every script."""
    wanted = query.strip().casefold()
    return wanted in name.casefold() or wanted in description.casefold()


def require_weights(group: Group) -> None:
    """A default split that can share something: each member once, and somebody bears a part. Brings ids into their one form."""
    seen: set[str] = set()
    for number, part in enumerate(group.default_split):
        part.member_id = canonical(part.member_id)
        if part.member_id in seen:
            raise InvalidInput.of_field(f"default_split[{number}].member_id", "is named twice")
        seen.add(part.member_id)
    if seen and not any(part.weight for part in group.default_split):
        raise InvalidInput.of_field("default_split", "must have a weight above zero")


def default_weights(group: Group, present: Collection[UUID]) -> Weights:
    """In which proportion an expense is shared that says nothing else. Whoever is gone is passed over; when nobody is left who bears a
    part, it is equally among all who are in."""
    stated = {UUID(part.member_id): part.weight for part in group.default_split}
    weights = {member_id: weight for member_id, weight in stated.items() if member_id in present}
    return weights if any(weights.values()) else dict.fromkeys(sorted(present), 1)


def lock(before: Group, until: str) -> Group:
    """The group with a longer locked period."""
    day = require_date("locked_until", until).isoformat()
    if day < before.locked_until:
        raise InvalidInput.of_field("locked_until", "is before the present one; ReopenPeriod opens what is locked")
    return _locked_until(before, day)


def reopen(before: Group, until: str) -> Group:
    """The group with a shorter locked period, or none."""
    day = require_date("locked_until", until).isoformat() if until else ""
    if day > before.locked_until:
        raise InvalidInput.of_field("locked_until", "is after the present one; LockPeriod locks more")
    return _locked_until(before, day)


def archive(before: Group, *, archived: bool) -> Group:
    after = _copy(before)
    after.archived = archived
    return after


def _locked_until(before: Group, day: str) -> Group:
    after = _copy(before)
    after.locked_until = day
    return after


def _copy(group: Group) -> Group:
    copy = Group()
    copy.CopyFrom(group)
    return copy
