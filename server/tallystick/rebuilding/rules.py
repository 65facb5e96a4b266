"""What comes back otherwise than it was, in every kind of space? Pure.

Bringing a space back lets nobody in, and what was under way when it was saved cannot go on: what it needs is in no backup.
"""

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from google.protobuf.message import Message

from tallystick.caller import Caller
from tallystick.rebuilding.reading import Entry
from tallystick.rebuilding.states import State
from tallystick.v1.import_pb2 import Import, ImportStatus
from tallystick.v1.role_pb2 import Role
from tallystick.v1.space_pb2 import Member, MemberState

M = TypeVar("M", bound=Message)

MEMBER, FILE_IMPORT, FILE = "member", "file_import", "file"
_PRESENT = (MemberState.MEMBER_STATE_ACTIVE, MemberState.MEMBER_STATE_GUEST)
# What an import is from now on that was under way.
_ENDED: Mapping[int, ImportStatus.ValueType] = {
    ImportStatus.IMPORT_STATUS_NEEDS_ANSWERS: ImportStatus.IMPORT_STATUS_FAILED,
    ImportStatus.IMPORT_STATUS_UNREAD: ImportStatus.IMPORT_STATUS_FAILED,
    ImportStatus.IMPORT_STATUS_READY: ImportStatus.IMPORT_STATUS_FAILED,
    ImportStatus.IMPORT_STATUS_PROCESSING: ImportStatus.IMPORT_STATUS_DONE,
    ImportStatus.IMPORT_STATUS_REVERTING: ImportStatus.IMPORT_STATUS_REVERTED,
}


def copy_of(message: M) -> M:
    copy = type(message)()
    copy.CopyFrom(message)
    return copy


def forget_others(entry: Entry, caller: Caller) -> None:
    """A copy is its owner's alone. It says whom it was shared with by name, and not which user that is."""
    if entry.kind == MEMBER and entry.message.user_id not in ("", str(caller.user_id)):
        entry.message.user_id = ""


def member_of_copy(member: Member, caller: Caller, *, as_guest: bool) -> Member | None:
    """Whoever makes the copy owns it. The others were members, or go on as guests whose place an invitation can give back."""
    after = copy_of(member)
    if member.user_id == str(caller.user_id):
        after.role, after.state = Role.ROLE_OWNER, MemberState.MEMBER_STATE_ACTIVE
    elif member.state in _PRESENT and as_guest:
        after.role, after.state = Role.ROLE_UNSPECIFIED, MemberState.MEMBER_STATE_GUEST
    elif member.state in _PRESENT:
        after.state = MemberState.MEMBER_STATE_REMOVED
    return after if after != member else None


def member_of_old(member: Member, *, as_guest: bool) -> Member:
    """Somebody whom the space does not know any more comes back without a login."""
    after = copy_of(member)
    after.user_id = ""
    if member.state in _PRESENT:
        after.state = MemberState.MEMBER_STATE_GUEST if as_guest else MemberState.MEMBER_STATE_REMOVED
        after.role = Role.ROLE_UNSPECIFIED if as_guest else member.role
    return after


def ended_import(of_import: Import) -> Import | None:
    """Its rows are in no backup. None: it was at its end."""
    status = _ENDED.get(of_import.status)
    if status is None:
        return None
    after = copy_of(of_import)
    after.status = status
    after.ClearField("questions")
    if status == ImportStatus.IMPORT_STATUS_FAILED:
        # An earlier server named a profile there that was not made yet.
        after.profile_id = ""
    return after


def is_under_way(message: Any) -> bool:
    """Whether it is an import that cannot go on: it was compared with what was there."""
    return isinstance(message, Import) and ended_import(message) is not None


def is_same(one: Any, other: Any) -> bool:
    """But for the commits that they are of."""
    left, right = copy_of(one), copy_of(other)
    left.version = right.version = 0
    return bool(left == right)


def is_own_member(state: State, user_id: UUID) -> bool:
    return state.kind == MEMBER and state.message.user_id == str(user_id)
