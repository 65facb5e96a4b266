"""What CreateBudget promises."""

from typing import Any

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from people import BookOf, new_id, refusal_of
from rpc.budgets.planning import (
    ENVELOPE,
    LIMIT,
    Rollover,
    creating,
    keeps_the_promises_of_a_write,
    listed,
    money,
    months,
    weeks,
)
from tallystick_client.v1 import budget_pb2, ledger_books_pb2
from tallystick_client.v1.ledger_pb2 import Weekday
from turned_clock import TurnedClock


async def create(book: BookOf, **other: Any) -> Any:
    return (await book.person.budgets.CreateBudget(creating(book, **other))).budget


async def test_it_is_what_was_asked_for(book: BookOf) -> None:
    rollover = Rollover(surplus=True, surplus_max=money(5000))
    made = await create(book, name=" Home ", rollover=rollover, thresholds_bp=[10_000, 8000])
    assert (made.name, made.book_id, made.currency, made.mode) == ("Home", book.id, "EUR", LIMIT)
    assert (made.starts_on, made.rollover, list(made.thresholds_bp)) == ("2026-01-01", rollover, [8000, 10_000])
    asked = budget_pb2.GetBudgetRequest(book_id=book.id, budget_id=made.id)
    assert (await book.person.budgets.GetBudget(asked)).budget == made


async def test_it_keeps_the_promises_of_a_write(book: BookOf) -> None:
    await keeps_the_promises_of_a_write(book, "CreateBudget", creating(book), name="Other")


async def test_it_keeps_the_id_that_the_client_made_and_refuses_one_that_is_taken(book: BookOf) -> None:
    chosen = new_id()
    assert (await create(book, budget_id=chosen.upper())).id == chosen
    refusal = await refusal_of(create(book, budget_id=chosen))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.ALREADY_EXISTS, "ID_TAKEN")


async def test_what_it_leaves_to_the_book_is_filled_in(book: BookOf, clock: TurnedClock) -> None:
    """And what the book says later changes nothing."""
    await _change_book(book, first_day_of_week=Weekday.WEEKDAY_SUNDAY, first_day_of_month=25, time_zone="UTC")
    today = clock.now().date()
    by_month = await create(book, periods=months("", 3), starts_on="")
    assert (by_month.starts_on, by_month.periods.months.anchor_on) == (today.isoformat(), f"{today.year}-01-25")
    by_week = await create(book, periods=weeks("", 2), starts_on="2026-02-03")
    assert (by_week.periods.weeks.anchor_on, by_week.periods.weeks.first_day) == ("2026-02-03", Weekday.WEEKDAY_SUNDAY)
    by_list = await create(
        book, periods=listed(("2026-03-01", "2026-03-09"), ("2026-01-01", "2026-02-28")), starts_on=""
    )
    assert by_list.starts_on == "2026-01-01"
    assert [each.from_on for each in by_list.periods.listed.spans] == ["2026-01-01", "2026-03-01"]


async def test_today_is_the_day_that_it_is_in_the_book(book: BookOf, clock: TurnedClock) -> None:
    """In Kiritimati and in Pago Pago it is never the same day."""
    days = []
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        await _change_book(book, time_zone=zone)
        days.append((await create(book, starts_on="")).starts_on)
    assert days[0] > days[1]


@pytest.mark.parametrize(
    ("wrong", "reason", "field"),
    [
        ({"currency": "EUX"}, "UNKNOWN_CURRENCY", "currency"),
        ({"name": " "}, "INVALID_FIELD", "name"),
        ({"starts_on": "2026-02-30"}, "INVALID_DATE", "starts_on"),
        ({"starts_on": "9999-12-31"}, "INVALID_DATE", "period"),
        ({"periods": months("2026-13-01")}, "INVALID_DATE", "periods.months.anchor_on"),
        ({"periods": weeks("2026-02-30")}, "INVALID_DATE", "periods.weeks.anchor_on"),
        (
            {"periods": listed(("2026-01-01", "2026-01-31"), ("2026-01-31", "2026-02-28"))},
            "INVALID_FIELD",
            "periods.listed.spans",
        ),
        ({"periods": listed(("2026-02-01", "2026-01-31"))}, "INVALID_FIELD", "periods.listed.spans"),
        ({"periods": listed(("2025-01-01", "2025-01-31"))}, "INVALID_DATE", "starts_on"),
        ({"rollover": Rollover(surplus_max=money(1))}, "INVALID_FIELD", "rollover.surplus_max"),
        ({"rollover": Rollover(surplus=True, surplus_max=money(0))}, "INVALID_FIELD", "rollover.surplus_max"),
        (
            {"rollover": Rollover(surplus=True, surplus_max=money(1, "USD"))},
            "CURRENCY_MISMATCH",
            "rollover.surplus_max.currency",
        ),
        ({"opening": money(1)}, "INVALID_FIELD", "opening"),
        ({"mode": ENVELOPE, "opening": money(1, "USD")}, "CURRENCY_MISMATCH", "opening.currency"),
        ({"mode": ENVELOPE, "opening": money(-(2**63))}, "AMOUNT_OUT_OF_RANGE", "opening.minor"),
        ({"mode": 0}, "INVALID_FIELD", "mode"),
        ({"periods": months(length=61)}, "INVALID_FIELD", "periods.months.months"),
        ({"periods": weeks(length=0)}, "INVALID_FIELD", "periods.weeks.weeks"),
        ({"periods": budget_pb2.BudgetPeriods()}, "INVALID_FIELD", "periods.scheme"),
        ({"thresholds_bp": [0]}, "INVALID_FIELD", "thresholds_bp[0]"),
        ({"thresholds_bp": [1, 1]}, "INVALID_FIELD", "thresholds_bp"),
    ],
    ids=str,
)
async def test_what_makes_no_budget_is_refused(book: BookOf, wrong: dict[str, Any], reason: str, field: str) -> None:
    refusal = await refusal_of(create(book, **wrong))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.INVALID_ARGUMENT, reason)
    assert refusal.fields == (field,)


async def _change_book(book: BookOf, **fields: Any) -> None:
    request = ledger_books_pb2.UpdateBookRequest(
        request_id=new_id(), book_id=book.id, update_mask=FieldMask(paths=[*fields]), **fields
    )
    await book.person.ledger.UpdateBook(request)
