"""What must follow from what in a group? Opened messages go in, and whatever does not hold comes out."""

from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from tallystick.errors import TallystickError
from tallystick.groups.allocation import RULE_VERSION
from tallystick.groups.expenses.rules import shares_of
from tallystick.groups.expenses.rules_splits import payers_of, spec_of
from tallystick.groups.rules import Shares
from tallystick.groups.splitting import Draft, split
from tallystick.proof.findings import Finding
from tallystick.v1.group_expenses_pb2 import Expense
from tallystick.v1.group_splits_pb2 import Share
from tallystick.v1.ledger_proof_pb2 import DifferenceKind

SHARE = DifferenceKind.DIFFERENCE_KIND_SHARE
NET = DifferenceKind.DIFFERENCE_KIND_NET
DEBT = DifferenceKind.DIFFERENCE_KIND_DEBT

# What each field that names something names, in whatever message it stands.
NAMED_BY = {
    "member_id": "member",
    "member_ids": "member",
    "from_member_id": "member",
    "to_member_id": "member",
    "among_member_ids": "member",
    "expense_id": "expense",
    "refund_of_id": "expense",
    "recurring_id": "recurring_expense",
    "plan_id": "settlement_plan",
    "settlement_id": "settlement",
    "receipt_ids": "file",
    "import_id": "file_import",
}


def wrong_shares(expense: Expense) -> Iterator[Finding]:
    """They add up to what was paid, and to what it counts as, and they follow from how it is split.

    What a refund gives back follows from what was left when it was made; of that only remains that all refunds together give nobody back
    more than they bore. Shares of a rule that is not known here any more are only added up.
    """
    yield from _wrong_sums(expense)
    if expense.refund_of_id or expense.rule_version != RULE_VERSION:
        return
    converted = expense.conversion.amount.minor if expense.HasField("conversion") else None
    try:
        draft = Draft(
            UUID(expense.id), expense.amount.minor, payers_of(expense.payers), spec_of(expense.split), converted
        )
        wanted = shares_of(split(draft))
    except TallystickError as wrong:
        yield Finding(SHARE, "expense.split", expense.id, "a split that can be made", wrong.reason_name)
        return
    if wanted != list(expense.shares):
        yield Finding(SHARE, "expense.shares", expense.id, _tell(wanted), _tell(expense.shares))


def _wrong_sums(expense: Expense) -> Iterator[Finding]:
    amount = expense.amount.minor
    counted = expense.conversion.amount.minor if expense.HasField("conversion") else 0
    sums = {
        "owed_minor": (amount, sum(share.owed_minor for share in expense.shares)),
        "paid_minor": (amount, sum(share.paid_minor for share in expense.shares)),
        "converted_owed_minor": (counted, sum(share.converted_owed_minor for share in expense.shares)),
        "converted_paid_minor": (counted, sum(share.converted_paid_minor for share in expense.shares)),
    }
    for name, (wanted, found) in sums.items():
        if wanted != found:
            yield Finding(SHARE, f"expense.shares.{name}", expense.id, f"sum={wanted}", f"sum={found}")
    if len({share.member_id for share in expense.shares}) < len(expense.shares):
        yield Finding(SHARE, "expense.shares.member_id", expense.id, "everybody once", "somebody twice")


def borne(expense: Expense) -> Shares:
    return {UUID(share.member_id): share.owed_minor for share in expense.shares}


def exceeding_refunds(original: Expense, given_back: Mapping[UUID, int]) -> Iterator[Finding]:
    """Nobody got back more than they bore."""
    bore = borne(original)
    for member_id, minor in sorted(given_back.items()):
        if minor > bore.get(member_id, 0):
            told = f"at most {bore.get(member_id, 0)}", f"sum={minor}"
            yield Finding(SHARE, "expense.refunds", f"{original.id}/{member_id}", *told)


def differing_sum(
    kind: DifferenceKind.ValueType, table: str, key: tuple[object, ...], expected: int, kept: int
) -> Iterator[Finding]:
    """A row that is not there holds zero."""
    if expected != kept:
        yield Finding(kind, f"{table}.amount", "/".join(map(str, key)), f"sum={expected}", f"sum={kept}")


def _tell(shares: Iterable[Share]) -> str:
    return ", ".join(f"{each.member_id}={each.owed_minor}/{each.paid_minor}" for each in shares)
