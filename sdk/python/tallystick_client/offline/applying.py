"""How will the space look once the outbox is sent? Pure: the copy with the outbox run over it, by the server's own rules.

It is what the user sees at once. Where the server decides otherwise its word comes with the next pull; so a command that has no rule
here, or does not fit, simply shows no effect before. Versions stay those of the copy.
"""

from collections.abc import Iterable
from typing import NamedTuple

from tallystick_client.offline.applying_accounts import ACCOUNT_RULES
from tallystick_client.offline.applying_budgets import BUDGET_RULES
from tallystick_client.offline.applying_expenses import EXPENSE_RULES
from tallystick_client.offline.applying_files import FILE_RULES
from tallystick_client.offline.applying_groups import GROUP_RULES
from tallystick_client.offline.applying_home import HOME_RULES
from tallystick_client.offline.applying_items import ITEM_RULES
from tallystick_client.offline.applying_merging import MERGE_RULES
from tallystick_client.offline.applying_moves import MOVE_RULES
from tallystick_client.offline.applying_notifications import NOTIFICATION_RULES
from tallystick_client.offline.applying_nouns import NOUN_RULES
from tallystick_client.offline.applying_settlements import SETTLEMENT_RULES
from tallystick_client.offline.applying_transactions import TRANSACTION_RULES
from tallystick_client.offline.applying_webhooks import WEBHOOK_RULES
from tallystick_client.offline.commands import command_in, is_named
from tallystick_client.offline.making import Making, Rule
from tallystick_client.offline.masks import copy_of
from tallystick_client.offline.refusals import CannotApply
from tallystick_client.offline.rows import Copy, ReadOnce, Row, View
from tallystick_client.v1.sync_conflicts_pb2 import ConflictChoice, ResolveConflictRequest
from tallystick_client.v1.sync_mutation_pb2 import Mutation
from tallystick_client.v1.sync_pb2 import Conflict, ConflictState


class Overlaid(NamedTuple):
    """A mutation of the outbox."""

    mutation: Mutation
    # Whether the space has done it once, so that the copy may have its effect already.
    was_done: bool


def view_of(copy: Copy, outbox: Iterable[Overlaid], *, space_id: str, user_id: str) -> View:
    """The copy as the user sees it: with all that is in the outbox."""
    running = View(ReadOnce(copy))
    stuck: set[str] = set()
    for mutation, was_done in outbox:
        # The server does not try what stands behind something that it has refused.
        is_blocked = not stuck.isdisjoint(mutation.seen_request_ids) and is_named(command_in(mutation))
        if (is_blocked or not apply(running, mutation, space_id=space_id, user_id=user_id)) and not was_done:
            stuck.add(command_in(mutation).request_id)
    # What was read on the way is not kept for as long as the view is.
    view = View(copy)
    for row in running.changed():
        view.put(row)
    return view


def apply(view: View, mutation: Mutation, *, space_id: str, user_id: str) -> bool:
    """Runs a mutation over the view: wholly, or not at all if it does not fit. Says which."""
    return _apply(Making(view, space_id, user_id, mutation.made_at), mutation)


def _apply(making: Making, mutation: Mutation) -> bool:
    rule = _RULES.get(mutation.WhichOneof("command") or "")
    if rule is None:
        return True
    # One of a batch may build on the one before it.
    over = View(making.view)
    try:
        for row in rule(making.over(over), command_in(mutation)):
            over.put(row)
    except CannotApply:
        return False
    for row in over.changed():
        making.view.put(row)
    return True


def _resolve_conflict(making: Making, command: ResolveConflictRequest) -> Iterable[Row]:
    conflict = making.require("conflict", command.conflict_id)
    assert isinstance(conflict, Conflict)
    if conflict.state != ConflictState.CONFLICT_STATE_OPEN:
        raise CannotApply
    decided = copy_of(conflict)
    decided.state = ConflictState.CONFLICT_STATE_KEPT_THEIRS
    if command.choice == ConflictChoice.CONFLICT_CHOICE_TAKE_MINE:
        decided.state = ConflictState.CONFLICT_STATE_TOOK_MINE
        target = making.find(conflict.target_kind, conflict.target_id)
        if target is not None and target.deleted:
            yield target._replace(deleted=False)
        _apply(making, conflict.mutation)
    yield Row("conflict", decided.id, decided)


_RULES: dict[str, Rule] = {
    **ACCOUNT_RULES,
    **BUDGET_RULES,
    **EXPENSE_RULES,
    **FILE_RULES,
    **GROUP_RULES,
    **HOME_RULES,
    **ITEM_RULES,
    **MERGE_RULES,
    **MOVE_RULES,
    **NOTIFICATION_RULES,
    **NOUN_RULES,
    **SETTLEMENT_RULES,
    **TRANSACTION_RULES,
    **WEBHOOK_RULES,
    "resolve_conflict": _resolve_conflict,
}
