"""What does an expense come to, as somebody wrote it down? From nothing but the draft and what is in the group."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from model.drafts import DECIMALS
from model.groups import splitting
from model.groups.splitting import Sums, in_proportion, rounded
from model.groups.state import EXPENSE, REFUND, Party
from model.state import MONEY_MAX, Faults, Refused
from tallystick_client.v1.group_expenses_pb2 import Expense, ExpenseDraft
from tallystick_client.v1.group_splits_pb2 import (
    Conversion,
    EqualSplit,
    ExpenseSplit,
    Payer,
    Share,
    WeightedSplit,
)
from tallystick_client.v1.money_pb2 import Money

RULE_VERSION = 1
DESCRIBING = ("description", "category", "note", "import_key")


def composed(party: Party, user: str, draft: ExpenseDraft, onto: Expense) -> Expense:
    """The whole expense, with what each bears and paid."""
    no = Faults()
    no.when(not draft.HasField("amount") or draft.amount.minor <= 0, "INVALID_FIELD")
    require_day(draft.booked_on, no)
    no.when(draft.HasField("amount") and draft.amount.currency not in DECIMALS, "UNKNOWN_CURRENCY")
    no.stop()
    own = party.member_of(user)
    assert own is not None
    made = Expense(
        id=onto.id,
        group_id=party.id,
        kind=draft.kind or EXPENSE,
        booked_on=draft.booked_on,
        amount=draft.amount,
        payers=draft.payers or [Payer(member_id=own.id, minor=draft.amount.minor)],
        refund_of_id=draft.refund_of_id,
        rule_version=RULE_VERSION,
        receipt_ids=draft.receipt_ids,
        **{name: getattr(draft, name) for name in DESCRIBING},
    )
    original = refunded_by(party, made)
    conversion = converted(party, draft) or (original and _converted_like(party, made, original))
    if conversion:
        made.conversion.CopyFrom(conversion)
    if draft.HasField("split"):
        made.split.CopyFrom(draft.split)
    elif original is None:
        made.split.CopyFrom(default_split(party))
    made.shares.extend(shares_of(party, made, original))
    require_members(party, made, {share.member_id for share in onto.shares})
    return made


def require_day(day: str, no: Faults) -> None:
    try:
        date.fromisoformat(day)
    except ValueError:
        no.add("INVALID_DATE")


def require_members(party: Party, expense: Expense, kept: set[str]) -> None:
    everybody, present, no = party.members(), party.present(), Faults()
    for share in expense.shares:
        no.when(share.member_id not in everybody, "NOT_FOUND")
        no.when(share.member_id not in present and share.member_id not in kept, "MEMBER_INACTIVE")
    no.stop()


def default_split(party: Party) -> ExpenseSplit:
    """By the group's weights, of those who are in. Where all have the same it is equal."""
    present = party.present()
    weights = [each for each in party.group.default_split if each.member_id in present]
    different = {each.weight for each in weights}
    if not any(different):
        return ExpenseSplit(equal=EqualSplit(member_ids=sorted(present)))
    if len(different) == 1:
        return ExpenseSplit(equal=EqualSplit(member_ids=[each.member_id for each in weights]))
    return ExpenseSplit(weighted=WeightedSplit(weights=weights))


# --- in another currency ---


def converted(party: Party, draft: ExpenseDraft) -> Conversion | None:
    said, counts_in = draft.conversion, party.group.default_currency
    no = Faults()
    if draft.HasField("conversion"):
        no.when(draft.convert_with or said.amount.minor <= 0, "INVALID_FIELD")
        no.when(said.amount.currency not in DECIMALS, "UNKNOWN_CURRENCY")
        no.when(said.amount.currency != counts_in or draft.amount.currency == counts_in, "CURRENCY_MISMATCH")
        if said.rate_on:
            require_day(said.rate_on, no)
        no.stop()
        if said.rate:
            no.when(exchanged(draft.amount, counts_in, said.rate) != said.amount.minor, "INVALID_FIELD")
        no.stop()
        return said
    no.when(draft.convert_source and not draft.convert_with, "INVALID_FIELD")
    no.when(draft.convert_with and draft.amount.currency == counts_in, "CURRENCY_MISMATCH")
    no.stop()
    if not draft.convert_with:
        return None
    minor = exchanged(draft.amount, counts_in, draft.convert_with)
    no.when(minor == 0, "INVALID_FIELD")
    no.stop()
    amount = Money(currency=counts_in, minor=minor)
    rate = draft.convert_with
    if "." in rate:
        rate = rate.rstrip("0").rstrip(".")
    return Conversion(amount=amount, rate=rate, source=draft.convert_source, rate_on=draft.booked_on)


def exchanged(amount: Money, currency: str, rate: str) -> int:
    if Fraction(rate) == 0:
        raise Refused(["INVALID_RATE"])
    units = Fraction(10) ** (DECIMALS[currency] - DECIMALS[amount.currency])
    # Python rounds a fraction half to even.
    minor = round(amount.minor * Fraction(rate) * units)
    if minor > MONEY_MAX:
        raise Refused(["AMOUNT_OUT_OF_RANGE"])
    return minor


# --- refunds ---


def refunds_of(party: Party, expense_id: str, but: str = "") -> list[Expense]:
    return [each for each in party.everything(Expense) if each.refund_of_id == expense_id and each.id != but]


