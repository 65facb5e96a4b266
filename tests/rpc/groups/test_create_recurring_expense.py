"""What CreateRecurringExpense promises."""

from typing import Any

import grpc
import pytest

from circle import Circle, equally, make_circle, money
from people import Person, new_id, refusal_of
from recurring import schedule_of
from recurring_expenses import draft_of, get, make_recurring, new_recurring
from rpc.groups.promises import keeps_the_promises_of_a_write
from rpc.spaces.sharing import EDITOR, member_of, remove, share
from tallystick_client.v1 import group_pb2
from tallystick_client.v1.group_expenses_pb2 import ExpenseKind
from tallystick_client.v1.group_splits_pb2 import Payer


async def test_create_recurring_expense_remembers_what_recurs_and_when(circle: Circle) -> None:
    request = new_recurring(circle)
    made = (await circle.person.groups.CreateRecurringExpense(request)).recurring
    assert (made.group_id, made.user_id, made.problem) == (circle.id, circle.person.user.id, "")
    assert (made.draft, made.schedule) == (request.draft, request.schedule)
    assert (made.next_on, made.handled_until, made.posted_count, made.paused) == ("2126-01-31", "", 0, False)
    assert await get(circle, made) == made


async def test_create_recurring_expense_keeps_the_promises_of_a_write(circle: Circle) -> None:
    other = draft_of(circle, 1)
    await keeps_the_promises_of_a_write(circle, "CreateRecurringExpense", new_recurring(circle), draft=other)


async def test_create_recurring_expense_keeps_the_id_that_the_client_made(circle: Circle) -> None:
    chosen = new_id()
    assert (await make_recurring(circle, recurring_id=chosen.upper())).id == chosen
    refusal = await refusal_of(make_recurring(circle, recurring_id=chosen))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.ALREADY_EXISTS, "ID_TAKEN")


async def test_create_recurring_expense_writes_ids_in_one_way(circle: Circle) -> None:
    loud = [each.upper() for each in circle.everybody]
    made = await make_recurring(circle, draft=draft_of(circle, by=circle.owner_id.upper(), among=loud))
    assert made.draft == draft_of(circle)


async def test_create_recurring_expense_may_leave_the_split_to_the_group(circle: Circle) -> None:
    made = await make_recurring(circle, draft=draft_of(circle, split=None))
    assert not made.draft.HasField("split")


REFUSED_SCHEDULES = [
    ("denser than days", {"rule": "FREQ=HOURLY"}, "INVALID_RECURRENCE", "schedule"),
    ("an end before the start", {"ends_on": "2126-01-30"}, "INVALID_RECURRENCE", "schedule"),
    ("no rule", {"rule": ""}, "INVALID_FIELD", "schedule.rule"),
    ("a start that does not exist", {"starts_on": "2126-02-30"}, "INVALID_DATE", "schedule.starts_on"),
]


@pytest.mark.parametrize(
    ("change", "reason", "field"), [case[1:] for case in REFUSED_SCHEDULES], ids=[case[0] for case in REFUSED_SCHEDULES]
)
async def test_create_recurring_expense_refuses_a_schedule(
    circle: Circle, change: dict[str, Any], reason: str, field: str
) -> None:
    refusal = await refusal_of(make_recurring(circle, schedule=schedule_of(**{"starts_on": "2126-01-31"} | change)))
    assert (refusal.code, refusal.reason, refusal.fields) == (grpc.StatusCode.INVALID_ARGUMENT, reason, (field,))


