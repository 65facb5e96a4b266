"""What becomes of two changes that were made apart from each other? Pure.

Decided once, here, in the order in which the changes arrive; no clock has a say.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tallystick.merging import Merging
from tallystick.v1.sync_pb2 import ConflictRule

# The group that stands for being there at all.
EXISTENCE = "existence"


@dataclass(frozen=True, slots=True)
class State:
    """An entity as one change left it."""

    message: Any
    is_deleted: bool
    request_id: UUID


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a change. Without a rule it is done; `met` are the groups that others had changed, too."""

    theirs: frozenset[str]
    met: frozenset[str]
    rule: ConflictRule.ValueType

    @property
    def is_conflict(self) -> bool:
        return self.rule != ConflictRule.CONFLICT_RULE_UNSPECIFIED


def judge(
    merging: Merging, base: State | None, since: Sequence[State], after: State, is_own: Callable[[UUID], bool]
) -> Verdict:
    """`since`: what became of the entity since the base that the change was made on, the oldest first. `after`: what the change makes
    of it. What the change's own device did before it, it has seen."""
    theirs = groups_of_others(merging, base, since, is_own)
    now = since[-1] if since else base
    mine = _groups(merging, now, after)
    met = mine & theirs
    rule = ConflictRule.CONFLICT_RULE_UNSPECIFIED
    if after.is_deleted and theirs:
        met = theirs
        if not merging.deletes_changed:
            rule = ConflictRule.CONFLICT_RULE_DELETES_CHANGED
    elif met & merging.money:
        met, rule = met & merging.money, ConflictRule.CONFLICT_RULE_MONEY
    return Verdict(theirs, met, rule)


def groups_of_others(
    merging: Merging, base: State | None, since: Sequence[State], is_own: Callable[[UUID], bool]
) -> frozenset[str]:
    """What others changed, step by step: what the device changed in between is not theirs."""
    theirs: frozenset[str] = frozenset()
    before = base
    for state in since:
        if not is_own(state.request_id):
            theirs |= _groups(merging, before, state)
        before = state
    return theirs


def _groups(merging: Merging, before: State | None, after: State) -> frozenset[str]:
    if before is None:
        # It was made: whatever it says is new.
        return merging.groups(type(after.message)(), after.message) | {EXISTENCE}
    groups = merging.groups(before.message, after.message)
    return groups | {EXISTENCE} if before.is_deleted != after.is_deleted else groups
