"""What is a rule that somebody may keep? Pure: what it looks for and fills in is judged, and brought into its one form."""

from collections.abc import Iterator
from uuid import UUID

from tallystick.errors import InvalidInput
from tallystick.ledger.filling.rules_matching import Condition
from tallystick.ledger.folding import folded
from tallystick.ledger.rules import canonical, require_currency
from tallystick.ledger.transactions.rules import EXPENSE, INCOME, REFUND
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.ledger_rules_pb2 import Rule, RuleCondition, RuleOutcome
from tallystick.v1.money_pb2 import Money

# Transfers and what other calls make are looked at only by rules that say so.
KINDS_USUAL = frozenset({EXPENSE, INCOME, REFUND})

# What a rule names: the table, and the id.
Name = tuple[str, UUID]


def require_condition(when: RuleCondition) -> None:
    """Says what to look for, in one currency, and nothing that no transaction can be."""
    is_given = (
        folded(when.payee_contains),
        folded(when.text_contains),
        when.payee_id,
        when.account_id,
        when.HasField("min_amount"),
        when.HasField("max_amount"),
        when.kinds,
    )
    if not any(is_given):
        raise InvalidInput.of_field("when", "must look for something")
    if when.HasField("min_amount"):
        _require_bound("when.min_amount", when.min_amount)
    if when.HasField("max_amount"):
        _require_bound("when.max_amount", when.max_amount)
    if when.HasField("min_amount") and when.HasField("max_amount"):
        _require_range(when)


def _require_bound(field: str, amount: Money) -> None:
    require_currency(f"{field}.currency", amount.currency)
    if amount.minor < 0:
        raise InvalidInput.of_field(f"{field}.minor", "must not be below zero: spending 5 is 5")


def _require_range(when: RuleCondition) -> None:
    if when.min_amount.currency != when.max_amount.currency:
        raise InvalidInput.of_field(
            "when.max_amount.currency",
            "is not the currency of the least amount",
            ErrorReason.ERROR_REASON_CURRENCY_MISMATCH,
        )
    if when.min_amount.minor > when.max_amount.minor:
        raise InvalidInput.of_field("when.max_amount.minor", "is below the least amount")


def require_outcome(then: RuleOutcome) -> None:
    if not any((then.category_id, then.payee_id, then.payment_method_id, then.tag_ids)):
        raise InvalidInput.of_field("then", "must fill in something")


def condition_of(when: RuleCondition) -> Condition:
    has_min, has_max = when.HasField("min_amount"), when.HasField("max_amount")
    return Condition(
        payee_contains=when.payee_contains,
        text_contains=when.text_contains,
        payee_id=canonical(when.payee_id),
        account_id=canonical(when.account_id),
        min_minor=when.min_amount.minor if has_min else None,
        max_minor=when.max_amount.minor if has_max else None,
        currency=when.min_amount.currency or when.max_amount.currency,
        kinds=frozenset(when.kinds) or KINDS_USUAL,
    )


def make_canonical(rule: Rule) -> None:
    """Brings the ids that the rule names into their one form."""
    rule.when.payee_id = canonical(rule.when.payee_id)
    rule.when.account_id = canonical(rule.when.account_id)
    rule.then.category_id = canonical(rule.then.category_id)
    rule.then.payee_id = canonical(rule.then.payee_id)
    rule.then.payment_method_id = canonical(rule.then.payment_method_id)
    tag_ids = dict.fromkeys(canonical(tag_id) for tag_id in rule.then.tag_ids)
    rule.then.ClearField("tag_ids")
    rule.then.tag_ids.extend(tag_ids)


def names_of(rule: Rule) -> frozenset[Name]:
    return frozenset(_names_of(rule))


def _names_of(rule: Rule) -> Iterator[Name]:
    pairs = [
        ("payee", rule.when.payee_id),
        ("account", rule.when.account_id),
        ("category", rule.then.category_id),
        ("payee", rule.then.payee_id),
        ("payment_method", rule.then.payment_method_id),
        *(("tag", tag_id) for tag_id in rule.then.tag_ids),
    ]
    yield from ((table, UUID(text_id)) for table, text_id in pairs if text_id)
