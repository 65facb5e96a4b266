"""What is asked for, is there such a thing, and what is its file called? Pure."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tallystick.errors import FieldViolation, InvalidInput
from tallystick.ledger.rules import require_date
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.export_pb2 import ExportContent, ExportFormat
from tallystick.v1.export_service_pb2 import ExportRequest
from tallystick.v1.ledger_service_pb2 import ListTransactionsRequest, TransactionOrder

_F, _C = ExportFormat, ExportContent


class Subject(StrEnum):
    """Of what."""

    BOOK = "book"
    GROUP = "group"
    EVERYTHING = "everything"


# What comes in which formats. The first content that a format has is what it is mostly wanted for.
OFFERS: dict[Subject, dict[ExportContent.ValueType, tuple[ExportFormat.ValueType, ...]]] = {
    Subject.BOOK: {
        _C.EXPORT_CONTENT_TRANSACTIONS: (_F.EXPORT_FORMAT_CSV,),
        _C.EXPORT_CONTENT_ALL: (_F.EXPORT_FORMAT_JSON,),
        _C.EXPORT_CONTENT_STATEMENT: (_F.EXPORT_FORMAT_QIF, _F.EXPORT_FORMAT_OFX, _F.EXPORT_FORMAT_PDF),
        _C.EXPORT_CONTENT_ACCOUNTS: (_F.EXPORT_FORMAT_CSV,),
        _C.EXPORT_CONTENT_BREAKDOWN: (_F.EXPORT_FORMAT_CSV,),
        _C.EXPORT_CONTENT_NET_WORTH: (_F.EXPORT_FORMAT_CSV,),
        _C.EXPORT_CONTENT_BUDGETS: (_F.EXPORT_FORMAT_CSV,),
        _C.EXPORT_CONTENT_REPORT: (_F.EXPORT_FORMAT_PDF,),
    },
    Subject.GROUP: {
        _C.EXPORT_CONTENT_EXPENSES: (_F.EXPORT_FORMAT_CSV,),
        _C.EXPORT_CONTENT_ALL: (_F.EXPORT_FORMAT_JSON,),
    },
    Subject.EVERYTHING: {_C.EXPORT_CONTENT_ALL: (_F.EXPORT_FORMAT_ZIP,)},
}
# Which fields say something about which contents. What says nothing is refused: the file would not be what was meant.
_TAKES: dict[str, tuple[ExportContent.ValueType, ...]] = {
    "account_id": (_C.EXPORT_CONTENT_STATEMENT,),
    "filter": (_C.EXPORT_CONTENT_TRANSACTIONS,),
    "kind": (_C.EXPORT_CONTENT_BREAKDOWN,),
    "step": (_C.EXPORT_CONTENT_NET_WORTH,),
    "currency": (_C.EXPORT_CONTENT_BREAKDOWN, _C.EXPORT_CONTENT_NET_WORTH, _C.EXPORT_CONTENT_REPORT),
    "from_on": (
        *(_C.EXPORT_CONTENT_TRANSACTIONS, _C.EXPORT_CONTENT_STATEMENT, _C.EXPORT_CONTENT_EXPENSES),
        *(_C.EXPORT_CONTENT_BREAKDOWN, _C.EXPORT_CONTENT_NET_WORTH, _C.EXPORT_CONTENT_REPORT),
    ),
    "until_on": (
        *(_C.EXPORT_CONTENT_TRANSACTIONS, _C.EXPORT_CONTENT_STATEMENT, _C.EXPORT_CONTENT_EXPENSES),
        *(_C.EXPORT_CONTENT_BREAKDOWN, _C.EXPORT_CONTENT_NET_WORTH, _C.EXPORT_CONTENT_REPORT),
        _C.EXPORT_CONTENT_BUDGETS,
    ),
}
CONTENT_TYPES = {
    _F.EXPORT_FORMAT_CSV: "text/csv; charset=utf-8",
    _F.EXPORT_FORMAT_JSON: "application/x-ndjson",
    _F.EXPORT_FORMAT_QIF: "application/qif",
    _F.EXPORT_FORMAT_OFX: "application/x-ofx",
    _F.EXPORT_FORMAT_PDF: "application/pdf",
    _F.EXPORT_FORMAT_ZIP: "application/zip",
}
_ENDINGS = {_F.EXPORT_FORMAT_JSON: "jsonl"}
_NAME_CHARS_MAX = 60
_NOT_IN_NAMES = re.compile(r"[^\w.-]+")
_OF_FILTER = (
    *("account_ids", "category_ids", "payee_ids", "tag_ids", "payment_method_ids"),
    *("kinds", "statuses", "currencies"),
)


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for, whole."""

    subject: Subject
    format: ExportFormat.ValueType
    content: ExportContent.ValueType
    from_on: date | None
    until_on: date | None

    @property
    def content_type(self) -> str:
        return CONTENT_TYPES[self.format]

    @property
    def word(self) -> str:
        """What it is, for the name of a file."""
        return _C.Name(self.content).removeprefix("EXPORT_CONTENT_").lower().replace("_", "-")

    @property
    def days(self) -> tuple[str, ...]:
        return tuple(day.isoformat() for day in (self.from_on, self.until_on) if day)


