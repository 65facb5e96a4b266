"""What does an expense come to, as somebody wrote it down? Pure: from its draft and what was read, the expense with its shares.

One way leads to every expense: recorded alone or with others, previewed, posted from a recurring one, or changed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from tallystick.errors import InvalidInput, NotVisible
from tallystick.groups.expenses.rules_conversion import conversion_of
from tallystick.groups.expenses.rules_refunds import Refundable, require_refundable
from tallystick.groups.expenses.rules_splits import canonical_split, default_split, payers_of, spec_of
from tallystick.groups.members.rules import Roster
from tallystick.groups.rules import Shares, require_sum
from tallystick.groups.splitting import Draft, Outcome, split
from tallystick.ledger.rules import canonical, require_currency, require_date
from tallystick.v1.group_expenses_pb2 import Expense, ExpenseDraft, ExpenseKind
from tallystick.v1.group_pb2 import Group
from tallystick.v1.group_splits_pb2 import Payer, Share

# Fields that the expense keeps as they stand in the draft.
PLAIN = ("booked_on", "description", "category", "note", "import_key")
MONEY = ("kind", "amount", "payers", "split", "shares", "rule_version", "conversion", "refund_of_id")


@dataclass(slots=True)
class Known:
    """What was read: the group, everybody who is or was in it, who of them the caller is, the expenses that refunds name with all
    their refunds, by id, and files."""

    group: Group
    roster: Roster
    own_id: str
    expenses: dict[str, Expense] = field(default_factory=dict)
    # Of the files that were looked for, those that are there.
    file_ids: frozenset[str] = frozenset()

    def see(self, before: Expense | None, after: Expense | None) -> None:
        """A later one of a batch sees what an earlier one makes of expenses and refunds."""
        if before is not None:
            self.expenses.pop(before.id, None)
        if after is not None:
            self.expenses[after.id] = after

    def refunds_of(self, expense_id: str) -> list[Expense]:
        return [each for each in self.expenses.values() if each.refund_of_id == expense_id]

    def refundable(self, refund: Expense) -> Refundable | None:
        """What the refund gives back of. None: it names no expense."""
        if not refund.refund_of_id:
            return None
        if refund.refund_of_id not in self.expenses:
            raise NotVisible
        return require_refundable(refund, self.expenses[refund.refund_of_id], self.refunds_of(refund.refund_of_id))


def compose(draft: ExpenseDraft, onto: Expense, known: Known) -> Expense:
    """`onto`, which has its ids, with all that the draft says and what follows from it."""
    compose_plain(draft, onto, known)
    require_date("booked_on", draft.booked_on)
    named_before = members_of(onto)
    if not draft.HasField("amount") or draft.amount.minor <= 0:
        raise InvalidInput.of_field("amount.minor", "must be above zero")
    require_currency("amount.currency", draft.amount.currency)
    onto.kind = draft.kind or ExpenseKind.EXPENSE_KIND_EXPENSE
    onto.amount.CopyFrom(draft.amount)
    onto.refund_of_id = canonical(draft.refund_of_id)
    source = known.refundable(onto)
    _put(onto, "payers", _payers(draft, known.own_id))
    conversion = conversion_of(draft, known.group.default_currency, onto.conversion.amount.currency)
    if conversion is None and source is not None:
        conversion = source.convert(draft.amount.minor)
    onto.ClearField("conversion")
    if conversion is not None:
        onto.conversion.CopyFrom(conversion)
    onto.ClearField("split")
    if draft.HasField("split"):
        onto.split.CopyFrom(canonical_split(draft.split))
    elif source is None:
        onto.split.CopyFrom(default_split(known.group, known.roster.present()))
    outcome = _outcome(onto, source)
    onto.rule_version = outcome.original.rule_version
    _put(onto, "shares", shares_of(outcome))
    known.roster.require_in(members_of(onto), kept=named_before)
    return onto


def compose_plain(draft: ExpenseDraft, onto: Expense, known: Known) -> Expense:
    """`onto` with what describes it. No cent moves. Receipts that it has already may stay, also if they were deleted since."""
    receipt_ids = [canonical(each) for each in draft.receipt_ids]
    for index, each in enumerate(receipt_ids):
        if each not in known.file_ids and each not in onto.receipt_ids:
            raise InvalidInput.of_field(f"receipt_ids[{index}]", "is no file of this group")
    for name in PLAIN:
        setattr(onto, name, getattr(draft, name))
    _put(onto, "receipt_ids", receipt_ids)
    return onto


def members_of(expense: Expense) -> list[UUID]:
    return [UUID(share.member_id) for share in expense.shares]


def is_moving(before: Expense, after: Expense) -> bool:
    """Whether anything about money differs."""
    return any(getattr(before, name) != getattr(after, name) for name in MONEY)


def shares_of(outcome: Outcome) -> list[Share]:
    """In the order of ids."""
    plain, converted = outcome.original, outcome.converted
    owed, paid = (converted.owed, converted.paid) if converted else ({}, {})
    return [
        Share(
            member_id=str(each),
            owed_minor=plain.owed.get(each, 0),
            paid_minor=plain.paid.get(each, 0),
            converted_owed_minor=owed.get(each, 0),
            converted_paid_minor=paid.get(each, 0),
            rounded_up=each in plain.rounded_up,
        )
        for each in sorted(plain.owed.keys() | plain.paid.keys())
    ]


def _payers(draft: ExpenseDraft, own_id: str) -> list[Payer]:
    if not draft.payers:
        return [Payer(member_id=own_id, minor=draft.amount.minor)]
    return [Payer(member_id=canonical(each.member_id), minor=each.minor) for each in draft.payers]


def _outcome(expense: Expense, source: Refundable | None) -> Outcome:
    expense_id, amount_minor, paid = UUID(expense.id), expense.amount.minor, payers_of(expense.payers)
    conversion = expense.conversion if expense.HasField("conversion") else None
    if source is not None and _is_shared_as(expense, source.original):
        require_sum("payers", expected=amount_minor, actual=sum(paid.values()))
        return source.mirror(expense_id, amount_minor, _sorted(paid), conversion)
    converted_minor = conversion.amount.minor if conversion else None
    outcome = split(Draft(expense_id, amount_minor, paid, spec_of(expense.split), converted_minor))
    if source is not None:
        source.require_left(outcome.original.owed)
    return outcome


def _is_shared_as(refund: Expense, original: Expense) -> bool:
    return not refund.HasField("split") or spec_of(refund.split) == spec_of(original.split)


def _sorted(shares: Shares) -> Shares:
    return {member_id: shares[member_id] for member_id in sorted(shares)}


def _put(onto: Expense, name: str, values: Iterable[object]) -> None:
    onto.ClearField(name)  # type: ignore[arg-type]  # every name is a field's
    getattr(onto, name).extend(values)
