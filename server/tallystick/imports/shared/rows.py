"""How does a line of a file become a row, and a row an expense or a settlement? Pure."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from tallystick.groups.sums.effects import step_of_expense
from tallystick.imports.reading.lines import Line, UnreadableError
from tallystick.imports.reading.splitwise import SharedLine
from tallystick.imports.rows import NEW, NOTE_CHARS_MAX, PAYEE_CHARS_MAX, fail, imported_id_of
from tallystick.imports.shared.nets import Nets, even_out, parts_of, payment_of
from tallystick.v1.group_expenses_pb2 import Expense, ExpenseDraft, ExpenseKind
from tallystick.v1.group_settlements_pb2 import Settlement, SettlementKind, SettlementState
from tallystick.v1.group_splits_pb2 import ExactSplit, ExpenseSplit, MemberAmount, Payer
from tallystick.v1.import_rows_pb2 import ImportNet, ImportRow
from tallystick.v1.money_pb2 import Money

_CATEGORY_CHARS_MAX = 64
# What is moved: whether by a payment, in which currency, and how far for whom.
Moved = tuple[bool, str, frozenset[tuple[str, int]]]


def as_line(shared: SharedLine) -> Line:
    """As everything is that is compared."""
    return Line(row=shared.row, day=shared.day, amount=shared.cost, payee=shared.description)


def compose_row(row_no: int, line: SharedLine, members: Sequence[str], member_ids: Mapping[str, str]) -> ImportRow:
    """A row that nothing is known against yet."""
    row = ImportRow(
        row_no=row_no,
        line=line.row,
        state=NEW,
        booked_on=line.day.isoformat(),
        amount=Money(currency=line.cost.currency, minor=line.cost.minor),
        payee=line.description[:PAYEE_CHARS_MAX],
        note=line.description[:NOTE_CHARS_MAX] if len(line.description) > PAYEE_CHARS_MAX else "",
        category=line.category,
    )
    try:
        nets = _by_member(even_out(dict(zip(members, line.nets_minor, strict=True))), member_ids)
    except UnreadableError as wrong:
        return fail(row, wrong.field, wrong.description)
    if not nets:
        return fail(row, "member", "nothing is open by it for anybody")
    row.nets.extend(ImportNet(member_id=member_id, minor=nets[member_id]) for member_id in sorted(nets))
    payment = payment_of(nets) if line.is_payment else None
    row.payment = payment is not None
    if payment is not None:
        row.amount.minor = payment[2]
    return row


def _by_member(nets: Nets, member_ids: Mapping[str, str]) -> Nets:
    """Two names may be one member."""
    found: Nets = {}
    for name, net in nets.items():
        member_id = member_ids[name]
        found[member_id] = found.get(member_id, 0) + net
    return {member_id: net for member_id, net in found.items() if net}


def compose_thing(row: ImportRow, import_id: UUID) -> ExpenseDraft | Settlement:
    """What is recorded for a row."""
    thing_id = str(imported_id_of(import_id, row.row_no))
    nets = {each.member_id: each.minor for each in row.nets}
    payment = payment_of(nets) if row.payment else None
    return _settlement(row, thing_id, payment) if payment else _expense(row, thing_id, nets)


def _settlement(row: ImportRow, thing_id: str, payment: tuple[str, str, int]) -> Settlement:
    """It happened, so it counts. Whether it arrived only whoever got it says."""
    giver, taker, minor = payment
    return Settlement(
        id=thing_id,
        from_member_id=giver,
        to_member_id=taker,
        amount=Money(currency=row.amount.currency, minor=minor),
        booked_on=row.booked_on,
        note=row.note or row.payee,
        kind=SettlementKind.SETTLEMENT_KIND_PAYMENT,
        state=SettlementState.SETTLEMENT_STATE_RECORDED,
        import_key=row.import_key,
    )


def _expense(row: ImportRow, thing_id: str, nets: Nets) -> ExpenseDraft:
    parts = parts_of(row.amount.minor, nets)
    borne = [MemberAmount(member_id=each, minor=minor) for each, minor in parts.borne.items()]
    return ExpenseDraft(
        expense_id=thing_id,
        kind=ExpenseKind.EXPENSE_KIND_REFUND if parts.is_refund else ExpenseKind.EXPENSE_KIND_EXPENSE,
        booked_on=row.booked_on,
        description=row.payee,
        amount=Money(currency=row.amount.currency, minor=parts.amount_minor),
        payers=[Payer(member_id=each, minor=minor) for each, minor in parts.paid.items()],
        split=ExpenseSplit(exact=ExactSplit(amounts=borne)),
        category=row.category[:_CATEGORY_CHARS_MAX],
        note=row.note,
        import_key=row.import_key,
    )


def moved_by_row(row: ImportRow) -> Moved:
    return row.payment, row.amount.currency, frozenset((each.member_id, each.minor) for each in row.nets)


def moved_by(thing: Expense | Settlement) -> Moved:
    if isinstance(thing, Settlement):
        minor = thing.amount.minor
        return True, thing.amount.currency, frozenset({(thing.from_member_id, minor), (thing.to_member_id, -minor)})
    step = step_of_expense(thing)
    nets = {each: step.paid.get(each, 0) - step.owed.get(each, 0) for each in step.paid.keys() | step.owed.keys()}
    return False, step.currency, frozenset((str(each), net) for each, net in nets.items() if net)
