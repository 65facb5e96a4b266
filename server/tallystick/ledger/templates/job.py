"""How does a template post an occurrence by itself? As jobs/due/job.py says, with one call of its own."""

from datetime import date, datetime
from functools import partial

from tallystick.caller import Caller
from tallystick.jobs.due.job import DueJob, Leased, Seen
from tallystick.ledger import writes
from tallystick.ledger.templates import commands, queries, rules
from tallystick.ledger.transactions.references import Wanted
from tallystick.v1.ledger_templates_pb2 import (
    ExecuteTemplateRequest,
    ExecuteTemplateResponse,
    GetTemplateRequest,
    Template,
)


class TemplateJob(DueJob[Template]):
    """Posts the occurrences of templates that are due."""

    noun = "template"
    dues = writes.TEMPLATE_DUES

    async def _look(self, caller: Caller, leased: Leased) -> Seen[Template]:
        asked = GetTemplateRequest(book_id=str(leased.space_id), template_id=str(leased.entity_id))
        template, book = await queries.get_with_book(self._store.reader(caller, leased.space_id, asked), asked)
        return Seen(template, book.time_zone)

    def _next_slot(self, seen: Seen[Template]) -> date | None:
        today = rules.today_in(seen.time_zone, self._store.clock.now())
        return rules.next_to_post(seen.entity, today)

    def _due_at(self, seen: Seen[Template]) -> datetime | None:
        return rules.due_at(seen.entity, seen.time_zone)

    async def _post(self, caller: Caller, leased: Leased, seen: Seen[Template], slot_on: date) -> Template:
        template = seen.entity
        request = ExecuteTemplateRequest(
            request_id=str(rules.post_id_of(leased.entity_id, slot_on)),
            book_id=str(leased.space_id),
            template_id=str(leased.entity_id),
            slot_on=slot_on.isoformat(),
        )
        wanted = Wanted()
        wanted.add_draft(rules.compose_occurrence(template, rules.require_open(template, request.slot_on), request))
        answer = await self._store.write(
            caller,
            leased.space_id,
            request,
            partial(commands.post_occurrence, seen_version=template.version),
            ExecuteTemplateResponse,
            ahead=[*queries.asked_by(request), *wanted.calls(leased.space_id)],
        )
        return answer.template
