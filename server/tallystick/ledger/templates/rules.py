"""Which occurrences of a template come next, which are done with, and what is recorded for one? Pure.

A template remembers what was posted or skipped by slot, in two parts: all up to `handled_until`, and the few in `handled_ahead` that
somebody did before their turn. Both only ever grow, whatever becomes of the schedule: no slot is posted twice.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from tallystick.errors import FieldViolation, InvalidInput, RuleBroken, TallystickError
from tallystick.ledger.rules import canonical, require_date
from tallystick.ledger.templates.recurrence import (
    MonthEnd,
    Occurrence,
    Schedule,
    Weekend,
    due,
    occurrences,
    require_schedule,
)
from tallystick.v1 import ledger_templates_pb2 as pb
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.ledger_pb2 import TransactionDraft
from tallystick.v1.ledger_templates_pb2 import Template, TemplateMode

POST, REMIND = TemplateMode.TEMPLATE_MODE_POST, TemplateMode.TEMPLATE_MODE_REMIND
# So many can be done before their turn; a preview shows no more.
AHEAD_MAX = 500

_DAY = timedelta(days=1)
_SCHEDULES_KEPT = 1024
# More days than a schedule can have.
_ALL = 100_000
# What each occurrence has of its own, or an import would have to say.
_NOT_IN_DRAFTS = ("transaction_id", "booked_on", "import_key", "to_import_key")
_IDS_OF_DRAFT = ("account_id", "category_id", "to_account_id", "payee_id", "payment_method_id", "refund_of_id")


def require_usable(message: pb.Schedule) -> None:
    """A schedule that cannot be kept is refused."""
    require_schedule("schedule", _compose_schedule(message))


def _compose_schedule(message: pb.Schedule) -> Schedule:
    return Schedule(
        starts_on=require_date("schedule.starts_on", message.starts_on),
        rule=message.rule,
        ends_on=require_date("schedule.ends_on", message.ends_on) if message.ends_on else None,
        count=message.count or None,
        month_end=MonthEnd(message.month_end or MonthEnd.CLAMP),
        weekend=Weekend(message.weekend or Weekend.KEEP),
    )


def schedule_of(template: Template) -> Schedule:
    return _read(template.schedule.SerializeToString(deterministic=True))


@lru_cache(maxsize=_SCHEDULES_KEPT)
def _read(wire: bytes) -> Schedule:
    """A schedule with a count, as one that ends on the day of its last occurrence: what asks for one occurrence after the other need
    not count from the start each time."""
    schedule = _compose_schedule(pb.Schedule.FromString(wire))
    if schedule.count is None:
        return schedule
    return replace(schedule, count=None, ends_on=occurrences(schedule, None, schedule.count)[-1].slot_on)


def coming(template: Template, limit: int) -> list[Occurrence]:
    """The next ones that are neither posted nor skipped."""
    found = occurrences(schedule_of(template), _handled_until(template), limit + len(template.handled_ahead))
    return _without_ahead(template, found)[:limit]


def waiting(template: Template, until: date, after: date | None, limit: int) -> list[Occurrence]:
    """Those with a slot after that day that are due and neither posted nor skipped."""
    handled = _handled_until(template)
    start = max(handled, after) if handled and after else handled or after
    found = due(schedule_of(template), start, until, limit + len(template.handled_ahead))
    return _without_ahead(template, found)[:limit]


def _without_ahead(template: Template, found: Iterable[Occurrence]) -> list[Occurrence]:
    ahead = frozenset(template.handled_ahead)
    return [occurrence for occurrence in found if occurrence.slot_on.isoformat() not in ahead]


def _handled_until(template: Template) -> date | None:
    return date.fromisoformat(template.handled_until) if template.handled_until else None


def next_occurrence(template: Template) -> Occurrence | None:
    return _find(template, date.fromisoformat(template.next_on)) if template.next_on else None


def _find(template: Template, slot_on: date) -> Occurrence | None:
    schedule = schedule_of(template)
    if slot_on < schedule.starts_on:
        return None
    found = occurrences(schedule, slot_on - _DAY, 1)
    return found[0] if found and found[0].slot_on == slot_on else None


def require_open(template: Template, slot_on: str) -> Occurrence:
    """The occurrence of a slot that may still be posted or skipped. Without a slot: the next one."""
    if slot_on:
        asked = require_date("slot_on", slot_on)
        if slot_on <= template.handled_until or slot_on in template.handled_ahead:
            raise RuleBroken(
                ErrorReason.ERROR_REASON_OCCURRENCE_HANDLED,
                "It was posted or skipped before.",
                metadata={"template_id": template.id, "slot_on": slot_on},
            )
    if not template.next_on:
        raise RuleBroken(ErrorReason.ERROR_REASON_TEMPLATE_ENDED, "The template has no further occurrence.")
    found = _find(template, asked) if slot_on else next_occurrence(template)
    if found is None:
        raise InvalidInput.of_field("slot_on", "is no occurrence", ErrorReason.ERROR_REASON_INVALID_DATE)
    if len(template.handled_ahead) >= AHEAD_MAX and found.slot_on.isoformat() != template.next_on:
        raise InvalidInput.of_field("slot_on", "is too far ahead: handle nearer ones first")
    return found


def handle(template: Template, slots: Iterable[date]) -> None:
    """Notes that these are posted or skipped, and which one is next. Without any, it only finds the next one."""
    until = template.handled_until
    ahead = {slot for slot in (*template.handled_ahead, *(day.isoformat() for day in slots)) if slot > until}
    template.next_on = ""
    for occurrence in occurrences(schedule_of(template), _handled_until(template), len(ahead) + 1):
        slot = occurrence.slot_on.isoformat()
        if slot not in ahead:
            template.next_on = slot
            break
        until = slot
    template.handled_until = until
    template.ClearField("handled_ahead")
    template.handled_ahead.extend(sorted(slot for slot in ahead if slot > until))


def skip_passed(template: Template, since: date, today: date) -> None:
    """What fell due after one day and before another is left out. What waited before that goes on waiting."""
    found = waiting(template, today - _DAY, None, _ALL)
    handle(template, [occurrence.slot_on for occurrence in found if occurrence.booked_on > since])


def begin_again(template: Template, before: Template, today: date) -> None:
    """A changed schedule goes on where the old one is: of days that have passed it posts nothing, so that a rent that moves from the 1st
    to the 3rd is not paid twice in the month. A template that has handled nothing, or for which something waits, begins where it says."""
    is_up_to_date = before.handled_until and not (before.next_on and before.next_on <= today.isoformat())
    if is_up_to_date:
        template.handled_until = max(template.handled_until, (today - _DAY).isoformat())


def today_in(time_zone: str, now: datetime) -> date:
    return now.astimezone(ZoneInfo(time_zone or "UTC")).date()


def next_to_post(template: Template, today: date) -> date | None:
    """The slot that a template posts by itself, if its day has come."""
    if template.paused or template.mode != POST:
        return None
    coming_next = next_occurrence(template)
    return coming_next.slot_on if coming_next and coming_next.booked_on <= today else None


def due_at(template: Template, time_zone: str) -> datetime | None:
    """The instant from which the next occurrence is to be posted: the beginning of its day in the book's time zone. None: it does not post
    by itself, or not now, or not any more."""
    coming_next = next_occurrence(template)
    if coming_next is None or template.paused or template.mode != POST:
        return None
    # Where clocks go forward at midnight the day begins at one, and where they go back it begins the first time: as this reads it.
    midnight = datetime.combine(coming_next.booked_on, time.min, ZoneInfo(time_zone or "UTC"))
    return midnight.astimezone(UTC)


def require_stated(template: Template) -> None:
    """A mask may name a field and leave it empty."""
    for name in ("draft", "schedule"):
        if not template.HasField(name):
            raise InvalidInput.of_field(name, "must be stated")
    if not template.mode:
        raise InvalidInput.of_field("mode", "must be stated")


def require_general(draft: TransactionDraft) -> None:
    """What only a single transaction can have is in no template."""
    for name in _NOT_IN_DRAFTS:
        if getattr(draft, name):
            raise InvalidInput.of_field(name, "is not for templates")


def make_canonical(draft: TransactionDraft) -> None:
    """Ids in their one way of writing, so that what the draft names can be found in it."""
    for name in _IDS_OF_DRAFT:
        setattr(draft, name, canonical(getattr(draft, name)))
    for ids in (draft.tag_ids, draft.attachment_ids):
        ids[:] = [canonical(each) for each in ids]
    for split in draft.splits:
        split.category_id, split.account_id = canonical(split.category_id), canonical(split.account_id)


@contextmanager
def in_draft() -> Iterator[None]:
    """Says of what is wrong that it is wrong in the draft."""
    try:
        yield
    except TallystickError as error:
        error.violations = tuple(
            FieldViolation(f"draft.{each.field}", each.rule, each.description) for each in error.violations
        )
        raise


def compose_draft(template: Template, booked_on: str) -> TransactionDraft:
    draft = TransactionDraft()
    draft.CopyFrom(template.draft)
    draft.booked_on = booked_on
    return draft


def compose_occurrence(
    template: Template, occurrence: Occurrence, request: pb.ExecuteTemplateRequest
) -> TransactionDraft:
    """What is recorded for an occurrence, under an id that follows from it: it could not be there twice."""
    draft = compose_draft(template, request.booked_on or occurrence.booked_on.isoformat())
    draft.transaction_id = str(uuid5(UUID(template.id), occurrence.slot_on.isoformat()))
    if request.HasField("amount"):
        if draft.splits:
            raise InvalidInput.of_field("amount", "is for drafts without splits")
        if draft.HasField("to_amount") and draft.to_amount.currency == draft.amount.currency:
            draft.to_amount.CopyFrom(request.amount)
        draft.amount.CopyFrom(request.amount)
    return draft


def post_id_of(template_id: UUID, slot_on: date) -> UUID:
    """The request_id under which an occurrence is posted by itself, whichever server does it and however often it tries."""
    return uuid5(template_id, f"post {slot_on.isoformat()}")
