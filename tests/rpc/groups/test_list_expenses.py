"""What ListExpenses promises."""

from typing import Any

import pytest

from circle import Circle, weighted
from people import Person, new_id, refusal_of
from rpc.groups.promises import viewer_of
from rpc.groups.spending import delete, listed
from rpc.groups.test_batch_create_expenses import batch
from tallystick_client.v1.group_expenses_pb2 import Expense, ListExpensesRequest


async def all_pages(circle: Circle, size: int, **filters: Any) -> list[Expense]:
    found: list[Expense] = []
    token = ""
    while True:
        request = ListExpensesRequest(group_id=circle.id, page_size=size, page_token=token, **filters)
        page = await circle.person.groups.ListExpenses(request)
        assert len(page.expenses) <= size
        found += page.expenses
        token = page.next_page_token
        if not token:
            return found


async def test_the_newest_come_first(circle: Circle) -> None:
    days = ["2026-02-03", "2026-03-01", "2025-12-31", "2026-02-03"]
    made = [await circle.spend(booked_on=day) for day in days]
    newest = sorted(made, key=lambda each: (each.booked_on, each.id), reverse=True)
    assert await listed(circle) == newest
    viewer = await viewer_of(circle)
    seen = await viewer.groups.ListExpenses(ListExpensesRequest(group_id=circle.id))
    assert list(seen.expenses) == newest


@pytest.mark.parametrize("filters", [{}, {"text": "dinner"}])
async def test_pages_follow_each_other(circle: Circle, filters: dict[str, Any]) -> None:
    drafts = [circle.draft(3, booked_on=f"2026-01-{day:02d}") for day in range(1, 29)] * 9
    await circle.person.groups.BatchCreateExpenses(batch(circle, *drafts))
    found = await all_pages(circle, 100, **filters)
    assert len({each.id for each in found}) == 252
    assert found == sorted(found, key=lambda each: (each.booked_on, each.id), reverse=True)
    assert await all_pages(circle, 63, **filters) == found


async def test_every_filter_has_to_fit(circle: Circle) -> None:
    ann, gus, hal = circle.everybody
    dinner = await circle.spend(category="Food", among=[ann, gus])
    train = await circle.spend(booked_on="2026-03-01", description="Train", note="to the SÉA", by=hal, among=[ann])
    gone = await circle.spend(description="Taxi", split=weighted(**{ann: 1, gus: 0}))
    await delete(circle, gone)
    for filters, expected in (
        ({}, [train, dinner]),
        ({"from": "2026-02-04"}, [train]),
        ({"until": "2026-02-28"}, [dinner]),
        ({"from": "2026-02-03", "until": "2026-03-01"}, [train, dinner]),
        ({"member_id": gus.upper()}, [dinner]),
        ({"member_id": hal}, [train]),
        ({"member_id": ann}, [train, dinner]),
        ({"category": "Food"}, [dinner]),
        ({"category": "food"}, []),
        ({"text": "FOO"}, [dinner]),
        ({"text": "séa"}, [train]),
        ({"text": "trai", "member_id": gus}, []),
        ({"member_id": new_id()}, []),
    ):
        assert await listed(circle, **filters) == expected, filters
    for filters, ids in (({}, [gone.id]), ({"text": "taxi"}, [gone.id]), ({"member_id": gus}, [])):
        assert [each.id for each in await listed(circle, deleted=True, **filters)] == ids


async def test_what_is_bad(circle: Circle, bob: Person) -> None:
    for name in ("from", "until"):
        refusal = await refusal_of(listed(circle, **{name: "2026-02-30"}))
        assert (refusal.reason, refusal.fields) == ("INVALID_DATE", (name,))
    assert (await refusal_of(listed(circle, page_token="x"))).reason == "INVALID_PAGE_TOKEN"
    for text in ("", "x"):
        request = ListExpensesRequest(group_id=circle.id, text=text)
        assert (await refusal_of(bob.groups.ListExpenses(request))).reason == "NOT_FOUND"
