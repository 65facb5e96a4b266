"""How do a group's expenses and settlements become rows? Pure. A column for each member, with what they are owed for it above zero and
what they owe below: every row comes to nothing, and every column to the member's net."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from tallystick.exports.sheets import Sheet, text
from tallystick.groups.sums.effects import change_for, step_of_expense, step_of_settlement
from tallystick.v1.group_expenses_pb2 import Expense, ExpenseKind
from tallystick.v1.group_settlements_pb2 import Settlement
from tallystick.v1.space_pb2 import Member

COLUMNS = ("Date", "Description", "Category", "Cost", "Currency", "Kind", "Paid by", "Note", "Id")


def columns_of(members: Iterable[Member]) -> tuple[str, ...]:
    """Names may repeat; columns must not."""
    taken = set(COLUMNS)
    names: list[str] = []
    for member in members:
        name, again = member.display_name, 2
        while name in taken:
            name, again = f"{member.display_name} ({again})", again + 1
        taken.add(name)
        names.append(text(name))
    return (*COLUMNS, *names)


def row_of_expense(expense: Expense, members: Mapping[str, Member], sheet: Sheet) -> tuple[str, ...]:
    """The cost as it was paid. Where it counts in another currency, that is the currency of the row, and the cost is what it came to."""
    step = step_of_expense(expense)
    cost = expense.conversion.amount if expense.HasField("conversion") else expense.amount
    paid_by = (members[payer.member_id].display_name for payer in expense.payers if payer.member_id in members)
    return (
        expense.booked_on,
        text(expense.description),
        text(expense.category),
        sheet.amount(cost),
        step.currency,
        ExpenseKind.Name(expense.kind).removeprefix("EXPENSE_KIND_").lower(),
        text(", ".join(paid_by)),
        text(expense.note),
        expense.id,
        *(sheet.number(change_for(step, UUID(member_id)), step.currency) for member_id in members),
    )


def row_of_settlement(settlement: Settlement, members: Mapping[str, Member], sheet: Sheet) -> tuple[str, ...] | None:
    """None: it does not count, because it was reversed or never confirmed."""
    step = step_of_settlement(settlement)
    if step is None:
        return None
    payer = members.get(settlement.from_member_id)
    return (
        settlement.booked_on,
        "",
        "",
        sheet.amount(settlement.amount),
        step.currency,
        "settlement",
        text(payer.display_name if payer else ""),
        text(settlement.note),
        settlement.id,
        *(sheet.number(change_for(step, UUID(member_id)), step.currency) for member_id in members),
    )