REFUSED_DRAFTS = [
    ("a day", {"booked_on": "2126-01-31"}, "INVALID_FIELD", ("draft.booked_on",)),
    ("an id", {"expense_id": new_id()}, "INVALID_FIELD", ("draft.expense_id",)),
    ("an import key", {"import_key": "x"}, "INVALID_FIELD", ("draft.import_key",)),
    ("nobody who pays", {"payers": []}, "INVALID_FIELD", ("draft.payers",)),
    ("no amount", {"amount": None}, "INVALID_FIELD", ("draft.amount.minor",)),
    ("an amount of nothing", {"amount": money(0)}, "INVALID_FIELD", ("draft.amount.minor",)),
    ("an unknown currency", {"amount": money(3000, "QQQ")}, "UNKNOWN_CURRENCY", ("draft.amount.currency",)),
    ("b20 payers that do not add up", {"amount": money(3001)}, "SPLITS_UNBALANCED", ("draft.payers",)),
    (
        "a refund of nothing that is there",
        {"kind": ExpenseKind.EXPENSE_KIND_REFUND, "refund_of_id": new_id()},
        "NOT_FOUND",
        (),
    ),
]


@pytest.mark.parametrize(
    ("change", "reason", "fields"), [case[1:] for case in REFUSED_DRAFTS], ids=[case[0] for case in REFUSED_DRAFTS]
)
async def test_create_recurring_expense_refuses_a_draft(
    circle: Circle, change: dict[str, Any], reason: str, fields: tuple[str, ...]
) -> None:
    refusal = await refusal_of(make_recurring(circle, draft=draft_of(circle, **change)))
    assert (refusal.reason, refusal.fields) == (reason, fields)


async def test_create_recurring_expense_refuses_a_refund_of_more_than_was_spent(circle: Circle) -> None:
    spent = await circle.spend(1000)
    kind = ExpenseKind.EXPENSE_KIND_REFUND
    too_much = draft_of(circle, 1001, kind=kind, refund_of_id=spent.id, split=None)
    assert (await refusal_of(make_recurring(circle, draft=too_much))).reason == "REFUND_EXCEEDS_ORIGINAL"
    no_refund = draft_of(circle, 1000, refund_of_id=spent.id)
    refusal = await refusal_of(make_recurring(circle, draft=no_refund))
    assert (refusal.reason, refusal.fields) == ("INVALID_REFUND", ("draft.refund_of_id",))


async def test_create_recurring_expense_refuses_a_conversion_into_another_currency_than_the_groups(
    circle: Circle,
) -> None:
    into = draft_of(circle, currency="USD", conversion={"amount": money(2700, "GBP")})
    assert (await refusal_of(make_recurring(circle, draft=into))).reason == "CURRENCY_MISMATCH"


async def test_create_recurring_expense_names_only_who_is_in_the_group(circle: Circle, bob: Person) -> None:
    theirs = await make_circle(bob, "Ida")
    for other in ({"by": theirs.owner_id}, {"among": [circle.owner_id, new_id()]}):
        refusal = await refusal_of(make_recurring(circle, draft=draft_of(circle, **other)))
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
    await share(circle.person, circle.id, bob, EDITOR)
    gone = await member_of(circle.person, circle.id, bob)
    await remove(circle.person, gone)
    draft = draft_of(circle, split=equally(circle.owner_id, gone.id))
    assert (await refusal_of(make_recurring(circle, draft=draft))).reason == "MEMBER_INACTIVE"
    draft = draft_of(circle, payers=[Payer(member_id=gone.id, minor=3000)])
    assert (await refusal_of(make_recurring(circle, draft=draft))).reason == "MEMBER_INACTIVE"


async def test_create_recurring_expense_begins_in_no_locked_period(circle: Circle) -> None:
    lock = group_pb2.LockPeriodRequest(request_id=new_id(), group_id=circle.id, locked_until="2026-01-31")
    await circle.person.groups.LockPeriod(lock)
    refusal = await refusal_of(make_recurring(circle, schedule=schedule_of("2026-01-31")))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "PERIOD_LOCKED")
    assert refusal.metadata["locked_until"] == "2026-01-31"
    await make_recurring(circle, schedule=schedule_of("2026-02-01"))


async def test_create_recurring_expense_is_not_for_archived_groups(circle: Circle) -> None:
    archive = group_pb2.ArchiveGroupRequest(request_id=new_id(), group_id=circle.id)
    await circle.person.groups.ArchiveGroup(archive)
    assert (await refusal_of(make_recurring(circle))).reason == "GROUP_ARCHIVED"