def read_order(request: ExportRequest) -> Order:
    subject = _SUBJECTS[request.WhichOneof("subject") or ""]
    offers = OFFERS[subject]
    format_, content = request.format, request.content
    if not format_:
        format_ = offers[content][0] if content in offers else next(iter(offers.values()))[0]
    if not content:
        content = next((each for each, formats in offers.items() if format_ in formats), content)
    if format_ not in offers.get(content, ()):
        raise _not_offered(request, offers)
    _require_fitting(request, format_, content)
    if content == _C.EXPORT_CONTENT_STATEMENT and not request.account_id:
        raise InvalidInput.of_field("account_id", "must be set: a statement is of one account")
    from_on = require_date("from_on", request.from_on) if request.from_on else None
    until_on = require_date("until_on", request.until_on) if request.until_on else None
    if from_on and until_on and from_on > until_on:
        raise InvalidInput.of_field("until_on", "is before from_on", ErrorReason.ERROR_REASON_INVALID_DATE)
    return Order(subject, format_, content, from_on, until_on)


_SUBJECTS = {"book_id": Subject.BOOK, "group_id": Subject.GROUP, "": Subject.EVERYTHING}


def _require_fitting(request: ExportRequest, format_: ExportFormat.ValueType, content: ExportContent.ValueType) -> None:
    for field, _ in request.ListFields():
        if content not in _TAKES.get(field.name, (content,)):
            raise InvalidInput.of_field(field.name, f"says nothing about {_C.Name(content)}")
    if request.HasField("table") and format_ != _F.EXPORT_FORMAT_CSV:
        raise InvalidInput.of_field("table", "is about CSV alone")


def _not_offered(
    request: ExportRequest, offers: dict[ExportContent.ValueType, tuple[ExportFormat.ValueType, ...]]
) -> InvalidInput:
    field = "format" if request.content in offers or not request.content else "content"
    reason = ErrorReason.ERROR_REASON_EXPORT_NOT_OFFERED
    return InvalidInput.of_field(field, "is not offered of what is asked for", reason)


def too_large(rows_max: int) -> InvalidInput:
    reason, text = ErrorReason.ERROR_REASON_EXPORT_TOO_LARGE, f"would be more than {rows_max} rows"
    violation = FieldViolation("from_on", "export_too_large", text)
    return InvalidInput(reason, f"It {text}.", metadata={"limit": str(rows_max)}, violations=[violation])


def compose_list_request(request: ExportRequest) -> ListTransactionsRequest:
    """The list of what is exported, the oldest first."""
    chosen = request.filter
    listed = ListTransactionsRequest(
        book_id=request.book_id,
        booked_from=request.from_on,
        booked_until=request.until_on,
        text=chosen.text,
        uncategorized=chosen.uncategorized,
        order_by=TransactionOrder.TRANSACTION_ORDER_DATE_ASCENDING,
    )
    for name in _OF_FILTER:
        getattr(listed, name).extend(getattr(chosen, name))
    if chosen.HasField("min_amount"):
        listed.min_amount.CopyFrom(chosen.min_amount)
    if chosen.HasField("max_amount"):
        listed.max_amount.CopyFrom(chosen.max_amount)
    return listed


def compose_file_name(*parts: str, format_: ExportFormat.ValueType) -> str:
    """Of the words that say best what it is."""
    ending = _ENDINGS.get(format_) or _F.Name(format_).removeprefix("EXPORT_FORMAT_").lower()
    return "-".join(filter(None, map(safe, parts))) + f".{ending}"


def safe(name: str) -> str:
    """What people call it, so that every system takes it as a part of the name of a file, and no path can be made of it."""
    return _NOT_IN_NAMES.sub("-", unicodedata.normalize("NFC", name)).strip("-.")[:_NAME_CHARS_MAX]
