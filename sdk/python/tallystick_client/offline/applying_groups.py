"""What do commands about groups themselves, guests, comments, recurring expenses and links change?

Who leaves, is let in, and what a plan suggests, is for the server to say.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from tallystick_client.offline.composing import canonical
from tallystick_client.offline.making import Making, Rule, shown_name
from tallystick_client.offline.masks import copy_of, overlay, touched
from tallystick_client.offline.refusals import CannotApply
from tallystick_client.offline.roster import group_in, own_member, require_day, require_in, require_in_use
from tallystick_client.offline.rows import Row
from tallystick_client.offline.splits import canonical_split
from tallystick_client.v1.group_activity_pb2 import AddCommentRequest, DeleteCommentRequest, ExpenseComment
from tallystick_client.v1.group_expenses_pb2 import ExpenseDraft
from tallystick_client.v1.group_members_pb2 import AddGuestRequest
from tallystick_client.v1.group_pb2 import Group, LockPeriodRequest, ReopenPeriodRequest, UpdateGroupRequest
from tallystick_client.v1.group_recurring_pb2 import (
    CreateRecurringExpenseRequest,
    DeleteRecurringExpenseRequest,
    RecurringExpense,
    RestoreRecurringExpenseRequest,
    UpdateRecurringExpenseRequest,
)
from tallystick_client.v1.ledger_links_pb2 import GroupLink, GroupLinkState, UpdateGroupLinkRequest
from tallystick_client.v1.role_pb2 import Role
from tallystick_client.v1.space_pb2 import Member, MemberState

_OF_GROUP = ("name", "description", "simplify_debts", "discoverable", "join_policy", "default_split", "time_zone")
_OF_RECURRING = ("draft", "schedule", "paused")
_OF_LINK = ("paid_from_account_id", "categories", "default_category_id")
# What each occurrence has of its own, or an import would have to say.
_NOT_IN_DRAFTS = ("expense_id", "booked_on", "import_key")


def _update_group(making: Making, command: UpdateGroupRequest) -> Iterator[Row]:
    before = group_in(making)
    names = touched(command.update_mask.paths, command, _OF_GROUP)
    after = overlay(before, command, names)
    if "name" in names:
        after.name = shown_name(after.name)
    after.description = after.description.strip() if "description" in names else after.description
    if "default_split" in names:
        _tidy_split(making, after, [part.member_id for part in before.default_split])
    yield Row("expense_group", after.id, after)


def _tidy_split(making: Making, group: Group, kept: list[str]) -> None:
    """It can share something: each member once, and somebody bears a part."""
    for part in group.default_split:
        part.member_id = canonical(part.member_id)
    named = [part.member_id for part in group.default_split]
    if len(set(named)) < len(named) or (named and not any(part.weight for part in group.default_split)):
        raise CannotApply
    require_in(making, named, kept)


def _set_archived(archived: bool, making: Making, command: Any) -> Iterator[Row]:  # noqa: FBT001 - a table fills it in
    after = copy_of(group_in(making))
    after.archived = archived
    yield Row("expense_group", after.id, after)


def _lock(making: Making, command: LockPeriodRequest) -> Iterator[Row]:
    yield _locked_until(making, command.locked_until, is_longer=True)


def _reopen(making: Making, command: ReopenPeriodRequest) -> Iterator[Row]:
    yield _locked_until(making, command.locked_until, is_longer=False)


def _locked_until(making: Making, day: str, *, is_longer: bool) -> Row:
    after = copy_of(group_in(making))
    known = require_day(day) if day or is_longer else ""
    if known < after.locked_until if is_longer else known > after.locked_until:
        raise CannotApply
    after.locked_until = known
    return Row("expense_group", after.id, after)


def _add_guest(making: Making, command: AddGuestRequest) -> Iterator[Row]:
    require_in_use(group_in(making))
    guest = Member(
        id=making.require_new("member", command.member_id),
        space_id=making.space_id,
        display_name=shown_name(command.display_name),
        state=MemberState.MEMBER_STATE_GUEST,
        joined_at=making.made_at,
    )
    yield Row("member", guest.id, guest)


def _add_comment(making: Making, command: AddCommentRequest) -> Iterator[Row]:
    comment = ExpenseComment(
        id=making.require_new("expense_comment", command.comment_id),
        group_id=making.space_id,
        expense_id=making.require("expense", command.expense_id).id,
        member_id=own_member(making).id,
        text=shown_name(command.text),
        created_at=making.made_at,
    )
    yield Row("expense_comment", comment.id, comment)


def _delete_comment(making: Making, command: DeleteCommentRequest) -> Iterator[Row]:
    """One's own, or as an owner."""
    before: ExpenseComment = making.require("expense_comment", command.comment_id)
    own = own_member(making)
    if before.member_id != own.id and own.role != Role.ROLE_OWNER:
        raise CannotApply
    yield Row("expense_comment", before.id, before, deleted=True)


