"""Which occurrence of a recurring expense comes next, and what is recorded for it? Pure.

Its schedule is kept as a template's is (ledger/templates/rules.py), with one difference: occurrences are posted in their order, so it
remembers only the last day up to which all are done with. What was refused holds up what comes after it, and when it goes on after a pause
or after it was deleted, it goes on from that day: what waited is skipped with what fell due meanwhile.
"""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID, uuid5

from tallystick.errors import InvalidInput
from tallystick.groups.expenses.rules_splits import canonical_split
from tallystick.ledger.rules import canonical
from tallystick.ledger.templates import rules as slots
from tallystick.ledger.templates.recurrence import Occurrence
from tallystick.v1.group_expenses_pb2 import ExpenseDraft
from tallystick.v1.group_recurring_pb2 import RecurringExpense
from tallystick.v1.ledger_templates_pb2 import Template

# What each occurrence has of its own, or an import would have to say.
_NOT_IN_DRAFTS = ("expense_id", "booked_on", "import_key")


def _as_template(recurring: RecurringExpense) -> Template:
    """What the ledger's arithmetic of slots asks of a template."""
    return Template(
        id=recurring.id,
        schedule=recurring.schedule,
        mode=slots.POST,
        paused=recurring.paused,
        next_on=recurring.next_on,
        handled_until=recurring.handled_until,
    )


def _take(recurring: RecurringExpense, template: Template) -> None:
    recurring.next_on, recurring.handled_until = template.next_on, template.handled_until


def handle(recurring: RecurringExpense, done: Iterable[date]) -> None:
    """Notes that the next ones are posted, and which one is next then. Without any, it only finds the next one."""
    template = _as_template(recurring)
    slots.handle(template, done)
    _take(recurring, template)


def skip_passed(recurring: RecurringExpense, today: date) -> None:
    """It goes on from today: what should have been booked before is left out."""
    template = _as_template(recurring)
    slots.skip_passed(template, date.min, today)
    _take(recurring, template)


def begin_again(recurring: RecurringExpense, before: RecurringExpense, today: date) -> None:
    """A changed schedule goes on where the old one is."""
    template = _as_template(recurring)
    slots.begin_again(template, _as_template(before), today)
    _take(recurring, template)


def next_occurrence(recurring: RecurringExpense) -> Occurrence | None:
    return slots.next_occurrence(_as_template(recurring))


def next_to_post(recurring: RecurringExpense, today: date) -> date | None:
    """The slot that is posted now, if its day has come."""
    return slots.next_to_post(_as_template(recurring), today)


def due_at(recurring: RecurringExpense, time_zone: str) -> datetime | None:
    """The instant from which the next one is to be posted. None: not now, or not any more."""
    return slots.due_at(_as_template(recurring), time_zone)


def require_stated(recurring: RecurringExpense) -> None:
    """A mask may name a field and leave it empty."""
    for name in ("draft", "schedule"):
        if not recurring.HasField(name):
            raise InvalidInput.of_field(name, "must be stated")


def require_general(draft: ExpenseDraft) -> None:
    """What only a single expense can have is in no recurring one. Nobody calls when it is posted: who pays must be said."""
    for name in _NOT_IN_DRAFTS:
        if getattr(draft, name):
            raise InvalidInput.of_field(name, "is not for recurring expenses")
    if not draft.payers:
        raise InvalidInput.of_field("payers", "must be stated")


def make_canonical(draft: ExpenseDraft) -> None:
    """Ids in their one way of writing, so that what the draft names can be found in it."""
    draft.refund_of_id = canonical(draft.refund_of_id)
    draft.receipt_ids[:] = [canonical(each) for each in draft.receipt_ids]
    for payer in draft.payers:
        payer.member_id = canonical(payer.member_id)
    if draft.HasField("split"):
        draft.split.CopyFrom(canonical_split(draft.split))


def first_day(recurring: RecurringExpense) -> Occurrence:
    """Stands for an occurrence of one that has ended."""
    starts_on = date.fromisoformat(recurring.schedule.starts_on)
    return Occurrence(starts_on, starts_on)


def compose_occurrence(recurring: RecurringExpense, occurrence: Occurrence) -> ExpenseDraft:
    """What is recorded for an occurrence, under an id that follows from it: it could not be there twice. Because the id is another each
    time, so is whoever bears a cent that cannot be divided."""
    draft = ExpenseDraft()
    draft.CopyFrom(recurring.draft)
    draft.booked_on = occurrence.booked_on.isoformat()
    draft.expense_id = str(uuid5(UUID(recurring.id), occurrence.slot_on.isoformat()))
    return draft


def note_id_of(recurring_id: UUID, version: int) -> UUID:
    """The request_id under which is noted why an occurrence of the recurring expense, as it was then, could not be posted."""
    return uuid5(recurring_id, f"problem {version}")
