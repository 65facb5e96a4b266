"""GetStatement: how a member's balance came to be, line by line."""

from itertools import pairwise
from typing import Any

import pytest

from circle import Circle, money
from people import Person, new_id, refusal_of
from rpc.groups.settling import nets_of, pay, reverse, with_member
from rpc.spaces.sharing import VIEWER
from tallystick_client.v1.group_balances_pb2 import GetStatementRequest, GetStatementResponse


async def statement_of(circle: Circle, by: Person | None = None, **other: Any) -> GetStatementResponse:
    request = GetStatementRequest(group_id=circle.id, **other)
    answer: GetStatementResponse = await (by or circle.person).groups.GetStatement(request)
    return answer


def days(first: str = "", last: str = "") -> dict[str, Any]:
    """The filter of a request, one field of which is a word of Python's."""
    return {"from": first, "until": last}


async def test_every_line_says_how_far_it_moved_the_balance(circle: Circle) -> None:
    ann, gus, hal = circle.everybody
    spent = await circle.spend(3000, booked_on="2026-03-02")
    given = await pay(circle, gus, ann, 400, booked_on="2026-03-03", note="Cash")
    other = await circle.spend(50, currency="USD", by=hal, among=[ann], booked_on="2026-03-01")
    await circle.spend(999, by=gus, among=[hal], booked_on="2026-03-01")
    await circle.spend(70, among=[ann], booked_on="2026-03-01")
    await reverse(circle.person, await pay(circle, gus, ann, 9, booked_on="2026-03-01"))
    found = await statement_of(circle)
    assert list(found.opening) == []
    lines = [
        (each.expense_id or each.settlement_id, each.booked_on, each.description, each.change, each.balance)
        for each in found.lines
    ]
    assert lines == [
        (other.id, "2026-03-01", "Dinner", money(-50, "USD"), money(-50, "USD")),
        (spent.id, "2026-03-02", "Dinner", money(2000), money(2000)),
        (given.id, "2026-03-03", "Cash", money(-400), money(1600)),
    ]
    assert [each.WhichOneof("of") for each in found.lines] == ["expense_id", "expense_id", "settlement_id"]
    assert list(found.closing) == [money(1600), money(-50, "USD")]
    assert {("EUR", 1600), ("USD", -50)} == {
        (currency, net) for (member, currency), net in (await nets_of(circle)).items() if member == ann
    }


async def test_every_page_goes_on_where_the_one_before_ended(circle: Circle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tallystick.groups.sums.folding.SLICE_ROWS", 2)
    _, gus, _ = circle.everybody
    for day in (5, 3, 4, 4, 4, 1, 2):
        await circle.spend(100 * day, among=[gus], booked_on=f"2026-03-{day:02}")
    whole = await statement_of(circle)
    assert len(whole.lines) == 7
    pages, token = [], ""
    while True:
        page = await statement_of(circle, page_size=2, page_token=token)
        pages.append(page)
        token = page.next_page_token
        if not token:
            break
    assert [line for page in pages for line in page.lines] == list(whole.lines)
    assert [len(page.lines) for page in pages] == [2, 2, 2, 1]
    for before, after in pairwise(pages):
        assert list(before.closing) == list(after.opening)
    assert list(pages[-1].closing) == list(whole.closing)


async def test_what_was_before_the_first_day_is_in_the_opening(circle: Circle) -> None:
    _, gus, _ = circle.everybody
    for day in (1, 2, 3):
        await circle.spend(100, among=[gus], booked_on=f"2026-03-{day:02}")
    found = await statement_of(circle, **days("2026-03-02", "2026-03-02"))
    assert (list(found.opening), list(found.closing)) == ([money(100)], [money(200)])
    assert [line.booked_on for line in found.lines] == ["2026-03-02"]
    later = await statement_of(circle, **days("2026-04-01"))
    assert (list(later.opening), list(later.lines), list(later.closing)) == ([money(300)], [], [money(300)])
    assert not (await statement_of(circle, **days("2026-03-03", "2026-03-01"))).lines


async def test_it_is_of_any_member_and_else_of_the_caller(circle: Circle, bob: Person) -> None:
    crowd = await with_member(circle, bob, VIEWER)
    await circle.spend(1000, among=[crowd.other_id])
    (own,) = (await statement_of(circle, bob)).lines
    assert own.change == money(-1000)
    (other,) = (await statement_of(circle, bob, member_id=circle.owner_id)).lines
    assert other.change == money(1000)
    assert (await refusal_of(statement_of(circle, member_id=new_id()))).reason == "NOT_FOUND"


async def test_what_does_not_exist_is_refused(circle: Circle, bob: Person) -> None:
    for day in (days("2026-02-30"), days(last="2026-02-30")):
        assert (await refusal_of(statement_of(circle, **day))).reason == "INVALID_DATE"
    assert (await refusal_of(statement_of(circle, page_token="AAAA"))).reason == "INVALID_PAGE_TOKEN"
    stranger = await refusal_of(statement_of(circle, bob))
    nothing = await refusal_of(bob.groups.GetStatement(GetStatementRequest(group_id=new_id())))
    assert stranger.raw == nothing.raw
