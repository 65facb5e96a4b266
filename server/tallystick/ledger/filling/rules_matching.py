"""Which rule fits a transaction, and what does it fill in? Pure: the rules are tried in their order, and the first that fits decides."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar
from uuid import UUID

from tallystick.ledger.folding import folded
from tallystick.ledger.gist import magnitude_of
from tallystick.ledger.rules import canonical
from tallystick.ledger.transactions.rules import CATEGORY_KIND_OF
from tallystick.v1.ledger_pb2 import CategoryKind, Transaction, TransactionDraft
from tallystick.v1.ledger_rules_pb2 import RuleOutcome

T = TypeVar("T")

# As many as the contract lets a transaction have.
TAGS_MAX = 20


# Texts are folded once each: an import asks every rule about every line. A cached property has no place in a class with slots.
@dataclass(frozen=True)
class Condition:
    """What a rule asks for. All that is given must hold; what is left empty asks for nothing."""

    payee_contains: str = ""
    text_contains: str = ""
    payee_id: str = ""
    account_id: str = ""
    min_minor: int | None = None
    max_minor: int | None = None
    currency: str = ""
    kinds: frozenset[int] = frozenset()

    @cached_property
    def wanted_in_payee(self) -> str:
        return folded(self.payee_contains)

    @cached_property
    def wanted_in_texts(self) -> str:
        return folded(self.text_contains)


@dataclass(frozen=True)
class Subject:
    """What a rule looks at in a transaction. The amount is a magnitude: spending 5 is 5."""

    payee: str
    note: str
    payee_id: str
    account_ids: frozenset[str]
    amount_minor: int
    currency: str
    kind: int

    @cached_property
    def folded_payee(self) -> str:
        return folded(self.payee)

    @cached_property
    def folded_note(self) -> str:
        return folded(self.note)


@dataclass(frozen=True, slots=True)
class ActiveRule:
    """A rule that may decide, without what it names and nothing new can have."""

    condition: Condition
    outcome: RuleOutcome
    category_kind: CategoryKind.ValueType


def matches(condition: Condition, subject: Subject) -> bool:
    # Text comes last: it costs the most.
    return (
        condition.payee_id in {"", subject.payee_id}
        and (not condition.account_id or condition.account_id in subject.account_ids)
        and condition.currency in {"", subject.currency}
        and (not condition.kinds or subject.kind in condition.kinds)
        and _is_within(condition, subject)
        and condition.wanted_in_payee in subject.folded_payee
        and (condition.wanted_in_texts in subject.folded_payee or condition.wanted_in_texts in subject.folded_note)
    )


def first_match(conditions: Iterable[tuple[T, Condition]], subject: Subject) -> T | None:
    return next((found for found, condition in conditions if matches(condition, subject)), None)


def apply_rules(rules: Sequence[ActiveRule], draft: TransactionDraft) -> None:
    """Fills in what the draft leaves open, as the first rule that fits says."""
    rule = first_match(((rule, rule.condition) for rule in rules), subject_of_draft(draft))
    if rule is None:
        return
    then = rule.outcome
    if not draft.splits and not draft.category_id and rule.category_kind == CATEGORY_KIND_OF.get(draft.kind):
        draft.category_id = then.category_id
    draft.payee_id = draft.payee_id or then.payee_id
    draft.payment_method_id = draft.payment_method_id or then.payment_method_id
    has = {UUID(tag_id) for tag_id in draft.tag_ids}
    new = [tag_id for tag_id in then.tag_ids if UUID(tag_id) not in has]
    draft.tag_ids.extend(new[: TAGS_MAX - len(draft.tag_ids)])


def subject_of_draft(draft: TransactionDraft) -> Subject:
    accounts = {draft.account_id, draft.to_account_id, *(split.account_id for split in draft.splits)}
    if draft.splits and all(split.account_id for split in draft.splits):
        # Nothing is booked on the account that stands for splits without one.
        accounts.discard(draft.account_id)
    return Subject(
        payee=draft.payee,
        note=draft.note,
        payee_id=canonical(draft.payee_id),
        account_ids=frozenset(canonical(account_id) for account_id in accounts if account_id),
        amount_minor=draft.amount.minor,
        currency=draft.amount.currency,
        kind=draft.kind,
    )


def subject_of(transaction: Transaction) -> Subject:
    amount = magnitude_of(transaction)
    return Subject(
        payee=transaction.payee,
        note=transaction.note,
        payee_id=transaction.payee_id,
        account_ids=frozenset(entry.account_id for entry in transaction.entries),
        amount_minor=amount.minor,
        currency=amount.currency,
        kind=transaction.kind,
    )


def _is_within(condition: Condition, subject: Subject) -> bool:
    """Both bounds belong to the range. Bounds in no currency fit nothing: 1000 is a coffee in yen, and a phone in euros."""
    if condition.min_minor is None and condition.max_minor is None:
        return True
    return (
        condition.currency == subject.currency
        and (condition.min_minor is None or condition.min_minor <= subject.amount_minor)
        and (condition.max_minor is None or subject.amount_minor <= condition.max_minor)
    )
