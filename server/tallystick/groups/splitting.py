"""What does everybody bear of an expense, and what have they paid? A preview and a recorded expense both come from here.

`split` decides; nothing that a client has computed is taken for a share.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from tallystick.errors import InvalidInput
from tallystick.groups.allocation import RULE_VERSION, allocate, rounded_up
from tallystick.groups.rules import Shares, require_amount, require_direction, require_sum
from tallystick.groups.specs import Spec, weights_of


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody says about an expense. `expense_id` is made by the device, so that what it shows is what will be stored."""

    expense_id: UUID
    amount_minor: int
    payers: Mapping[UUID, int]
    spec: Spec
    # The same amount in the currency of the group, if it was paid in another one. Converted once, before anything is divided.
    converted_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """What an expense costs each, and what each has paid: both add up to `amount_minor`. `rounded_up` are those whom a unit went to
    that nothing could divide."""

    amount_minor: int
    owed: Shares
    paid: Shares
    rounded_up: tuple[UUID, ...]
    rule_version: int = RULE_VERSION


@dataclass(frozen=True, slots=True)
class Outcome:
    """The split in the currency in which it was paid, and in that of the group if it is another."""

    original: Split
    converted: Split | None = None

    @property
    def counted(self) -> Split:
        """The one that goes into balances."""
        return self.converted or self.original


def split(draft: Draft) -> Outcome:
    if draft.amount_minor == 0:
        raise InvalidInput.of_field("amount.minor", "must not be zero")
    require_amount("amount.minor", draft.amount_minor)
    require_sum("payers", expected=draft.amount_minor, actual=sum(draft.payers.values()))
    require_direction("payers", draft.amount_minor, draft.payers)
    bears = weights_of(draft.amount_minor, draft.spec)
    pays = {member_id: abs(draft.payers[member_id]) for member_id in sorted(draft.payers)}
    original = _divide(draft.expense_id, draft.amount_minor, bears, pays)
    if draft.converted_minor is None:
        return Outcome(original)
    if draft.converted_minor * draft.amount_minor < 0:
        raise InvalidInput.of_field("converted.minor", "has another sign than the amount")
    # By the same weights and not by the shares: those are rounded, and another currency may have finer units.
    return Outcome(original, _divide(draft.expense_id, draft.converted_minor, bears, pays))


def _divide(expense_id: UUID, amount_minor: int, bears: Mapping[UUID, int], pays: Mapping[UUID, int]) -> Split:
    owed = allocate(amount_minor, bears, expense_id)
    return Split(
        amount_minor=amount_minor,
        owed=owed,
        paid=allocate(amount_minor, pays, expense_id),
        rounded_up=rounded_up(amount_minor, bears, owed),
    )
