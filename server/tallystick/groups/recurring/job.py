"""How does a recurring expense post an occurrence by itself? As jobs/due/job.py says; and why one is refused is noted where people see it.

An occurrence in a locked period is not skipped, and neither is one of an archived group: it waits until the period is open again, and those
after it wait behind it. Whoever wants it left out moves the start of the schedule past it, or pauses and goes on.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from tallystick.caller import Caller
from tallystick.errors import Stale, TallystickError, Unavailable
from tallystick.groups.expenses.references import reads_of_drafts
from tallystick.groups.recurring import commands, queries, rules
from tallystick.groups.recurring.writes import RECURRING_DUES
from tallystick.jobs.due.job import DueJob, Leased, Seen
from tallystick.ledger.templates.rules import post_id_of, today_in
from tallystick.store.statements import Call
from tallystick.store.tx import WriteTx
from tallystick.v1.group_recurring_pb2 import (
    GetRecurringExpenseRequest,
    RecurringExpense,
    UpdateRecurringExpenseRequest,
    UpdateRecurringExpenseResponse,
)

Change = Callable[[WriteTx, UpdateRecurringExpenseRequest], Awaitable[UpdateRecurringExpenseResponse]]
Read = Call[*tuple[Any, ...]]


class RecurringJob(DueJob[RecurringExpense]):
    """Posts the occurrences of recurring expenses that are due."""

    noun = "recurring_expense"
    dues = RECURRING_DUES

    async def _look(self, caller: Caller, leased: Leased) -> Seen[RecurringExpense]:
        asked = GetRecurringExpenseRequest(group_id=str(leased.space_id), recurring_id=str(leased.entity_id))
        recurring, group = await queries.get_with_group(self._store.reader(caller, leased.space_id, asked), asked)
        return Seen(recurring, group.time_zone)

    def _next_slot(self, seen: Seen[RecurringExpense]) -> date | None:
        return rules.next_to_post(seen.entity, today_in(seen.time_zone, self._store.clock.now()))

    def _due_at(self, seen: Seen[RecurringExpense]) -> datetime | None:
        return rules.due_at(seen.entity, seen.time_zone)

    async def _post(
        self, caller: Caller, leased: Leased, seen: Seen[RecurringExpense], slot_on: date
    ) -> RecurringExpense:
        """It changes the recurring expense, and the expense is recorded with that change."""
        post = partial(commands.post_occurrence, seen_version=seen.version)
        reads = reads_of_drafts(leased.space_id, [seen.entity.draft])
        try:
            return await self._change(caller, leased, post_id_of(leased.entity_id, slot_on), post, reads)
        except (Stale, Unavailable):
            raise
        except TallystickError as refused:
            await self._note(caller, leased, seen, refused.reason_name)
            raise

    async def _note(self, caller: Caller, leased: Leased, seen: Seen[RecurringExpense], problem: str) -> None:
        """Once: as long as it stays refused for the same reason, there is nothing to add."""
        if seen.entity.problem != problem:
            note = partial(commands.note_problem, seen_version=seen.version, problem=problem)
            await self._change(caller, leased, rules.note_id_of(leased.entity_id, seen.version), note)

    async def _change(
        self, caller: Caller, leased: Leased, request_id: UUID, command: Change, reads: Sequence[Read] = ()
    ) -> RecurringExpense:
        request = UpdateRecurringExpenseRequest(
            request_id=str(request_id), group_id=str(leased.space_id), recurring_id=str(leased.entity_id)
        )
        answer = await self._store.write(
            caller,
            leased.space_id,
            request,
            command,
            UpdateRecurringExpenseResponse,
            ahead=[queries.by_id(request), *reads],
        )
        return answer.recurring
