"""Does an expense come to the same however it is arrived at: previewed and recorded, changed back and forth, given back in parts?"""

from uuid import UUID, uuid5

from google.protobuf.field_mask_pb2 import FieldMask
from hypothesis import given
from hypothesis import strategies as st

from tallystick.groups.expenses.rules import Known, compose
from tallystick.groups.expenses.rules_changes import change_draft, compose_changed, draft_of
from tallystick.groups.members.rules import Roster
from tallystick.groups.sums.effects import step_of_expense
from tallystick.v1.group_expenses_pb2 import Expense, ExpenseDraft, ExpenseKind
from tallystick.v1.group_pb2 import Group
from tallystick.v1.group_splits_pb2 import (
    EqualSplit,
    ExpenseSplit,
    MemberPercent,
    MemberWeight,
    Payer,
    PercentSplit,
    WeightedSplit,
)
from tallystick.v1.money_pb2 import Money
from tallystick.v1.space_pb2 import Member, MemberState

GROUP = uuid5(UUID(int=0), "group")
MEMBERS = [UUID(int=number) for number in range(1, 5)]
IDS = [str(each) for each in MEMBERS]
AMOUNTS = st.integers(min_value=1, max_value=10**15)
RATES = st.sampled_from(["", "0.917", "1.37", "3.000001"])
ALL = FieldMask(paths=["amount", "payers", "split", "conversion"])


def known() -> Known:
    members = {each: Member(id=str(each), state=MemberState.MEMBER_STATE_GUEST) for each in MEMBERS}
    return Known(Group(id=str(GROUP), default_currency="EUR"), Roster(members), IDS[0])


def expense_of(draft: ExpenseDraft, given: Known, number: int) -> Expense:
    expense = compose(draft, Expense(id=str(uuid5(GROUP, str(number))), group_id=str(GROUP)), given)
    given.see(None, expense)
    return expense


@st.composite
def splits(draw: st.DrawFn) -> ExpenseSplit:
    weights = draw(st.lists(st.integers(min_value=0, max_value=7), min_size=4, max_size=4).filter(any))
    parts = [MemberWeight(member_id=each, weight=weight) for each, weight in zip(IDS, weights, strict=True)]
    points = draw(st.integers(min_value=0, max_value=10_000))
    halves = [MemberPercent(member_id=IDS[0], basis_points=points)]
    halves.append(MemberPercent(member_id=IDS[1], basis_points=10_000 - points))
    return draw(
        st.sampled_from(
            [
                ExpenseSplit(equal=EqualSplit(member_ids=IDS)),
                ExpenseSplit(weighted=WeightedSplit(weights=parts)),
                ExpenseSplit(percent=PercentSplit(percents=halves)),
            ]
        )
    )


@st.composite
def drafts(draw: st.DrawFn) -> ExpenseDraft:
    minor, rate = draw(AMOUNTS), draw(RATES)
    first = draw(st.integers(min_value=0, max_value=minor))
    return ExpenseDraft(
        booked_on="2026-02-03",
        amount=Money(currency="USD", minor=minor),
        payers=[Payer(member_id=IDS[0], minor=first), Payer(member_id=IDS[1], minor=minor - first)],
        split=draw(splits()),
        convert_with=rate,
    )


@given(drafts(), st.lists(st.integers(min_value=1, max_value=10**15), max_size=5))
def test_b5_all_refunds_together_come_to_the_expense_for_everybody(draft: ExpenseDraft, sizes: list[int]) -> None:
    given = known()
    made = expense_of(draft, given, 0)
    left, backs = made.amount.minor, []
    for number, size in enumerate([*sizes, made.amount.minor], start=1):
        if part := min(size, left):
            back = ExpenseDraft(
                kind=ExpenseKind.EXPENSE_KIND_REFUND,
                booked_on="2026-03-01",
                amount=Money(currency="USD", minor=part),
                refund_of_id=made.id,
            )
            backs.append(expense_of(back, given, number))
            left -= part
    for name in ("owed_minor", "converted_owed_minor"):
        bore = {share.member_id: getattr(share, name) for share in made.shares}
        for each in backs:
            for share in each.shares:
                bore[share.member_id] = bore.get(share.member_id, 0) - getattr(share, name)
        # A part so small that it would count as nothing counts as one unit; such parts aside, nothing is left.
        if name == "owed_minor" or all(each.conversion.amount.minor != 1 for each in backs):
            assert set(bore.values()) <= {0}


@given(drafts())
def test_b1_b6_what_is_written_down_from_an_expense_comes_to_the_same_expense(draft: ExpenseDraft) -> None:
    given = known()
    made = expense_of(draft, given, 0)
    assert compose(draft_of(made), Expense(id=made.id, group_id=made.group_id), given) == made
    step = step_of_expense(made)
    assert sum(step.owed.values()) == sum(step.paid.values())


@given(drafts(), AMOUNTS, splits())
def test_b4_b28_a_change_and_its_opposite_leave_no_trace(draft: ExpenseDraft, minor: int, split: ExpenseSplit) -> None:
    given = known()
    made = expense_of(draft, given, 0)
    change = ExpenseDraft(
        amount=Money(currency="EUR", minor=minor), split=split, payers=[Payer(member_id=IDS[2], minor=minor)]
    )
    changed = compose_changed(change_draft(made, ALL, change), made, given)
    assert compose_changed(change_draft(changed, ALL, draft_of(made)), changed, given) == made
