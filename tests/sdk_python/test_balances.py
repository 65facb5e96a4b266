"""Does the Python SDK say who owes whom as the vectors say, and does the server?"""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from google.protobuf.json_format import ParseDict
from hypothesis import given
from hypothesis import strategies as st

from sdk_python.vectors import name_of, read_vectors
from tallystick.groups.allocation import allocate
from tallystick.groups.balances import fold
from tallystick.groups.sums.effects import step_of_expense, step_of_settlement
from tallystick.v1 import group_expenses_pb2 as server_expenses
from tallystick.v1 import group_settlements_pb2 as server_settlements
from tallystick_client.balances import balances_of
from tallystick_client.v1.group_expenses_pb2 import Expense
from tallystick_client.v1.group_settlements_pb2 import Settlement

CASES = read_vectors("balances")["cases"]
MEMBERS = [f"01900000-0000-7000-8000-0000000000{digits}" for digits in ("a1", "0f", "e2", "73", "c0")]

minors = st.dictionaries(st.sampled_from(MEMBERS), st.integers(0, 9), min_size=1).filter(
    lambda drawn: any(drawn.values())
)


def _of_sdk(case: Any) -> list[Any]:
    expenses = [ParseDict(each, Expense()) for each in case.get("expenses", ())]
    settlements = [ParseDict(each, Settlement()) for each in case.get("settlements", ())]
    return [
        _told(currency, open_.nets, open_.debts)
        for currency, open_ in balances_of(expenses, settlements, case.get("asOf", "")).items()
    ]


def _of_server(case: Any) -> list[Any]:
    expenses = [ParseDict(each, server_expenses.Expense()) for each in case.get("expenses", ())]
    given_ = [ParseDict(each, server_settlements.Settlement()) for each in case.get("settlements", ())]
    steps = [step_of_expense(each) for each in expenses], [step_of_settlement(each) for each in given_]
    as_of = date.fromisoformat(case["asOf"]) if "asOf" in case else date.max
    balances = fold([*steps[0], *(each for each in steps[1] if each)], as_of)
    told = (
        _told(currency, {str(each): net for each, net in sorted(open_.nets.items()) if net}, open_.debts())
        for currency, open_ in balances.items()
    )
    return [each for each in told if each["debts"]]


def _told(currency: str, nets: dict[str, int], debts: Iterable[tuple[Any, Any, int]]) -> dict[str, Any]:
    return {
        "currency": currency,
        "nets": {member_id: str(net) for member_id, net in nets.items()},
        "debts": [
            {"fromMemberId": str(one), "toMemberId": str(other), "minor": str(minor)} for one, other, minor in debts
        ],
    }


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_who_owes_whom(case: Any) -> None:
    assert _of_sdk(case) == case["balances"]
    assert [list(each["nets"]) for each in _of_sdk(case)] == [list(each["nets"]) for each in case["balances"]]


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_b16_the_server_says_the_same(case: Any) -> None:
    assert _of_server(case) == case["balances"]


def _expense(number: int, amount: int, paid: dict[str, int], owed: dict[str, int], kind: int) -> dict[str, Any]:
    expense_id = UUID(int=number)
    sides = [allocate(amount, {UUID(each): minor for each, minor in side.items()}, expense_id) for side in (paid, owed)]
    members = sorted(sides[0].keys() | sides[1].keys())
    shares = [
        {"memberId": str(each), "paidMinor": str(sides[0].get(each, 0)), "owedMinor": str(sides[1].get(each, 0))}
        for each in members
    ]
    amount_told = {"currency": "EUR", "minor": str(amount)}
    return {"id": str(expense_id), "kind": kind, "bookedOn": "2026-02-03", "amount": amount_told, "shares": shares}


@given(
    st.lists(st.builds(_expense, st.integers(0), st.integers(1, 10**6), minors, minors, st.integers(0, 3)), max_size=5)
)
def test_both_always_say_the_same(expenses: list[dict[str, Any]]) -> None:
    assert _of_sdk({"expenses": expenses}) == _of_server({"expenses": expenses})


@given(st.builds(_expense, st.integers(0), st.integers(1, 10**6), minors, minors, st.integers(0, 3)))
def test_b18_debts_come_to_the_nets(expense: dict[str, Any]) -> None:
    for each in _of_sdk({"expenses": [expense]}):
        sums = dict.fromkeys(MEMBERS, 0)
        for debt in each["debts"]:
            sums[debt["fromMemberId"]] -= int(debt["minor"])
            sums[debt["toMemberId"]] += int(debt["minor"])
        assert {member_id: str(net) for member_id, net in sums.items() if net} == each["nets"]
