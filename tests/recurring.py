"""How do tests make templates, and ask about them? Short names for the calls that nearly every test of templates makes."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask

from people import BookOf, new_id
from tallystick_client.v1 import ledger_accounts_pb2, ledger_books_pb2, ledger_pb2, ledger_service_pb2, money_pb2
from tallystick_client.v1 import ledger_templates_pb2 as pb

POST, REMIND = pb.TemplateMode.TEMPLATE_MODE_POST, pb.TemplateMode.TEMPLATE_MODE_REMIND
EXPENSE = ledger_pb2.TransactionKind.TRANSACTION_KIND_EXPENSE
MONTHLY, DAILY = "FREQ=MONTHLY", "FREQ=DAILY"


def eur(minor: int) -> money_pb2.Money:
    return money_pb2.Money(currency="EUR", minor=minor)


def draft_of(book: BookOf, **other: Any) -> ledger_pb2.TransactionDraft:
    """An expense in cash; whatever is given replaces the usual."""
    usual: dict[str, Any] = {
        "kind": EXPENSE,
        "account_id": book.account_id,
        "category_id": book.spending_id,
        "amount": eur(950),
        "payee": "Landlord",
    }
    return ledger_pb2.TransactionDraft(**usual | other)


def schedule_of(starts_on: date | str = "2026-01-31", rule: str = MONTHLY, **other: Any) -> pb.Schedule:
    return pb.Schedule(starts_on=str(starts_on), rule=rule, **other)


def new_template(book: BookOf, **other: Any) -> pb.CreateTemplateRequest:
    """A request for a reminder of the rent at each month's end; whatever is given replaces the usual."""
    usual: dict[str, Any] = {
        "request_id": new_id(),
        "book_id": book.id,
        "name": "Rent",
        "draft": draft_of(book),
        "schedule": schedule_of(),
        "mode": REMIND,
    }
    return pb.CreateTemplateRequest(**usual | other)


async def make_template(book: BookOf, **other: Any) -> Any:
    return (await book.person.ledger.CreateTemplate(new_template(book, **other))).template


async def call(verb: str, template: Any, book: BookOf, **fields: Any) -> Any:
    """Makes a writing call about one template."""
    request = getattr(pb, f"{verb}Request")
    usual = {"request_id": new_id(), "book_id": book.id, "template_id": template.id}
    return await getattr(book.person.ledger, verb)(request(**usual | fields))


async def update(book: BookOf, template: Any, *paths: str, **fields: Any) -> Any:
    mask = {"update_mask": FieldMask(paths=paths)} if paths else {}
    return (await call("UpdateTemplate", template, book, **mask, **fields)).template


async def pause(book: BookOf, template: Any, *, paused: bool = True) -> Any:
    return await update(book, template, "paused", paused=paused)


async def skip(book: BookOf, template: Any, slot_on: str = "") -> Any:
    return (await call("SkipOccurrence", template, book, slot_on=slot_on)).template


async def execute(book: BookOf, template: Any, slot_on: str = "", **fields: Any) -> Any:
    return await call("ExecuteTemplate", template, book, slot_on=slot_on, **fields)


async def get(book: BookOf, template: Any) -> Any:
    request = pb.GetTemplateRequest(book_id=book.id, template_id=template.id)
    return (await book.person.ledger.GetTemplate(request)).template


async def preview(book: BookOf, template: Any, count: int = 3) -> list[str]:
    """The slots that come next."""
    request = pb.PreviewTemplateRequest(book_id=book.id, template_id=template.id, count=count)
    answer = await book.person.ledger.PreviewTemplate(request)
    return [occurrence.slot_on for occurrence in answer.occurrences]


async def list_due(book: BookOf, until_on: str = "", **other: Any) -> Any:
    request = pb.ListDueOccurrencesRequest(book_id=book.id, until_on=until_on, **other)
    return await book.person.ledger.ListDueOccurrences(request)


async def due_slots(book: BookOf, until_on: str = "") -> list[str]:
    return [occurrence.slot_on for occurrence in (await list_due(book, until_on, page_size=200)).occurrences]


async def set_time_zone(book: BookOf, name: str) -> None:
    request = ledger_books_pb2.UpdateBookRequest(request_id=new_id(), book_id=book.id, time_zone=name)
    await book.person.ledger.UpdateBook(request)


async def close_account(book: BookOf, closed_on: str) -> None:
    request = ledger_accounts_pb2.CloseAccountRequest(
        request_id=new_id(), book_id=book.id, account_id=book.account_id, closed_on=closed_on
    )
    await book.person.ledger.CloseAccount(request)


async def reopen_account(book: BookOf) -> None:
    request = ledger_accounts_pb2.ReopenAccountRequest(request_id=new_id(), book_id=book.id, account_id=book.account_id)
    await book.person.ledger.ReopenAccount(request)


async def posted_of(book: BookOf, template: Any) -> list[Any]:
    """The transactions that were posted from a template, by slot."""
    found, token = [], ""
    while True:
        page = await book.person.ledger.ListTransactions(
            ledger_service_pb2.ListTransactionsRequest(book_id=book.id, page_size=200, page_token=token)
        )
        found += [each for each in page.transactions if each.template_id == template.id]
        token = page.next_page_token
        if not token:
            return sorted(found, key=lambda each: str(each.slot_on))


def today() -> date:
    return datetime.now(UTC).date()


def days_ago(number: int) -> str:
    return (today() - timedelta(days=number)).isoformat()
