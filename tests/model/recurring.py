"""What must a command on templates be answered, and what must be there after it? They recur monthly, on a day that all months have."""

from typing import Any
from uuid import UUID, uuid5

from model.drafts import composed, exists_on_calendar
from model.judging import settled
from model.state import Answer, Book, Command, Faults, Put, Step, changed, copied, require, require_new
from tallystick_client.v1 import ledger_templates_pb2 as pb
from tallystick_client.v1.ledger_pb2 import Transaction, TransactionDraft


def rule_of(day: int) -> str:
    return f"FREQ=MONTHLY;BYMONTHDAY={day}"


def following(slot_on: str) -> str:
    """The same day of the next month."""
    year, month, day = (int(part) for part in slot_on.split("-"))
    return f"{year + month // 12:04}-{month % 12 + 1:02}-{day:02}"


def first_slot(schedule: pb.Schedule) -> str:
    on = f"{schedule.starts_on[:8]}{int(schedule.rule.rpartition('=')[2]):02}"
    return on if on >= schedule.starts_on else following(on)


def create_template(book: Book, user: str, asked: pb.CreateTemplateRequest, said: Any) -> Answer:
    template = pb.Template(
        id=asked.template_id,
        book_id=book.id,
        name=asked.name.strip(),
        draft=asked.draft,
        schedule=asked.schedule,
        mode=asked.mode,
        next_on=first_slot(asked.schedule),
        user_id=user,
        version=book.next_seq,
    )
    no, draft = Faults(), asked.draft
    no.when(not template.name or not (draft.kind and draft.account_id and draft.HasField("amount")), "INVALID_FIELD")
    no.when(draft.booked_on or draft.import_key, "INVALID_FIELD")
    no.stop()
    made = _posted(book, user, template, template.next_on)
    template.private_to = made.private_to
    settled(book, user, [Step(None, made)])
    require_new(book, template.id, no)
    return pb.CreateTemplateResponse(template=template), [Put(template)]


def _posted(book: Book, user: str, template: pb.Template, booked_on: str) -> Transaction:
    draft: TransactionDraft = copied(template.draft)
    draft.booked_on = booked_on
    onto = Transaction(
        id=str(uuid5(UUID(template.id), template.next_on)),
        book_id=book.id,
        version=book.next_seq,
        template_id=template.id,
        slot_on=template.next_on,
    )
    return composed(book, user, draft, onto, ())


def _handled(book: Book, template: pb.Template, posted: int) -> pb.Template:
    return changed(
        book,
        template,
        handled_until=template.next_on,
        next_on=following(template.next_on),
        posted_count=template.posted_count + posted,
    )


def skip_occurrence(book: Book, user: str, asked: pb.SkipOccurrenceRequest, said: Any) -> Answer:
    after = _handled(book, require(book.find(user, pb.Template, asked.template_id)), 0)
    return pb.SkipOccurrenceResponse(template=after), [Put(after)]


def execute_template(book: Book, user: str, asked: pb.ExecuteTemplateRequest, said: Any) -> Answer:
    template: pb.Template = copied(require(book.find(user, pb.Template, asked.template_id)))
    no, booked_on = Faults(), asked.booked_on or template.next_on
    no.when(not exists_on_calendar(booked_on), "INVALID_DATE")
    no.when(asked.HasField("amount") and template.draft.splits, "INVALID_FIELD")
    no.stop()
    after = _handled(book, template, 1)
    if asked.HasField("amount"):
        template.draft.amount.CopyFrom(asked.amount)
    made = _posted(book, user, template, booked_on)
    balances = settled(book, user, [Step(None, made)])
    require_new(book, made.id, no)
    answer = pb.ExecuteTemplateResponse(transaction=made, template=after, balances=balances)
    return answer, [Put(made), Put(after)]


def delete_template(book: Book, user: str, asked: pb.DeleteTemplateRequest, said: Any) -> Answer:
    gone = changed(book, require(book.find(user, pb.Template, asked.template_id)))
    return pb.DeleteTemplateResponse(template=gone), [Put(gone, is_deleted=True)]


COMMANDS: dict[str, Command] = {
    "CreateTemplate": create_template,
    "SkipOccurrence": skip_occurrence,
    "ExecuteTemplate": execute_template,
    "DeleteTemplate": delete_template,
}
