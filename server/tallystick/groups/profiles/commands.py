"""What shall happen to groups themselves? One function per writing call, run inside the write door."""

from uuid import UUID

from tallystick.errors import Stale
from tallystick.groups.members.guests import add_guest
from tallystick.groups.members.queries import MEMBERS, get_own_member, open_roster
from tallystick.groups.profiles import queries, rules
from tallystick.groups.profiles.writes import LIST_GROUP, UNLIST_GROUP
from tallystick.groups.recurring.writes import RECURRING_DUES
from tallystick.groups.tables import GROUP
from tallystick.identity.queries import FIELDS_CHANGED_SINCE
from tallystick.identity.rules import require_time_zone
from tallystick.ledger.rules import require_currency, require_name
from tallystick.masks import base_version, is_stale, overlay, touched
from tallystick.merging import changed_fields
from tallystick.store import door
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.group_pb2 import (
    ArchiveGroupRequest,
    ArchiveGroupResponse,
    CreateGroupRequest,
    CreateGroupResponse,
    DeleteGroupRequest,
    DeleteGroupResponse,
    Group,
    LockPeriodRequest,
    LockPeriodResponse,
    ReopenPeriodRequest,
    ReopenPeriodResponse,
    RestoreGroupRequest,
    RestoreGroupResponse,
    UnarchiveGroupRequest,
    UnarchiveGroupResponse,
    UpdateGroupRequest,
    UpdateGroupResponse,
)


async def create_group(tx: WriteTx, request: CreateGroupRequest) -> CreateGroupResponse:
    group = Group(
        id=str(tx.space_id),
        name=require_name("name", request.name),
        description=request.description.strip(),
        default_currency=require_currency("default_currency", request.default_currency),
        simplify_debts=request.simplify_debts,
        discoverable=request.discoverable,
        join_policy=request.join_policy,
        time_zone=require_time_zone(request.time_zone),
        created_at=to_timestamp(tx.now),
    )
    tx.add(GROUP, group)
    _keep_listing(tx, group)
    guests = [add_guest(tx, name) for name in request.guests]
    # The door has made the owner in this commit: only what is written can be read.
    await tx.flush()
    return CreateGroupResponse(group=group, members=[await get_own_member(tx), *guests])


async def update_group(tx: WriteTx, request: UpdateGroupRequest) -> UpdateGroupResponse:
    names = touched(request.update_mask.paths, request, rules.CHANGEABLE)
    groups, members, since = await tx.fetch_all(
        queries.GROUP_OF_SPACE(space_id=tx.space_id),
        MEMBERS(space_id=tx.space_id),
        FIELDS_CHANGED_SINCE(space_id=tx.space_id, entity_id=tx.space_id, version=base_version(request)),
    )
    before = tx.require(GROUP, groups)
    after = overlay(before, request, names)
    # Only what the request touches is held against the rules of today: a zone that was renamed since does no harm.
    if "name" in names:
        after.name = require_name("name", after.name)
    if "description" in names:
        after.description = after.description.strip()
    if "time_zone" in names:
        after.time_zone = require_time_zone(after.time_zone)
    if "default_split" in names:
        rules.require_weights(after)
        kept = _in_split(before)
        open_roster(tx, members).require_in(_in_split(after), kept)
    changing = changed_fields(before, after)
    if is_stale(changing, (fields for (fields,) in since)):
        raise Stale(current_version=before.version)
    if "time_zone" in changing:
        # Recurring expenses are due by the days of another zone now.
        tx.beside(RECURRING_DUES.look_again(of_space=tx.space_id, now=tx.now))
    return UpdateGroupResponse(group=_put(tx, before, after))


async def archive_group(tx: WriteTx, request: ArchiveGroupRequest) -> ArchiveGroupResponse:
    before = await queries.get_group(tx)
    return ArchiveGroupResponse(group=_put(tx, before, rules.archive(before, archived=True)))


async def unarchive_group(tx: WriteTx, request: UnarchiveGroupRequest) -> UnarchiveGroupResponse:
    before = await queries.get_group(tx)
    return UnarchiveGroupResponse(group=_put(tx, before, rules.archive(before, archived=False)))


async def delete_group(tx: WriteTx, request: DeleteGroupRequest) -> DeleteGroupResponse:
    group = await queries.get_group(tx)
    tx.beside(door.HIDE_SPACE(space_id=tx.space_id, now=tx.now))
    tx.raise_access()
    tx.audit("group_deleted")
    tx.beside(UNLIST_GROUP(of_space=tx.space_id))
    return DeleteGroupResponse(group=tx.delete(GROUP, group))


async def restore_group(tx: WriteTx, request: RestoreGroupRequest) -> RestoreGroupResponse:
    shown, deleted = await tx.fetch_all(
        queries.GROUP_OF_SPACE(space_id=tx.space_id), queries.DELETED_GROUP_OF_SPACE(space_id=tx.space_id)
    )
    if shown:
        return RestoreGroupResponse(group=tx.require(GROUP, shown))
    group = tx.require(GROUP, deleted)
    tx.beside(door.SHOW_SPACE(space_id=tx.space_id))
    tx.raise_access()
    tx.audit("group_restored")
    _keep_listing(tx, group)
    return RestoreGroupResponse(group=tx.put(GROUP, group, group))


async def lock_period(tx: WriteTx, request: LockPeriodRequest) -> LockPeriodResponse:
    before = await queries.get_group(tx)
    after = rules.lock(before, request.locked_until)
    if after != before:
        tx.audit("period_locked")
    return LockPeriodResponse(group=_put(tx, before, after))


async def reopen_period(tx: WriteTx, request: ReopenPeriodRequest) -> ReopenPeriodResponse:
    before = await queries.get_group(tx)
    after = rules.reopen(before, request.locked_until)
    if after != before:
        tx.audit("period_reopened")
    return ReopenPeriodResponse(group=_put(tx, before, after))


def _put(tx: WriteTx, before: Group, after: Group) -> Group:
    """Nothing is written where nothing differs. Who may find the group sees it as it is from the same commit on."""
    if after == before:
        return before
    _keep_listing(tx, after)
    return tx.put(GROUP, before, after)


def _keep_listing(tx: WriteTx, group: Group) -> None:
    """Its entry among the groups that everybody may find: as it is now, or none."""
    if not rules.is_listed(group):
        tx.beside(UNLIST_GROUP(of_space=tx.space_id))
        return
    tx.beside(
        LIST_GROUP(
            space_id=tx.space_id,
            name=group.name,
            description=group.description,
            default_currency=group.default_currency,
            join_policy=group.join_policy,
        )
    )


def _in_split(group: Group) -> list[UUID]:
    return [UUID(part.member_id) for part in group.default_split]
