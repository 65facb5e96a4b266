"""What is posted by itself: every occurrence, once, on its day, whatever happens to the servers."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

import recurring
from ledger.two_servers import Died, Place, as_back, daily, days_from, opened, post_two_and_die, slots_of
from people import BookOf, make_book, new_id, sign_up
from recurring import DAILY, POST, REMIND, execute, get, make_template, pause, posted_of, schedule_of, today
from rpc.spaces.sharing import EDITOR, VIEWER, back, member_of, outcome_of, share
from rpc.spaces.sharing import update as update_member
from tallystick.caller import Caller
from tallystick.config import Config
from tallystick.errors import Stale
from tallystick.jobs.due import job as due_job
from tallystick.jobs.due.job import LEASE, PUT_OFF
from tallystick.jobs.due.queries import find_acting_user
from tallystick.ledger.tables import TEMPLATE
from tallystick.ledger.templates import commands as commands_templates
from tallystick.ledger.templates import queries as queries_templates
from tallystick.ledger.templates.rules import post_id_of
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.store.tx import WriteTx
from tallystick.v1.ledger_templates_pb2 import ExecuteTemplateRequest, ExecuteTemplateResponse, Template
from tallystick_client.v1 import ledger_books_pb2, ledger_transactions_pb2


@pytest.fixture(scope="module")
async def place(postgres: EmbeddedPostgres, config: Config) -> AsyncIterator[Place]:
    async with opened(postgres, config) as running:
        yield running


@pytest.fixture
async def book(place: Place) -> BookOf:
    return await make_book(await sign_up(place.client, "Ann"))


async def test_t43_t49_ninety_days_of_outage_are_caught_up_by_two_servers_each_day_once(
    place: Place, book: BookOf
) -> None:
    templates = [await daily(book, 1000, name=str(number)) for number in range(3)]
    try:
        with place.clock.later(days=89):
            await place.work_off()
        for template in templates:
            assert await slots_of(book, template) == days_from(today(), 90)
            known = await get(book, template)
            assert (known.posted_count, known.next_on) == (90, days_from(today(), 91)[-1])
        assert await book.balance() == -3 * 90 * 950
        assert await place.count("job_run WHERE space_id = %s AND state = 2", book.id) == 3 * 90
    finally:
        for template in templates:
            await recurring.call("DeleteTemplate", template, book)


async def test_t47_the_first_occurrence_is_posted_on_its_day_and_not_before(place: Place, book: BookOf) -> None:
    template = await daily(book, 2, starts_on=today() + timedelta(days=1))
    await place.work_off()
    assert await slots_of(book, template) == []
    with place.clock.later(days=1):
        await place.work_off()
    assert await slots_of(book, template) == days_from(today() + timedelta(days=1), 1)


async def test_t48_t49_many_runs_at_once_post_once(place: Place, book: BookOf) -> None:
    template = await daily(book, 1)
    await asyncio.gather(*(job.run() for job in place.jobs * 4))
    await place.work_off()
    assert (len(await slots_of(book, template)), await book.balance()) == (1, -950)


async def test_t46_what_has_ended_is_looked_at_no_more(place: Place, book: BookOf) -> None:
    template = await daily(book, 2)
    with place.clock.later(days=30):
        await place.work_off()
    assert (await get(book, template)).next_on == ""
    assert await place.count("template_due WHERE template_id = %s", template.id) == 0
    assert len(await slots_of(book, template)) == 2


async def test_t44_what_was_executed_early_or_skipped_is_not_posted_again(place: Place, book: BookOf) -> None:
    template = await daily(book, 5, starts_on=today() + timedelta(days=1))
    _, second, third, *_ = days = days_from(today() + timedelta(days=1), 5)
    await execute(book, template, second, booked_on=second)
    await recurring.skip(book, template, third)
    with place.clock.later(days=20):
        await place.work_off()
    assert await slots_of(book, template) == [slot for slot in days if slot != third]


async def test_only_what_posts_by_itself_is_posted(place: Place, book: BookOf) -> None:
    reminder = await make_template(book, mode=REMIND, schedule=schedule_of(today(), DAILY, count=1))
    paused = await pause(book, await daily(book, 2, starts_on=today() + timedelta(days=1)))
    deleted = await daily(book, 2, starts_on=today() + timedelta(days=1))
    await recurring.call("DeleteTemplate", deleted, book)
    with place.clock.later(days=5):
        await place.work_off()
    for template in (reminder, paused, deleted):
        assert await slots_of(book, template) == []
        assert await place.count("template_due WHERE template_id = %s", template.id) == 0


async def test_a_reminder_that_becomes_a_posting_one_posts_what_waits(place: Place, book: BookOf) -> None:
    template = await make_template(book, mode=REMIND, schedule=schedule_of(today(), DAILY, count=1))
    await place.work_off()
    await recurring.update(book, template, mode=POST)
    await place.work_off()
    assert len(await slots_of(book, template)) == 1


async def test_t49_a_repeat_after_the_commit_is_answered_with_what_was_posted(place: Place, book: BookOf) -> None:
    """As after a kill between the commit and whatever the server wanted to do next."""
    template = await daily(book, 2, starts_on=today() + timedelta(days=1))
    first = await post(place, book, template, template.version)
    again = await post(place, book, template, template.version)
    assert again == first
    assert (len(await slots_of(book, template)), await book.balance()) == (1, -950)


async def test_t49_what_the_job_posts_has_a_request_id_that_follows_from_the_occurrence(
    place: Place, book: BookOf
) -> None:
    template = await daily(book, 1)
    await place.work_off()
    (posted,) = await posted_of(book, template)
    assert (await post(place, book, template, template.version)).transaction.id == posted.id


async def test_t49_a_server_that_dies_with_templates_in_its_hands_holds_them_up_for_minutes_only(
    place: Place, book: BookOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = await daily(book, 7)
    with place.clock.later(days=6):
        dying, living = place.jobs
        monkeypatch.setattr(dying, "_post", partial(post_two_and_die, template.id, [], dying._post))
        with pytest.raises(Died):
            await dying.run()
        await living.run()
        assert (await get(await as_back(book), template)).posted_count == 2
        with place.clock.later(seconds=LEASE.total_seconds() + 1):
            await living.run()
    assert await slots_of(book, template) == days_from(today(), 7)


async def test_a_template_that_cannot_be_posted_does_not_hold_up_others_and_is_tried_again(
    place: Place, book: BookOf, capsys: pytest.CaptureFixture[str]
) -> None:
    other = await make_book(book.person)
    refused, fine = await daily(book, 1), await daily(other, 1)
    await recurring.close_account(book, "2020-01-01")
    await place.work_off()
    assert (await slots_of(book, refused), len(await slots_of(other, fine))) == ([], 1)
    lines = [line for line in capsys.readouterr().out.splitlines() if "template_refused" in line]
    assert len(lines) == 1
    assert all(word in lines[0] for word in ("ACCOUNT_CLOSED", refused.id, book.id))
    assert await recurring.due_slots(book) == [today().isoformat()]

    await recurring.reopen_account(book)
    await place.work_off()
    assert await slots_of(book, refused) == []
    with place.clock.later(seconds=PUT_OFF.total_seconds() + 1):
        await place.work_off()
    assert len(await slots_of(book, refused)) == 1


async def test_a_template_that_was_put_off_is_tried_at_once_when_somebody_changes_it(
    place: Place, book: BookOf
) -> None:
    template = await daily(book, 1)
    await recurring.close_account(book, "2020-01-01")
    await place.work_off()
    await recurring.reopen_account(book)
    await recurring.update(book, template, name="Rent of the flat")
    await place.work_off()
    assert len(await slots_of(book, template)) == 1


async def test_a_server_that_comes_late_does_not_put_off_what_somebody_changed_meanwhile(
    place: Place, book: BookOf
) -> None:
    template = await daily(book, 1)
    job = place.jobs[0]
    leased = next(each for each in await job._lease() if str(each.entity_id) == template.id)
    await recurring.update(book, template, name="Rent of the flat")
    await job._release(leased, place.clock.now() + PUT_OFF)
    await place.work_off()
    assert len(await slots_of(book, template)) == 1


async def test_a_failure_that_nobody_thought_of_puts_off_one_template_only(
    place: Place, book: BookOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, fine = await daily(book, 1), await daily(book, 1)
    for job in place.jobs:
        monkeypatch.setattr(job, "_post", partial(_fail_for, broken.id, job._post))
    await place.work_off()
    assert (await slots_of(book, broken), len(await slots_of(book, fine))) == ([], 1)


async def _fail_for(template_id: str, post: Any, caller: Any, leased: Any, *others: Any) -> Any:
    if str(leased.entity_id) == template_id:
        raise ZeroDivisionError
    return await post(caller, leased, *others)


async def test_a_long_backlog_takes_turns_with_the_others(
    place: Place, book: BookOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due_job, "POSTED_MAX", 3)
    monkeypatch.setattr(due_job, "LEASED_MAX", 1)
    long = await daily(book, 20, starts_on=today() - timedelta(days=19))
    short = await daily(book, 1)
    await place.jobs[0].run()
    await place.work_off()
    last_of_long = max(posted.version for posted in await posted_of(book, long))
    (of_short,) = await posted_of(book, short)
    assert len(await slots_of(book, long)) == 20
    assert of_short.version < last_of_long


async def test_a_template_that_was_changed_since_it_was_looked_at_is_looked_at_again(
    place: Place, book: BookOf
) -> None:
    template = await daily(book, 2, starts_on=today() + timedelta(days=1))
    await pause(book, template)
    with pytest.raises(Stale):
        await post(place, book, template, template.version)
    assert await slots_of(book, template) == []


async def test_a_person_and_the_job_at_once_post_once(place: Place, book: BookOf) -> None:
    for _ in range(10):
        template = await daily(book, 1)
        outcome, *_ = await asyncio.gather(
            outcome_of(execute(book, template, template.next_on)), *(job.run() for job in place.jobs)
        )
        assert outcome in {"OK", "OCCURRENCE_HANDLED"}
        with place.clock.later(seconds=LEASE.total_seconds() + 1):
            await place.work_off()
        assert len(await slots_of(book, template)) == 1


async def test_even_a_template_that_forgets_cannot_post_twice(place: Place, book: BookOf) -> None:
    """The id of the transaction and the row of the slot are locks of their own."""
    template = await daily(book, 1)
    await place.work_off()

    async def forget(tx: WriteTx, request: ExecuteTemplateRequest) -> ExecuteTemplateResponse:
        (row,) = await tx.fetch(queries_templates.TEMPLATES.by_id(space_id=tx.space_id, id=UUID(template.id)))
        before = tx.open(TEMPLATE, row)
        after = Template()
        after.CopyFrom(before)
        after.handled_until, after.next_on = "", template.next_on
        tx.put(TEMPLATE, before, after)
        return ExecuteTemplateResponse()

    request = ExecuteTemplateRequest(request_id=new_id(), book_id=book.id, template_id=template.id)
    await place.servers[0].store.write(caller_of(book), book.id, request, forget, ExecuteTemplateResponse)
    assert await outcome_of(execute(book, template)) == "ID_TAKEN"
    await recurring.update(book, template, name="Rent again")
    await place.work_off()
    assert (len(await slots_of(book, template)), await book.balance()) == (1, -950)


async def test_who_may_not_write_any_more_is_stood_in_for_by_an_owner(place: Place, book: BookOf) -> None:
    eve = await sign_up(place.client, "Eve")
    await share(book.person, book.id, eve, EDITOR)
    hers = replace(book, person=eve)
    template = await daily(hers, 2)
    assert template.user_id == eve.user.id
    await place.work_off()
    await update_member(book.person, await member_of(book.person, book.id, eve), "role", role=VIEWER)
    with place.clock.later(days=1):
        await place.work_off()
    posted = await posted_of(book, template)
    assert [await actor_of(book, each.id) for each in posted] == [eve.user.id, book.person.user.id]


async def actor_of(book: BookOf, transaction_id: str) -> str:
    request = ledger_transactions_pb2.ListTransactionHistoryRequest(book_id=book.id, transaction_id=transaction_id)
    (revision,) = (await book.person.ledger.ListTransactionHistory(request)).revisions
    return str(revision.changed_by)


async def test_where_nobody_may_write_nobody_posts(place: Place) -> None:
    assert await find_acting_user(place.servers[0].store, uuid4(), uuid4()) is None


async def test_a_deleted_book_posts_nothing_and_catches_up_when_it_is_back(place: Place, book: BookOf) -> None:
    template = await daily(book, 2)
    await book.person.ledger.DeleteBook(ledger_books_pb2.DeleteBookRequest(request_id=new_id(), book_id=book.id))
    with place.clock.later(days=1):
        await place.work_off()
        assert await place.count("job_run WHERE space_id = %s", book.id) == 0
        restore = ledger_books_pb2.RestoreBookRequest(request_id=new_id(), book_id=book.id)
        await (await back(book.person)).ledger.RestoreBook(restore)
        await place.work_off()
    assert len(await slots_of(book, template)) == 2


def caller_of(book: BookOf) -> Caller:
    user = book.person.user
    return Caller(UUID(user.id), UUID(user.home_id), None, "")


async def post(place: Place, book: BookOf, template: Any, seen_version: int) -> ExecuteTemplateResponse:
    """As the job does it."""
    slot_on = template.next_on
    request = ExecuteTemplateRequest(
        request_id=str(post_id_of(UUID(template.id), date.fromisoformat(slot_on))),
        book_id=book.id,
        template_id=template.id,
        slot_on=slot_on,
    )
    command = partial(commands_templates.post_occurrence, seen_version=seen_version)
    return await place.servers[0].store.write(caller_of(book), book.id, request, command, ExecuteTemplateResponse)
