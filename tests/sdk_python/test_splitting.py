"""Does the Python SDK divide expenses as the vectors say, and does the server?"""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdk_python.vectors import name_of, read_vectors
from tallystick.errors import TallystickError as Refused
from tallystick.groups import allocation, refunds, specs, splitting
from tallystick_client import splitting as sdk

VECTORS = read_vectors("allocations")
NAMED: dict[str, str] = VECTORS["members"]


def _parts(told: Mapping[str, str]) -> dict[str, int]:
    return {NAMED.get(name, name): int(part) for name, part in told.items()}


def _by_id(told: Mapping[str, str]) -> dict[UUID, int]:
    return {UUID(member_id): part for member_id, part in _parts(told).items()}


def _sdk_spec(told: Any) -> sdk.SplitSpec:
    match told["mode"]:
        case "equal":
            return sdk.Equal([NAMED[name] for name in told["memberIds"]])
        case "exact":
            return sdk.Exact(_parts(told["amounts"]))
        case "weighted":
            return sdk.Weighted(_parts(told["weights"]))
        case "percent":
            return sdk.Percent(_parts(told["basisPoints"]))
        case "adjusted":
            return sdk.Adjusted(_parts(told["extras"]))
        case _:
            lines = [sdk.Line(int(line["amountMinor"]), _parts(line["weights"])) for line in told["lines"]]
            return sdk.Itemised(lines, **_extras(told))


def _server_spec(told: Any) -> specs.Spec:
    match told["mode"]:
        case "equal":
            return specs.Equal(frozenset(UUID(NAMED[name]) for name in told["memberIds"]))
        case "exact":
            return specs.Exact(_by_id(told["amounts"]))
        case "weighted":
            return specs.Weighted(_by_id(told["weights"]))
        case "percent":
            return specs.Percent(_by_id(told["basisPoints"]))
        case "adjusted":
            return specs.Adjusted(_by_id(told["extras"]))
        case _:
            lines = tuple(specs.Line(int(line["amountMinor"]), _by_id(line["weights"])) for line in told["lines"])
            return specs.Itemised(lines, **_extras(told))


def _extras(told: Any) -> dict[str, int]:
    names = {"tax_minor": "taxMinor", "tip_minor": "tipMinor", "discount_minor": "discountMinor"}
    return {name: int(told.get(json_name, 0)) for name, json_name in names.items()}


def _says(case: Any, call: Callable[[], Mapping[Any, int]]) -> None:
    """The call gives the shares of the case, or is refused as the case says."""
    if numbers := case.get("unbalanced"):
        with pytest.raises((sdk.DoesNotAddUp, Refused)) as unbalanced:
            call()
        told = unbalanced.value
        found = told.metadata if isinstance(told, Refused) else {name: str(getattr(told, name)) for name in numbers}
        assert found == numbers
    elif case.get("refused"):
        with pytest.raises((ValueError, OverflowError, Refused)):
            call()
    else:
        shares = {str(member_id): share for member_id, share in call().items()}
        assert list(shares.items()) == list(_parts(case["shares"]).items())


@pytest.mark.parametrize("case", VECTORS["lots"], ids=lambda case: case["sha256"][:8])
def test_the_lot(case: Any) -> None:
    expense_id, member_id = UUID(case["expenseId"]), UUID(case["memberId"])
    assert allocation.lot(expense_id, member_id).hex() == case["sha256"]
    assert sha256(expense_id.bytes + member_id.bytes).hexdigest() == case["sha256"]


def test_the_rule_of_the_vectors() -> None:
    assert VECTORS["ruleVersion"] == sdk.SPLIT_RULE_VERSION == allocation.RULE_VERSION


@pytest.mark.parametrize("case", VECTORS["allocate"], ids=name_of)
def test_allocating(case: Any) -> None:
    _says(case, lambda: sdk.allocate_shares(int(case["amount"]), _parts(case["weights"]), case["expenseId"]))


# What is said of ids is of texts: the server has read them before.
@pytest.mark.parametrize(
    "case", [case for case in VECTORS["allocate"] if case["name"] not in {"a member twice", "no id"}], ids=name_of
)
def test_b3_the_server_allocates_the_same(case: Any) -> None:
    weights, expense_id = _by_id(case["weights"]), UUID(case["expenseId"])
    _says(case, lambda: allocation.allocate(int(case["amount"]), weights, expense_id))


@pytest.mark.parametrize("case", VECTORS["split"], ids=name_of)
def test_b6_splitting_an_expense(case: Any) -> None:
    amount = int(case["amount"])
    _says(case, lambda: sdk.split_expense(amount, _sdk_spec(case["spec"]), case["expenseId"]))
    if converted := case.get("converted"):
        weights = sdk.weights_of(amount, _sdk_spec(case["spec"]))
        _says(converted, lambda: sdk.allocate_shares(int(converted["amount"]), weights, case["expenseId"]))


@pytest.mark.parametrize("case", VECTORS["split"], ids=name_of)
def test_b2_b3_b6_the_server_splits_the_same(case: Any) -> None:
    amount, payer = int(case["amount"]), UUID(NAMED["A"])
    converted = case.get("converted")

    def split() -> splitting.Outcome:
        spec, other = _server_spec(case["spec"]), int(converted["amount"]) if converted else None
        return splitting.split(splitting.Draft(UUID(case["expenseId"]), amount, {payer: amount}, spec, other))

    _says(case, lambda: split().original.owed)
    if converted:
        _says(converted, lambda: split().counted.owed)


@pytest.mark.parametrize("case", VECTORS["refund"], ids=name_of)
def test_b5_refunding(case: Any) -> None:
    amount, left = int(case["amount"]), case["left"]
    _says(case, lambda: sdk.refund_shares(amount, _parts(left), case["refundId"]))
    _says(case, lambda: refunds.refund(amount, _by_id(left), UUID(case["refundId"])))


@given(
    st.integers(-(2**63) + 1, 2**63 - 1),
    st.dictionaries(st.uuids(), st.integers(0, 10**6), min_size=1, max_size=9).filter(
        lambda drawn: any(drawn.values())
    ),
    st.uuids(),
)
def test_both_always_allocate_the_same(amount: int, weights: dict[UUID, int], expense_id: UUID) -> None:
    theirs = sdk.allocate_shares(amount, {str(each): weight for each, weight in weights.items()}, str(expense_id))
    ours = allocation.allocate(amount, weights, expense_id)
    assert theirs == {str(each): share for each, share in ours.items()}
