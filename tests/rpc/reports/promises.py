"""What does every report promise? Who may ask, what is not there, and what days and currencies are refused."""

from typing import Any

from people import BookOf, Person, new_id, refusal_of, sign_up
from rpc.ledger.accounts import PENDING
from rpc.reports.household import ask, get
from rpc.spaces.sharing import VIEWER, share
from tallystick_client.v1.money_pb2 import Money

# Ids that are nobody's fit nothing.
NOBODYS: list[dict[str, Any]] = [
    {name: [new_id()]} for name in ("account_ids", "category_ids", "payee_ids", "tag_ids", "payment_method_ids")
] + [{"member_id": new_id()}]
SEEKING: list[dict[str, Any]] = [
    {"text": "rye"},
    {"statuses": [PENDING]},
    {"min_amount": Money(currency="EUR", minor=1)},
]


async def keeps_the_promises_of_a_report(book: BookOf, stranger: Person, name: str) -> None:
    """A viewer is answered as the owner is; a stranger's and a missing book are not there; a currency must exist, and a day, too."""
    viewer = await sign_up(book.person.client, "Vic")
    await share(book.person, book.id, viewer, VIEWER)
    mine, theirs = [await get(person, name, book.id) for person in (book.person, viewer)]
    assert mine == theirs
    for refused in (ask(name, book.id), ask(name, new_id())):
        assert (await refusal_of(getattr(stranger.reports, f"Get{name}")(refused))).reason == "NOT_FOUND"
    await is_refused(book, name, "UNKNOWN_CURRENCY", currency="QQQ")


async def is_refused(book: BookOf, name: str, reason: str, **fields: Any) -> tuple[str, ...]:
    """Returns the fields that are wrong."""
    refused = await refusal_of(getattr(book.person.reports, f"Get{name}")(ask(name, book.id, **fields)))
    assert refused.reason == reason
    return refused.fields


async def refuses_wrong_spans(book: BookOf, name: str) -> None:
    for days in (
        {"from_on": "2026-02-02", "until_on": "2026-02-01"},
        {"from_on": "2026-02-30"},
        {"until_on": "2026-13-01"},
        {"from_on": "1900-01-01", "until_on": "2000-01-02"},
    ):
        await is_refused(book, name, "INVALID_DATE", **days)


async def refuses_wrong_amounts(book: BookOf, name: str) -> None:
    """Of a filter it says that it is the filter's."""
    eur, usd = Money(currency="EUR", minor=1), Money(currency="USD", minor=1)
    fields = await is_refused(book, name, "CURRENCY_MISMATCH", filter={"min_amount": eur, "max_amount": usd})
    assert fields == ("filter.max_amount.currency",)


def days(first: str, last: str) -> dict[str, str]:
    return {"from_on": first, "until_on": last}
