"""What do commands about the book, categories, payees, payment methods, tags, rules and templates change?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from tallystick_client.offline.composing import canonical
from tallystick_client.offline.making import Making, Rule, shown_name
from tallystick_client.offline.masks import copy_of, overlay, take, touched
from tallystick_client.offline.refusals import CannotApply
from tallystick_client.offline.rows import Row
from tallystick_client.v1.ledger_books_pb2 import UpdateBookRequest
from tallystick_client.v1.ledger_labels_pb2 import Payee, PaymentMethod, Tag
from tallystick_client.v1.ledger_pb2 import Category, TransactionDraft
from tallystick_client.v1.ledger_rules_pb2 import Rule as FillingRule
from tallystick_client.v1.ledger_templates_pb2 import Template

_OF_BOOK = ("name", "base_currency", "first_day_of_week", "first_day_of_month", "time_zone")
_IDS_OF_DRAFT = ("account_id", "category_id", "to_account_id", "payee_id", "payment_method_id", "refund_of_id")


@dataclass(frozen=True, slots=True)
class Noun:
    """One kind of thing: which fields its requests share with it, and what its messages must look like."""

    kind: str
    message: Callable[..., Any]
    made_with: tuple[str, ...]
    changeable: tuple[str, ...]
    tidy: Callable[[Making, Any], None] = lambda making, each: None

    def id_in(self, command: Any) -> str:
        found: str = getattr(command, f"{self.kind}_id")
        return found


def _create(noun: Noun, making: Making, command: Any) -> Iterator[Row]:
    new_id = making.require_new(noun.kind, noun.id_in(command))
    made = noun.message(id=new_id, book_id=making.space_id, created_at=making.made_at)
    for name in noun.made_with:
        take(made, command, name)
    made.name = shown_name(made.name)
    noun.tidy(making, made)
    yield Row(noun.kind, made.id, made)


def _update(noun: Noun, making: Making, command: Any) -> Iterator[Row]:
    before = making.require(noun.kind, noun.id_in(command))
    names = touched(command.update_mask.paths, command, noun.changeable)
    after = overlay(before, command, names)
    if "name" in names:
        after.name = shown_name(after.name)
    noun.tidy(making, after)
    yield Row(noun.kind, after.id, after)


def _delete(noun: Noun, making: Making, command: Any) -> Iterator[Row]:
    before = making.require(noun.kind, noun.id_in(command))
    yield Row(noun.kind, before.id, before, deleted=True)


def _restore(noun: Noun, making: Making, command: Any) -> Iterator[Row]:
    """What it names may be gone."""
    before = making.find_deleted(noun.kind, noun.id_in(command))
    if before is None:
        return
    again = copy_of(before)
    for name, kind in (("parent_id", "category"), ("default_category_id", "category")):
        if name in again.DESCRIPTOR.fields_by_name and making.live(kind, getattr(again, name)) is None:
            setattr(again, name, "")
    yield Row(noun.kind, again.id, again)


def _reorder(noun: Noun, field: str, making: Making, command: Any) -> Iterator[Row]:
    """The named ones get the positions from 1 on."""
    for position, entity_id in enumerate(getattr(command, field), 1):
        each = copy_of(making.require(noun.kind, entity_id))
        each.position = position
        yield Row(noun.kind, each.id, each)


def _update_book(making: Making, command: UpdateBookRequest) -> Iterator[Row]:
    before = making.require("book", making.space_id)
    names = touched(command.update_mask.paths, command, _OF_BOOK)
    after = overlay(before, command, names)
    if "name" in names:
        after.name = shown_name(after.name)
    yield Row("book", after.id, after)


def _tidy_category(making: Making, category: Category) -> None:
    category.parent_id = canonical(category.parent_id)
    if not category.parent_id:
        return
    above: Category | None = making.require("category", category.parent_id)
    while above is not None:
        if above.id == category.id or above.kind != category.kind:
            raise CannotApply
        above = making.live("category", above.parent_id)


def _tidy_payee(making: Making, payee: Payee) -> None:
    payee.default_category_id = canonical(payee.default_category_id)


def _tidy_rule(making: Making, rule: FillingRule) -> None:
    if not rule.position:
        rule.position = (
            max((row.message.position for row in making.view.rows("rule") if not row.deleted), default=0) + 1
        )
    for part, names in (
        (rule.when, ("payee_id", "account_id")),
        (rule.then, ("category_id", "payee_id", "payment_method_id")),
    ):
        for name in names:
            setattr(part, name, canonical(getattr(part, name)))
    tag_ids = dict.fromkeys(canonical(tag_id) for tag_id in rule.then.tag_ids)
    rule.then.ClearField("tag_ids")
    rule.then.tag_ids.extend(tag_ids)


def _tidy_template(making: Making, template: Template) -> None:
    """When it recurs next is for the server to say."""
    template.user_id = template.user_id or making.user_id
    draft: TransactionDraft = template.draft
    for name in _IDS_OF_DRAFT:
        setattr(draft, name, canonical(getattr(draft, name)))


_CATEGORY = Noun(
    "category",
    Category,
    ("name", "kind", "parent_id", "position", "icon", "color"),
    ("name", "parent_id", "position", "icon", "color", "archived"),
    _tidy_category,
)
_RULE = Noun(
    "rule",
    FillingRule,
    ("name", "when", "then", "position"),
    ("name", "when", "then", "position", "disabled"),
    _tidy_rule,
)
_NOUNS = (
    _CATEGORY,
    _RULE,
    Noun("payee", Payee, ("name", "default_category_id"), ("name", "default_category_id"), _tidy_payee),
    Noun("payment_method", PaymentMethod, ("name", "icon"), ("name", "icon")),
    Noun("tag", Tag, ("name", "color"), ("name", "color")),
    Noun(
        "template",
        Template,
        ("name", "draft", "schedule", "mode"),
        ("name", "draft", "schedule", "mode", "paused"),
        _tidy_template,
    ),
)
_VERBS = {"create": _create, "update": _update, "delete": _delete, "restore": _restore}


def rules_of(*nouns: Noun) -> dict[str, Rule]:
    """What is alike for every kind of thing."""
    return {f"{verb}_{noun.kind}": partial(rule, noun) for noun in nouns for verb, rule in _VERBS.items()}


NOUN_RULES: dict[str, Rule] = rules_of(*_NOUNS) | {
    "update_book": _update_book,
    "reorder_categories": partial(_reorder, _CATEGORY, "category_ids"),
    "reorder_rules": partial(_reorder, _RULE, "rule_ids"),
}