def refunded_by(party: Party, refund: Expense) -> Expense | None:
    """The expense that it gives back."""
    if not refund.refund_of_id:
        return None
    original = party.live.get(refund.refund_of_id)
    no = Faults()
    no.when(refund.kind != REFUND, "INVALID_REFUND")
    if no.when(not isinstance(original, Expense), "NOT_FOUND") or not isinstance(original, Expense):
        raise Refused(no)
    is_alike = original.kind == EXPENSE and original.amount.currency == refund.amount.currency
    no.when(not is_alike or original.id == refund.id, "INVALID_REFUND")
    no.stop()
    return original


def left_of(party: Party, original: Expense, refund: Expense, side: str = "owed") -> Sums:
    """What no other refund gave back of everybody's share. Of what it counts as: by those refunds that count in the same currency."""
    name, currency = f"{side}_minor", original.conversion.amount.currency
    left = {share.member_id: int(getattr(share, name)) for share in original.shares}
    for other in refunds_of(party, original.id, but=refund.id):
        if side == "owed" or other.conversion.amount.currency == currency:
            for share in other.shares:
                left[share.member_id] = left.get(share.member_id, 0) - int(getattr(share, name))
    return left


def _converted_like(party: Party, refund: Expense, original: Expense) -> Conversion | None:
    """As much of what is left in the one currency as of what is left in the other."""
    if not original.HasField("conversion"):
        return None
    left = sum(left_of(party, original, refund).values())
    counted = sum(left_of(party, original, refund, "converted_owed").values())
    part = Fraction(refund.amount.minor, max(left, refund.amount.minor))
    minor = max(1, round(part * counted))
    return Conversion(amount=Money(currency=original.conversion.amount.currency, minor=minor))


def is_shared_alike(one: ExpenseSplit, other: ExpenseSplit) -> bool:
    return bool(_meaning(one) == _meaning(other))


def _meaning(split: ExpenseSplit) -> Any:
    """What it says, whatever order its members are in and whatever its lines are called."""
    if split.HasField("itemised"):
        receipt = split.itemised
        lines = [(line.minor, _pairs(line.weights, "weight")) for line in receipt.lines]
        return "itemised", lines, receipt.tax_minor, receipt.tip_minor, receipt.discount_minor
    mode = split.WhichOneof("mode")
    parts: dict[str, tuple[Sequence[Any], str]] = {
        "exact": (split.exact.amounts, "minor"),
        "weighted": (split.weighted.weights, "weight"),
        "percent": (split.percent.percents, "basis_points"),
        "adjusted": (split.adjusted.extras, "minor"),
    }
    return mode, _pairs(*parts[mode]) if mode in parts else sorted(split.equal.member_ids)


def _pairs(parts: Sequence[Any], name: str) -> list[tuple[str, int]]:
    return sorted((each.member_id, getattr(each, name)) for each in parts)


# --- shares ---


def shares_of(party: Party, expense: Expense, original: Expense | None) -> list[Share]:
    amount, no = expense.amount.minor, Faults()
    named = [each.member_id for each in expense.payers]
    no.when(len(set(named)) < len(named) or splitting.names_twice(expense.split), "INVALID_FIELD")
    no.when(sum(each.minor for each in expense.payers) != amount, "SPLITS_UNBALANCED")
    try:
        parts = _exact(party, expense, original)
    except Refused as refused:
        no |= refused.reasons
    no.stop()
    paid = {each.member_id: each.minor for each in expense.payers}
    owed = rounded(parts, expense.id)
    if original is not None:
        _require_left(left_of(party, original, expense), owed)
    converted_owed, converted_paid = Sums(), Sums()
    if expense.HasField("conversion"):
        counts = expense.conversion.amount.minor
        weights = _converted_weights(party, expense, original, parts, owed)
        converted_owed = rounded(in_proportion(counts, weights), expense.id)
        fractions = {each: Fraction(minor) for each, minor in paid.items()}
        converted_paid = rounded(in_proportion(counts, fractions), expense.id)
    return [
        Share(
            member_id=each,
            owed_minor=owed.get(each, 0),
            paid_minor=paid.get(each, 0),
            converted_owed_minor=converted_owed.get(each, 0),
            converted_paid_minor=converted_paid.get(each, 0),
            rounded_up=owed.get(each, 0) > parts.get(each, 0),
        )
        for each in sorted({*owed, *paid})
    ]


def _is_mirror(expense: Expense, original: Expense | None) -> bool:
    """Whether it is shared as the expense was that it gives back."""
    if original is None:
        return False
    return not expense.HasField("split") or is_shared_alike(expense.split, original.split)


def _exact(party: Party, expense: Expense, original: Expense | None) -> Mapping[str, Fraction]:
    amount = expense.amount.minor
    if original is None or not _is_mirror(expense, original):
        return splitting.exact_parts(amount, expense.split)
    left = left_of(party, original, expense)
    if amount > sum(left.values()):
        raise Refused(["REFUND_EXCEEDS_ORIGINAL"])
    return in_proportion(amount, {each: Fraction(minor) for each, minor in left.items()})


def _require_left(left: Sums, owed: Sums) -> None:
    if any(minor > left.get(each, 0) for each, minor in owed.items()):
        raise Refused(["REFUND_EXCEEDS_ORIGINAL"])


def _converted_weights(
    party: Party, expense: Expense, original: Expense | None, parts: Mapping[str, Fraction], owed: Sums
) -> Mapping[str, Fraction]:
    """By the same weights. What gives back an expense gives back of what that counted as, while there is enough of it."""
    if original is None or not _is_mirror(expense, original):
        return parts
    counted = left_of(party, original, expense, "converted_owed")
    is_same = expense.conversion.amount.currency == original.conversion.amount.currency
    enough = expense.conversion.amount.minor <= sum(counted.values()) and min(counted.values()) >= 0
    weights = counted if is_same and enough else owed
    return {each: Fraction(minor) for each, minor in weights.items()}
