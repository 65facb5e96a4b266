"""What does an expense come to of which only the cost is known, and how far it moves what is open for each? Pure.

Splitwise does not say who paid how much and who bears how much, only the difference. Of all that fits, this is chosen: whoever gets
something back paid that much, whoever owes paid nothing, and what was spent beyond it those bear who paid, in proportion to what they get
back. Where one member paid, which is nearly always, that is what happened. Whatever is chosen, what is open is moved to the unit as the
file says.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tallystick.imports.reading.lines import UnreadableError

# By member, in smallest units.
Nets = dict[str, int]
_TWO = 2


@dataclass(frozen=True, slots=True)
class Parts:
    """Who paid and who bears how much. Both add up to the amount, and none is below zero."""

    amount_minor: int
    paid: Nets
    borne: Nets
    # Money came back to them: who paid received it, and who bears is owed it.
    is_refund: bool


def even_out(nets: Mapping[str, int]) -> Nets:
    """The same, zero together. Each is moved by one unit at most, those first of whom most is open; of equals in the order of the file."""
    involved = {member: net for member, net in nets.items() if net}
    over = sum(involved.values())
    if abs(over) > len(involved):
        raise UnreadableError("member", "members do not add up to zero")
    unit = 1 if over > 0 else -1
    for member in sorted(involved, key=lambda each: -abs(involved[each]))[: abs(over)]:
        involved[member] -= unit
    return {member: net for member, net in involved.items() if net}


def parts_of(cost_minor: int, nets: Mapping[str, int]) -> Parts:
    """Of nets that are zero together, and not all zero."""
    is_refund = cost_minor < 0
    sign = -1 if is_refund else 1
    gained = {member: sign * net for member, net in nets.items() if sign * net > 0}
    borne = {member: -sign * net for member, net in nets.items() if sign * net < 0}
    moved = sum(gained.values())
    amount = max(abs(cost_minor), moved)
    own = _divide(amount - moved, gained)
    paid = {member: gained[member] + own[member] for member in gained}
    return Parts(amount, paid, borne | {member: part for member, part in own.items() if part}, is_refund)


def payment_of(nets: Mapping[str, int]) -> tuple[str, str, int] | None:
    """Who gave whom how much. None: it is no payment from one to another."""
    if len(nets) != _TWO:
        return None
    giver, taker = sorted(nets, key=lambda member: -nets[member])
    return giver, taker, nets[giver]


def _divide(amount_minor: int, weights: Mapping[str, int]) -> Nets:
    """In proportion. The units that are left go to the first ones."""
    total = sum(weights.values())
    shares = {member: amount_minor * weight // total for member, weight in weights.items()}
    left = amount_minor - sum(shares.values())
    for member in [*weights][:left]:
        shares[member] += 1
    return shares