def _create_recurring(making: Making, command: CreateRecurringExpenseRequest) -> Iterator[Row]:
    """When it recurs next is for the server to say."""
    require_in_use(group_in(making))
    if not command.HasField("schedule"):
        raise CannotApply
    recurring = RecurringExpense(
        id=making.require_new("recurring_expense", command.recurring_id),
        group_id=making.space_id,
        draft=command.draft,
        schedule=command.schedule,
        user_id=making.user_id,
        created_at=making.made_at,
    )
    _tidy_draft(recurring.draft)
    yield Row("recurring_expense", recurring.id, recurring)


def _update_recurring(making: Making, command: UpdateRecurringExpenseRequest) -> Iterator[Row]:
    before: RecurringExpense = making.require("recurring_expense", command.recurring_id)
    after = overlay(before, command, touched(command.update_mask.paths, command, _OF_RECURRING))
    if not (after.HasField("draft") and after.HasField("schedule")):
        raise CannotApply
    _tidy_draft(after.draft)
    if after != before:
        after.problem = ""
        yield Row("recurring_expense", after.id, after)


def _tidy_draft(draft: ExpenseDraft) -> None:
    """What only a single expense can have is in no recurring one, and nobody calls when it is posted."""
    if any(getattr(draft, name) for name in _NOT_IN_DRAFTS) or not draft.payers:
        raise CannotApply
    draft.refund_of_id = canonical(draft.refund_of_id)
    draft.receipt_ids[:] = [canonical(each) for each in draft.receipt_ids]
    for payer in draft.payers:
        payer.member_id = canonical(payer.member_id)
    if draft.HasField("split"):
        draft.split.CopyFrom(canonical_split(draft.split))


def _delete_recurring(making: Making, command: DeleteRecurringExpenseRequest) -> Iterator[Row]:
    before: RecurringExpense = making.require("recurring_expense", command.recurring_id)
    yield Row("recurring_expense", before.id, before, deleted=True)


def _restore_recurring(making: Making, command: RestoreRecurringExpenseRequest) -> Iterator[Row]:
    before: RecurringExpense | None = making.find_deleted("recurring_expense", command.recurring_id)
    if before is not None:
        again = copy_of(before)
        again.problem = ""
        yield Row("recurring_expense", again.id, again)


def _update_link(making: Making, command: UpdateGroupLinkRequest) -> Iterator[Row]:
    before: GroupLink = making.require("group_link", command.link_id)
    after = overlay(before, command, touched(command.update_mask.paths, command, _OF_LINK))
    after.paid_from_account_id = canonical(after.paid_from_account_id)
    after.default_category_id = canonical(after.default_category_id)
    for each in after.categories:
        each.name, each.category_id = shown_name(each.name), canonical(each.category_id)
    if before.user_id == making.user_id:
        # What was stopped goes on, by whoever it is of.
        after.state, after.problem = GroupLinkState.GROUP_LINK_STATE_ACTIVE, ""
    yield Row("group_link", after.id, after)


GROUP_RULES: dict[str, Rule] = {
    "update_group": _update_group,
    "archive_group": partial(_set_archived, True),
    "unarchive_group": partial(_set_archived, False),
    "lock_period": _lock,
    "reopen_period": _reopen,
    "add_guest": _add_guest,
    "add_comment": _add_comment,
    "delete_comment": _delete_comment,
    "create_recurring_expense": _create_recurring,
    "update_recurring_expense": _update_recurring,
    "delete_recurring_expense": _delete_recurring,
    "restore_recurring_expense": _restore_recurring,
    "update_group_link": _update_link,
}
