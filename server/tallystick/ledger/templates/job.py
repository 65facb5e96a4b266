"""How is posted what is due, once, whatever happens? A server leases a few templates at a time, and posts one occurrence to a commit.

An occurrence that is posted is so in the same commit in which its template remembers it, under a request_id that follows from it. Whoever
comes second, in another server or after a crash, is answered by the write door with what the first one did.
"""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from tallystick.caller import Caller
from tallystick.errors import NotVisible, RuleBroken, Stale, TallystickError, Unavailable
from tallystick.ledger import writes
from tallystick.ledger.templates import commands, queries, rules
from tallystick.ledger.templates.recurrence import Occurrence
from tallystick.ledger.transactions.references import Wanted
from tallystick.log import log
from tallystick.store.apart import Apart
from tallystick.store.store import Store
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.ledger_pb2 import Book
from tallystick.v1.ledger_templates_pb2 import (
    ExecuteTemplateRequest,
    ExecuteTemplateResponse,
    GetTemplateRequest,
    Template,
)

# So many templates at a time, and so many occurrences of each, before the others have their turn.
LEASED_MAX = 4
POSTED_MAX = 100
# Longer than so many occurrences take. What a server leaves undone when it dies waits no longer than this.
LEASE = timedelta(minutes=2)
# A template that cannot be posted is tried again after this, or when somebody changes it.
PUT_OFF = timedelta(hours=1)
NO_HOME = UUID(int=0)


@dataclass(slots=True)
class _Leased:
    """A template that is ours for a while, and how many of its occurrences we have posted."""

    space_id: UUID
    template_id: UUID
    user_id: UUID
    until: datetime
    posted: int = 0


class TemplateJob:
    """Posts the occurrences of templates that are due."""

    def __init__(self, store: Store, apart: Apart) -> None:
        self._store = store
        self._apart = apart

    async def run(self) -> int:
        """Goes on until nothing is due that could be posted. Returns how many occurrences it posted."""
        posted = 0
        while leased := await self._lease():
            await asyncio.gather(*(self._work_off(each) for each in leased))
            posted += sum(each.posted for each in leased)
        return posted

    async def _lease(self) -> list[_Leased]:
        now = self._store.clock.now()
        rows = await self._apart.fetch(writes.LEASE_DUE(now=now, lease=now + LEASE, limit=LEASED_MAX))
        return [_Leased(*row, until=now + LEASE) for row in rows]

    async def _work_off(self, leased: _Leased) -> None:
        """One template's failure is its own: it is put off, and the others go on."""
        try:
            await self._post_some(leased)
        except Unavailable as busy:
            # The lease runs out by itself, and somebody tries again.
            log("template_waits", level="warning", reason=busy.reason_name, **_ids(leased))
        except TallystickError as refused:
            log("template_refused", level="warning", reason=refused.reason_name, **_ids(leased))
            await self._release(leased, self._store.clock.now() + PUT_OFF)
        except Exception as failed:  # noqa: BLE001 - whatever is wrong with one template must not hold up the others
            log("template_failed", level="error", error=failed, **_ids(leased))
            await self._release(leased, self._store.clock.now() + PUT_OFF)

    async def _post_some(self, leased: _Leased) -> None:
        caller = await self._find_caller(leased)
        asked = GetTemplateRequest(book_id=str(leased.space_id), template_id=str(leased.template_id))
        template, book = await queries.get_with_book(self._store.reader(caller, leased.space_id, asked), asked)
        today = rules.today_in(book.time_zone, self._store.clock.now())
        for _ in range(POSTED_MAX):
            occurrence = _next_to_post(template, today)
            if occurrence is None:
                await self._rest(leased, template, book)
                return
            try:
                answer = await self._post(caller, leased, template, occurrence)
            except Stale:
                break
            if answer.template.version <= template.version:
                raise _answered_before(leased, occurrence)
            template = answer.template
            leased.posted += 1
        # With something done, others have their turn and then this one again. With nothing done, the lease keeps us from going in circles.
        if leased.posted:
            await self._release(leased, self._store.clock.now())

    async def _find_caller(self, leased: _Leased) -> Caller:
        user_id = await queries.find_acting_user(self._store, leased.space_id, leased.user_id)
        if user_id is None:
            raise NotVisible
        return Caller(user_id, NO_HOME, None, "")

    async def _post(
        self, caller: Caller, leased: _Leased, template: Template, occurrence: Occurrence
    ) -> ExecuteTemplateResponse:
        request = ExecuteTemplateRequest(
            request_id=str(rules.post_id_of(leased.template_id, occurrence.slot_on)),
            book_id=str(leased.space_id),
            template_id=str(leased.template_id),
            slot_on=occurrence.slot_on.isoformat(),
        )
        wanted = Wanted()
        wanted.add_draft(rules.compose_occurrence(template, occurrence, request))
        return await self._store.write(
            caller,
            leased.space_id,
            request,
            partial(commands.post_occurrence, seen_version=template.version),
            ExecuteTemplateResponse,
            ahead=[*queries.asked_by(request), *wanted.calls(leased.space_id)],
        )

    async def _rest(self, leased: _Leased, template: Template, book: Book) -> None:
        """Nothing more is due: not before the next day of the template, and not at once again."""
        due_at = rules.due_at(template, book.time_zone)
        named = {"of_space": leased.space_id, "of_template": leased.template_id}
        if due_at is not None:
            soonest = self._store.clock.now() + LEASE
            rest = writes.REST_UNTIL_DUE(**named, lease=leased.until, due_at=max(due_at, soonest))
            await self._apart.fetch_all(rest)

    async def _release(self, leased: _Leased, until: datetime) -> None:
        named = {"of_space": leased.space_id, "of_template": leased.template_id}
        await self._apart.fetch_all(writes.RELEASE_DUE(**named, lease=leased.until, until=until))


def _next_to_post(template: Template, today: date) -> Occurrence | None:
    if template.paused or template.mode != rules.POST:
        return None
    coming_next = rules.next_occurrence(template)
    return coming_next if coming_next and coming_next.booked_on <= today else None


def _answered_before(leased: _Leased, occurrence: Occurrence) -> RuleBroken:
    """The door has an answer that the template does not know of: going on would mean asking for ever."""
    return RuleBroken(
        ErrorReason.ERROR_REASON_OCCURRENCE_HANDLED,
        "It was posted before.",
        metadata={"template_id": str(leased.template_id), "slot_on": occurrence.slot_on.isoformat()},
    )


def _ids(leased: _Leased) -> dict[str, Any]:
    return {"space_id": str(leased.space_id), "template_id": str(leased.template_id), "posted": str(leased.posted)}
