"""A request for each call of the ledger that takes an id, which would succeed but for the id that a test puts in."""

from collections.abc import Mapping
from typing import Any

from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from people import BookOf, new_id
from tallystick_client.v1 import (
    ledger_labels_pb2,
    ledger_pb2,
    ledger_rates_pb2,
    ledger_rules_pb2,
    ledger_service_pb2,
    ledger_templates_pb2,
    ledger_transactions_pb2,
)
from tallystick_client.v1.money_pb2 import Money

_KINDS = ledger_pb2.TransactionKind
_EUR = Money(currency="EUR", minor=1)
_DAY = "2026-02-03"
_SERVICE = ledger_service_pb2.DESCRIPTOR.services_by_name["LedgerService"]


async def make_nouns(book: BookOf) -> dict[str, str]:
    """Something of everything that a book can hold, and its ids by the names of the fields that take them."""
    ledger = book.person.ledger
    common: dict[str, Any] = {"book_id": book.id}
    payee = await ledger.CreatePayee(ledger_labels_pb2.CreatePayeeRequest(request_id=new_id(), name="x", **common))
    method = await ledger.CreatePaymentMethod(
        ledger_labels_pb2.CreatePaymentMethodRequest(request_id=new_id(), name="x", **common)
    )
    tag = await ledger.CreateTag(ledger_labels_pb2.CreateTagRequest(request_id=new_id(), name="x", **common))
    template = await ledger.CreateTemplate(
        ledger_templates_pb2.CreateTemplateRequest(
            request_id=new_id(),
            name="x",
            draft=_draft(book),
            schedule=_schedule(),
            mode=ledger_templates_pb2.TemplateMode.TEMPLATE_MODE_REMIND,
            **common,
        )
    )
    rate = await ledger.SetRate(
        ledger_rates_pb2.SetRateRequest(request_id=new_id(), base="EUR", quote="USD", on=_DAY, rate="1.1", **common)
    )
    rule = await ledger.CreateRule(
        ledger_rules_pb2.CreateRuleRequest(request_id=new_id(), name="x", when=_when(), then=_then(book), **common)
    )
    other = await ledger.CreateCategory(
        ledger_service_pb2.CreateCategoryRequest(
            request_id=new_id(), name="y", kind=ledger_pb2.CategoryKind.CATEGORY_KIND_EXPENSE, **common
        )
    )
    return {
        "into_category_id": other.category.id,
        "payee_id": payee.payee.id,
        "payment_method_id": method.payment_method.id,
        "tag_id": tag.tag.id,
        "template_id": template.template.id,
        "rate_id": rate.rate.id,
        "rule_id": rule.rule.id,
    }


def compose(name: str, field: str, book: BookOf, ids: Mapping[str, str]) -> Message:
    """The request of a call, such that `field` can be set in it."""
    request_type: Any = GetMessageClass(_SERVICE.methods_by_name[name].input_type)
    own = {"book_id": book.id, **_target(request_type, ids), **_extras(name, book, ids), **_fitting(name, field, book)}
    if "request_id" in request_type.DESCRIPTOR.fields_by_name:
        own["request_id"] = new_id()
    request: Message = request_type(**own)
    return request


def _target(request_type: Any, ids: Mapping[str, str]) -> dict[str, Any]:
    """What the call is about: the first id after the book's."""
    others = ("book_id", "parent_id", "default_category_id", "paid_from_account_id")
    fields = request_type.DESCRIPTOR.fields_by_name
    names = [name for name in fields if name in ids and name not in others and not name.endswith("_ids")]
    is_new = "Create" in request_type.DESCRIPTOR.name
    return {} if is_new or not names else {names[0]: ids[names[0]]}


def _extras(name: str, book: BookOf, ids: Mapping[str, str]) -> dict[str, Any]:
    draft = ledger_transactions_pb2.TransactionUpdate(
        transaction_id=ids["transaction_id"], change=ledger_pb2.TransactionDraft(note="x")
    )
    usual: dict[str, dict[str, Any]] = {
        "CreateAccount": {"name": "x", "type": ledger_pb2.AccountType.ACCOUNT_TYPE_CASH, "currency": "EUR"},
        "UpdateAccount": {"name": "x"},
        "CloseAccount": {"closed_on": "2030-01-01"},
        "ListBalanceHistory": {"from_on": _DAY, "until_on": _DAY, "step": 1},
        "ReconcileAccount": {"statement_balance": _EUR, "statement_on": _DAY, "adjust": True},
        "CreateCategory": {"name": "x", "kind": ledger_pb2.CategoryKind.CATEGORY_KIND_EXPENSE},
        "UpdateCategory": {"name": "x"},
        "MergeCategories": {"into_category_id": ids["into_category_id"]},
        "ReorderCategories": {"category_ids": [ids["category_id"]]},
        "BatchCreateTransactions": {"transactions": [_draft(book, booked_on=_DAY)]},
        "BatchUpdateTransactions": {"updates": [draft]},
        "BatchDeleteTransactions": {"transaction_ids": [ids["transaction_id"]]},
        "UpdateTransaction": {"change": ledger_pb2.TransactionDraft(note="x")},
        "RevertTransaction": {"to_version": 1},
        "CreateTemplate": {"name": "x", "draft": _draft(book), "schedule": _schedule(), "mode": 2},
        "SetRate": {"base": "EUR", "quote": "CHF", "on": _DAY, "rate": "1"},
        "Convert": {"amount": _EUR, "to_currency": "USD", "on": _DAY},
        "CreateRule": {"name": "x", "when": _when(), "then": _then(book)},
        "ReorderRules": {"rule_ids": [ids["rule_id"]]},
        "PreviewRule": {"when": _when()},
    }
    named = {} if name == "CreateTransaction" else {"name": "x"}
    noun_updates = ("UpdateBook", "UpdatePayee", "UpdatePaymentMethod", "UpdateTag", "UpdateTemplate", "UpdateRule")
    made = ("CreatePayee", "CreatePaymentMethod", "CreateTag")
    if name == "CreateTransaction":
        return _fields_of(book.expense())
    return usual.get(name, named if name in (*noun_updates, *made) else {})


def _fitting(name: str, field: str, book: BookOf) -> dict[str, Any]:
    """What else must be said for the field to have its place."""
    if (name, field) == ("CreateTransaction", "to_account_id"):
        return {"kind": _KINDS.TRANSACTION_KIND_TRANSFER, "category_id": ""}
    if (name, field) == ("CreateTransaction", "refund_of_id"):
        return {"kind": _KINDS.TRANSACTION_KIND_REFUND}
    return {}


def _fields_of(request: Message) -> dict[str, Any]:
    return {field.name: value for field, value in request.ListFields()}


def _draft(book: BookOf, **other: Any) -> ledger_pb2.TransactionDraft:
    return ledger_pb2.TransactionDraft(
        kind=_KINDS.TRANSACTION_KIND_EXPENSE, account_id=book.account_id, amount=_EUR, **other
    )


def _schedule() -> ledger_templates_pb2.Schedule:
    return ledger_templates_pb2.Schedule(starts_on="2030-01-01", rule="FREQ=MONTHLY")


def _when() -> ledger_rules_pb2.RuleCondition:
    return ledger_rules_pb2.RuleCondition(payee_contains="x")


def _then(book: BookOf) -> ledger_rules_pb2.RuleOutcome:
    return ledger_rules_pb2.RuleOutcome(category_id=book.spending_id)
