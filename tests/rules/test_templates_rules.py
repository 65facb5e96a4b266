"""What templates remember of their occurrences, and when they are due."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.errors import InvalidInput, RuleBroken, TallystickError
from tallystick.ledger.templates import rules
from tallystick.v1 import ledger_templates_pb2 as pb
from tallystick.v1.ledger_pb2 import Split, TransactionDraft
from tallystick.v1.money_pb2 import Money

POST, REMIND = pb.TemplateMode.TEMPLATE_MODE_POST, pb.TemplateMode.TEMPLATE_MODE_REMIND
RULES = ("FREQ=DAILY", "FREQ=WEEKLY;BYDAY=SA,TU", "FREQ=MONTHLY", "FREQ=DAILY;INTERVAL=3")
TEMPLATE_ID = str(uuid4())


def template(rule: str = "FREQ=MONTHLY", starts_on: str = "2026-01-31", **other: Any) -> pb.Template:
    fields: dict[str, Any] = {
        name: other.pop(name) for name in ("count", "ends_on", "weekend", "month_end") if name in other
    }
    schedule = pb.Schedule(starts_on=starts_on, rule=rule, **fields)
    usual: dict[str, Any] = {"id": TEMPLATE_ID, "schedule": schedule, "mode": POST}
    made = pb.Template(**usual | other)
    rules.handle(made, ())
    return made


def slots(found: Sequence[Any]) -> list[str]:
    return [occurrence.slot_on.isoformat() for occurrence in found]


def reason_of(error: TallystickError) -> str:
    return error.reason_name


@given(
    rule=st.sampled_from(RULES),
    count=st.sampled_from([0, 5, 12]),
    order=st.permutations(range(12)),
    many=st.integers(0, 12),
)
def test_t44_whatever_the_order_each_occurrence_is_handled_once_and_the_nearest_is_next(
    rule: str, count: int, order: list[int], many: int
) -> None:
    made = template(rule, count=count)
    every = slots(rules.coming(made, 12))
    handled = [every[index] for index in order[:many] if index < len(every)]
    for slot in handled:
        assert rules.require_open(made, slot).slot_on.isoformat() == slot
        rules.handle(made, [date.fromisoformat(slot)])
    left = [slot for slot in every if slot not in handled]
    assert slots(rules.coming(made, len(left))) == left
    assert made.next_on == (left[0] if left else "" if count else made.next_on)
    assert bool(made.next_on) == (bool(left) or not count)
    # What is remembered says the same as what was done, and no more than it needs to.
    assert all(slot <= made.handled_until or slot in made.handled_ahead for slot in handled)
    assert not any(slot <= made.handled_until or slot in made.handled_ahead for slot in left)
    assert list(made.handled_ahead) == sorted(made.handled_ahead)
    for slot in handled:
        with pytest.raises(RuleBroken) as refused:
            rules.require_open(made, slot)
        assert reason_of(refused.value) == "OCCURRENCE_HANDLED"


def test_t46_a_count_is_honoured_and_the_end_is_told() -> None:
    made = template(count=2)
    rules.handle(made, [date(2026, 1, 31)])
    assert made.next_on == "2026-02-28"
    rules.handle(made, [date(2026, 2, 28)])
    assert made.next_on == ""
    for asked in ("", "2026-03-31"):
        with pytest.raises(RuleBroken) as ended:
            rules.require_open(made, asked)
        assert reason_of(ended.value) == "TEMPLATE_ENDED"


@given(rule=st.sampled_from(RULES), count=st.integers(1, 40), weekend=st.integers(1, 4))
def test_t46_a_count_ends_where_counting_ends(rule: str, count: int, weekend: int) -> None:
    made = template(rule, count=count, weekend=pb.Weekend.ValueType(weekend))
    assert len(rules.coming(made, 100)) == count


@pytest.mark.parametrize("slot", ["2026-02-27", "2026-01-30", "0001-01-01", "9999-12-31"])
def test_a_day_that_is_no_slot_is_no_occurrence(slot: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        rules.require_open(template(), slot)
    assert (reason_of(refused.value), refused.value.violations[0].field) == ("INVALID_DATE", "slot_on")


def test_so_many_can_be_handled_before_their_turn_and_no_more() -> None:
    made = template("FREQ=DAILY")
    first, *others = rules.coming(made, rules.AHEAD_MAX + 2)
    rules.handle(made, [occurrence.slot_on for occurrence in others[:-1]])
    with pytest.raises(InvalidInput) as refused:
        rules.require_open(made, others[-1].slot_on.isoformat())
    assert refused.value.violations[0].field == "slot_on"
    rules.handle(made, [rules.require_open(made, "").slot_on])
    assert (made.handled_until, list(made.handled_ahead)) == (others[-2].slot_on.isoformat(), [])
    assert first.slot_on.isoformat() < made.next_on == others[-1].slot_on.isoformat()


def test_what_passed_is_skipped_and_what_waited_before_still_waits() -> None:
    made = template("FREQ=DAILY", "2026-03-01")
    rules.handle(made, [date(2026, 3, 1)])
    rules.skip_passed(made, date(2026, 3, 3), date(2026, 3, 8))
    assert slots(rules.coming(made, 4)) == ["2026-03-02", "2026-03-03", "2026-03-08", "2026-03-09"]


def test_what_passed_is_skipped_by_the_day_it_is_booked_on() -> None:
    made = template("FREQ=WEEKLY;BYDAY=SA", "2026-03-07", weekend=pb.Weekend.WEEKEND_NEXT)
    rules.skip_passed(made, date(2026, 3, 1), date(2026, 3, 9))
    assert made.next_on == "2026-03-07"
    rules.skip_passed(made, date(2026, 3, 1), date(2026, 3, 10))
    assert made.next_on == "2026-03-14"


BEGIN_AGAIN = [
    ("it is up to date", "2026-03-01", "", "2026-04-03"),
    ("it has handled nothing", "", "", "2026-01-03"),
    ("something waits", "2026-02-01", "2026-03-01", "2026-02-03"),
    ("it has ended", "2026-01-01", "", "2026-04-03"),
]


@pytest.mark.parametrize(
    ("until", "next_on", "expected"), [case[1:] for case in BEGIN_AGAIN], ids=[case[0] for case in BEGIN_AGAIN]
)
def test_a_rent_that_moves_is_not_paid_twice_in_the_month(until: str, next_on: str, expected: str) -> None:
    before = pb.Template(handled_until=until, next_on=next_on)
    after = pb.Template(
        schedule=pb.Schedule(starts_on="2026-01-03", rule="FREQ=MONTHLY"), handled_until=until, next_on=next_on
    )
    rules.begin_again(after, before, date(2026, 3, 5))
    rules.handle(after, ())
    assert after.next_on == expected


DUE_AT = [
    ("UTC", "2026-03-29", "2026-03-29T00:00"),
    ("", "2026-03-29", "2026-03-29T00:00"),
    ("Pacific/Auckland", "2026-04-05", "2026-04-04T11:00"),
    ("Pacific/Auckland", "2026-04-06", "2026-04-05T12:00"),
    ("America/New_York", "2026-03-08", "2026-03-08T05:00"),
    ("America/New_York", "2026-03-09", "2026-03-09T04:00"),
    # Clocks go forward at midnight: the day begins at one.
    ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00"),
    ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00"),
    # Clocks go back to midnight: the day begins the first time.
    ("America/Havana", "2026-11-01", "2026-11-01T04:00"),
    ("Pacific/Kiritimati", "2026-01-02", "2026-01-01T10:00"),
]


@pytest.mark.parametrize(("zone", "day", "expected"), DUE_AT)
def test_t50_an_occurrence_is_due_when_its_day_begins_where_the_book_is(zone: str, day: str, expected: str) -> None:
    made = template("FREQ=DAILY", day)
    moment = rules.due_at(made, zone)
    assert moment == datetime.fromisoformat(f"{expected}+00:00")
    assert rules.today_in(zone, moment).isoformat() == day
    assert rules.today_in(zone, moment - timedelta(seconds=1)).isoformat() < day


@given(
    zone=st.sampled_from(sorted({zone for zone, _, _ in DUE_AT})),
    day=st.dates(date(2000, 1, 1), date(2040, 1, 1)),
)
def test_t50_no_day_anywhere_is_due_before_it_begins_or_after_it_ends(zone: str, day: date) -> None:
    moment = rules.due_at(template("FREQ=DAILY", day.isoformat()), zone)
    assert moment is not None
    assert rules.today_in(zone, moment) == day


@pytest.mark.parametrize("other", [{"paused": True}, {"mode": REMIND}, {"handled_until": "2026-12-31", "count": 1}])
def test_a_template_that_posts_nothing_is_never_due(other: dict[str, Any]) -> None:
    assert rules.due_at(template(**other), "UTC") is None


def test_t42_t45_due_at_is_the_booked_day_and_not_the_slot() -> None:
    made = template("FREQ=MONTHLY", "2026-01-31", weekend=pb.Weekend.WEEKEND_PREVIOUS)
    assert (made.next_on, rules.due_at(made, "UTC")) == ("2026-01-31", datetime(2026, 1, 30, tzinfo=UTC))


def test_an_occurrence_is_recorded_under_an_id_that_follows_from_it() -> None:
    made = template(draft=TransactionDraft(amount=Money(currency="EUR", minor=950)))
    first, second = rules.coming(made, 2)
    request = pb.ExecuteTemplateRequest()
    ids = [rules.compose_occurrence(made, each, request).transaction_id for each in (first, first, second)]
    assert ids[0] == ids[1] != ids[2]
    assert rules.post_id_of(UUID(made.id), first.slot_on) != rules.post_id_of(UUID(made.id), second.slot_on)


def test_an_occurrence_can_have_another_day_and_amount() -> None:
    made = template(draft=TransactionDraft(amount=Money(currency="EUR", minor=950)))
    (first,) = rules.coming(made, 1)
    request = pb.ExecuteTemplateRequest(booked_on="2026-02-02", amount=Money(currency="EUR", minor=1))
    draft = rules.compose_occurrence(made, first, request)
    assert (draft.booked_on, draft.amount.minor) == ("2026-02-02", 1)
    assert made.draft.amount.minor == 950


def test_both_sides_of_a_transfer_in_one_currency_get_the_other_amount() -> None:
    euros, dollars = Money(currency="EUR", minor=950), Money(currency="USD", minor=1000)
    request = pb.ExecuteTemplateRequest(amount=Money(currency="EUR", minor=1))
    for arriving, expected in ((euros, 1), (dollars, 1000)):
        made = template(draft=TransactionDraft(amount=euros, to_amount=arriving))
        draft = rules.compose_occurrence(made, rules.coming(made, 1)[0], request)
        assert (draft.amount.minor, draft.to_amount.minor) == (1, expected)


def test_splits_have_no_other_amount() -> None:
    made = template(draft=TransactionDraft(splits=[Split(amount=Money(currency="EUR", minor=950))]))
    request = pb.ExecuteTemplateRequest(amount=Money(currency="EUR", minor=1))
    with pytest.raises(InvalidInput) as refused:
        rules.compose_occurrence(made, rules.coming(made, 1)[0], request)
    assert refused.value.violations[0].field == "amount"


def test_ids_in_a_draft_have_one_way_of_writing() -> None:
    one = uuid4()
    loud = str(one).upper()
    draft = TransactionDraft(account_id=loud, tag_ids=[loud], splits=[Split(category_id=loud)])
    rules.make_canonical(draft)
    assert (draft.account_id, draft.category_id, list(draft.tag_ids)) == (str(one), "", [str(one)])
    assert (draft.splits[0].category_id, draft.splits[0].account_id) == (str(one), "")
