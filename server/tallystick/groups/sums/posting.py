"""How do expenses and settlements reach the kept sums? In the commit that changes them, as the difference that they make."""

from collections.abc import Sequence

from tallystick.groups.rules import require_amount
from tallystick.groups.sums.cells import Tally
from tallystick.groups.sums.effects import Step, moves_of
from tallystick.groups.sums.queries import TALLIES, Rows, Sums, open_tally
from tallystick.groups.tables import TALLY
from tallystick.store.tx import WriteTx


async def post(tx: WriteTx, steps: Sequence[tuple[Step | None, Step | None]], held: Rows | None = None) -> Sums:
    """Moves nets and debts by what each step was before and is after. Returns those that it moved, as they are now.

    `held` are the group's tallies, where they were read already. What would not fit in 64 bits is refused.
    """
    rows = await tx.fetch(TALLIES(space_id=tx.space_id)) if held is None else held
    kept = {currency: (version, cell) for currency, version, cell in rows}
    tallies: dict[str, Tally] = {}
    moved = Sums({}, {}, tx.seq)
    for before, after in steps:
        nets, debts = moves_of(before, after)
        for member_id, currency in nets:
            if currency not in tallies:
                tallies[currency] = open_tally(tx, currency, *kept[currency]) if currency in kept else Tally()
            moved.nets[member_id, currency] = tallies[currency].move_net(member_id, nets[member_id, currency])
        for (one_id, other_id, currency), owes in debts.items():
            moved.debts[one_id, other_id, currency] = tallies[currency].move_debt(one_id, other_id, owes)
    for sums in (moved.nets, moved.debts):
        for amount_minor in sums.values():
            require_amount("amount.minor", amount_minor)
    for currency, each in tallies.items():
        tx.keep_cell(TALLY, each.pack(), currency=currency)
    return moved
