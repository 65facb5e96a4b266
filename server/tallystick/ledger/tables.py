"""How are books and what is in them kept?"""

from datetime import date
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import (
    CHAR,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    and_,
    column,
    literal_column,
)

from tallystick.ledger.gist import compose_gist
from tallystick.ledger.transactions.rules_merging import MONEY, groups_of
from tallystick.merging import Merging, money_in
from tallystick.store.entity import Derived, Entity, Link
from tallystick.store.metadata import created_at, derived_table, entity_table, link_table, metadata, small_enum
from tallystick.v1.ledger_labels_pb2 import Payee, PaymentMethod, Tag
from tallystick.v1.ledger_links_pb2 import GroupLink
from tallystick.v1.ledger_pb2 import Account, Book, Category, Reconciliation, Transaction, TransactionStatus
from tallystick.v1.ledger_rates_pb2 import Rate
from tallystick.v1.ledger_rules_pb2 import Rule
from tallystick.v1.ledger_templates_pb2 import Template

_CLEARED: ColumnElement[int] = literal_column(str(int(TransactionStatus.TRANSACTION_STATUS_CLEARED)))


def _position() -> Column[Any]:
    return Column("position", Integer, nullable=False, server_default=literal_column("0"))


book = entity_table("book", Column("base_currency", CHAR(3), nullable=False))

# `private_to` is the only user who sees the row; row-level security holds the others off (migrations/guards.py).
account = entity_table(
    "account",
    Column("currency", CHAR(3), nullable=False),
    small_enum("type"),
    _position(),
    Column("private_to", Uuid),
)

category = entity_table(
    "category",
    small_enum("kind"),
    Column("parent_id", Uuid),
    _position(),
    ForeignKeyConstraint(["space_id", "parent_id"], ["category.space_id", "category.id"]),
)

payee = entity_table("payee")
payment_method = entity_table("payment_method")
tag = entity_table("tag")

# Every list is served newest date first, and within a date newest id first: each index ends with that pair, so that a page starts with
# one comparison. `gist` is the little of a transaction that a search over all of them needs, sealed apart from the body; rows from before
# it was kept have none.
transaction = entity_table(
    "transaction",
    Column("booked_on", Date, nullable=False),
    small_enum("kind"),
    Column("status", SmallInteger, nullable=False, server_default=_CLEARED),
    Column("payee_id", Uuid),
    Column("payment_method_id", Uuid),
    Column("refund_of_id", Uuid),
    Column("private_to", Uuid),
    Column("gist", LargeBinary),
    Index("ix_transaction_newest", "space_id", "booked_on", "id"),
    Index("ix_transaction_kind", "space_id", "kind", "booked_on", "id"),
    Index("ix_transaction_status", "space_id", "status", "booked_on", "id"),
    Index(
        "ix_transaction_payee",
        "space_id",
        "payee_id",
        "booked_on",
        "id",
        postgresql_where=column("payee_id").is_not(None),
    ),
    Index(
        "ix_transaction_payment_method",
        "space_id",
        "payment_method_id",
        "booked_on",
        "id",
        postgresql_where=column("payment_method_id").is_not(None),
    ),
    Index(
        "ix_transaction_refund_of",
        "space_id",
        "refund_of_id",
        postgresql_where=column("refund_of_id").is_not(None),
    ),
)

# One line of money in a transaction. Derived rows have no foreign keys: they follow from an entity in the same commit, whose command
# has read what they name under the space's lock, and nothing that they name is ever deleted. Each key would cost a query a row.
# An entry that its transaction has no more, or whose transaction is deleted, stays as a row that is not live and holds zero.
entry = derived_table(
    "entry",
    Column("transaction_id", Uuid, primary_key=True),
    Column("line", SmallInteger, primary_key=True),
    Column("account_id", Uuid, nullable=False),
    Column("category_id", Uuid),
    Column("currency", CHAR(3), nullable=False),
    Column("booked_on", Date, nullable=False),
    Column("amount", LargeBinary, nullable=False),
    Column("status", SmallInteger, nullable=False, server_default=_CLEARED),
    Column("live", Boolean, nullable=False, server_default=literal_column("true")),
    # Names what the bank calls it, on its account: a UUID made of both, because the bank's word may say more than it should.
    Column("import_id", Uuid),
    Index("ix_entry_account", "space_id", "account_id", "booked_on", "transaction_id"),
    Index("ix_entry_category", "space_id", "category_id", "booked_on", "transaction_id"),
    Index(
        "ix_entry_pending",
        "space_id",
        "account_id",
        "booked_on",
        postgresql_where=and_(column("live"), column("status") == literal_column("1")),
    ),
    # Not unique: an import key may go from one entry to another within a commit. Commands look under the space's lock.
    Index("ix_entry_import_id", "space_id", "import_id", postgresql_where=column("import_id").is_not(None)),
)

# Which transactions have a tag. A row whose transaction has it no more is not live.
transaction_tag = link_table(
    "transaction_tag",
    Column("transaction_id", Uuid, primary_key=True),
    Column("tag_id", Uuid, primary_key=True),
    Column("booked_on", Date, nullable=False),
    Column("live", Boolean, nullable=False),
    Index("ix_transaction_tag_newest", "space_id", "tag_id", "booked_on", "transaction_id"),
)

# What each account holds: the sum of its entries, and the sums of its months (sums.py). Only its own row changes, on its own page (fill
# factor).
balance = derived_table(
    "balance",
    Column("account_id", Uuid, primary_key=True),
    Column("amount", LargeBinary, nullable=False),
    postgresql_with={"fillfactor": "70"},
)

# The sum of the entries of one account, category, currency and month. The nil UUID stands for no category, because a key cannot
# hold a null.
total = derived_table(
    "total",
    Column("account_id", Uuid, primary_key=True),
    Column("category_id", Uuid, primary_key=True),
    Column("currency", CHAR(3), primary_key=True),
    Column("month", Date, primary_key=True),
    Column("amount", LargeBinary, nullable=False),
    postgresql_with={"fillfactor": "70"},
)

reconciliation = entity_table(
    "reconciliation",
    Column("account_id", Uuid, nullable=False),
    Column("statement_on", Date, nullable=False),
    Column("private_to", Uuid),
    Index("ix_reconciliation_account", "space_id", "account_id", "statement_on", "id"),
)

template = entity_table("template", small_enum("mode"), Column("next_on", Date), Column("private_to", Uuid))

# When each template that posts by itself is due next. It says no more than that, and stands outside row-level security, so that one
# query finds what is due in all spaces. `leased_until` keeps two servers from working on the same one at the same time.
template_due = Table(
    "template_due",
    metadata,
    Column("space_id", Uuid, primary_key=True),
    Column("template_id", Uuid, primary_key=True),
    Column("user_id", Uuid, nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("leased_until", DateTime(timezone=True)),
    Index("ix_template_due_at", "due_at"),
)

rate = entity_table(
    "rate",
    Column("base", CHAR(3), nullable=False),
    Column("quote", CHAR(3), nullable=False),
    Column("effective_on", Date, nullable=False),
    Index("ix_rate_newest", "space_id", "effective_on", "id"),
)

# What providers publish, for all books alike. Nothing of anybody is in it.
provider_rate = Table(
    "provider_rate",
    metadata,
    Column("source", Text, primary_key=True),
    Column("base", CHAR(3), primary_key=True),
    Column("quote", CHAR(3), primary_key=True),
    Column("effective_on", Date, primary_key=True),
    Column("rate", Text, nullable=False),
    created_at(),
    Index("ix_provider_rate_newest", "effective_on", "source", "base", "quote"),
)

rule = entity_table("rule", _position())

group_link = entity_table(
    "group_link",
    Column("group_id", Uuid, nullable=False),
    small_enum("state"),
)

# How far each book has followed each group, and in whose name. It says no more than that, and stands outside row-level security, so that
# one query finds which groups are ahead. `leased_until` keeps two servers from working on the same one at the same time.
group_follow = Table(
    "group_follow",
    metadata,
    Column("space_id", Uuid, primary_key=True),
    Column("link_id", Uuid, primary_key=True),
    Column("group_id", Uuid, nullable=False),
    Column("user_id", Uuid, nullable=False),
    Column("followed_seq", BigInteger, nullable=False),
    Column("leased_until", DateTime(timezone=True)),
    Index("ix_group_follow_group", "group_id"),
)


def _id(text_id: str) -> UUID | None:
    return UUID(text_id) if text_id else None


def import_id_of(account_id: UUID, import_key: str) -> UUID | None:
    return uuid5(account_id, import_key) if import_key else None


def _of_transaction(message: Transaction) -> dict[str, Any]:
    return {
        "booked_on": date.fromisoformat(message.booked_on),
        "kind": message.kind,
        "status": message.status or TransactionStatus.TRANSACTION_STATUS_CLEARED,
        "payee_id": _id(message.payee_id),
        "payment_method_id": _id(message.payment_method_id),
        "refund_of_id": _id(message.refund_of_id),
        "private_to": _id(message.private_to),
    }


def _of_account(message: Account) -> dict[str, Any]:
    return {
        "currency": message.currency,
        "type": message.type,
        "position": message.position,
        "private_to": _id(message.private_to),
    }


BOOK = Entity(book, Book, lambda message: {"base_currency": message.base_currency}, merging=money_in("base_currency"))
ACCOUNT = Entity(account, Account, _of_account)
CATEGORY = Entity(
    category,
    Category,
    lambda message: {"kind": message.kind, "parent_id": _id(message.parent_id), "position": message.position},
)
PAYEE = Entity(payee, Payee)
PAYMENT_METHOD = Entity(payment_method, PaymentMethod)
TAG = Entity(tag, Tag)
TRANSACTION = Entity(transaction, Transaction, _of_transaction, gist=compose_gist, merging=Merging(groups_of, MONEY))
RECONCILIATION = Entity(
    reconciliation,
    Reconciliation,
    lambda message: {
        "account_id": UUID(message.account_id),
        "statement_on": date.fromisoformat(message.statement_on),
        "private_to": _id(message.private_to),
    },
)
TEMPLATE = Entity(
    template,
    Template,
    lambda message: {
        "mode": message.mode,
        "next_on": date.fromisoformat(message.next_on) if message.next_on else None,
        "private_to": _id(message.private_to),
    },
    merging=money_in("draft", "schedule"),
)
RATE = Entity(
    rate,
    Rate,
    lambda message: {
        "base": message.base,
        "quote": message.quote,
        "effective_on": date.fromisoformat(message.on),
    },
    merging=money_in("rate"),
)
RULE = Entity(rule, Rule, lambda message: {"position": message.position})
GROUP_LINK = Entity(group_link, GroupLink, lambda message: {"group_id": UUID(message.group_id), "state": message.state})
ENTRY = Derived(entry)
BALANCE = Derived(balance)
TOTAL = Derived(total)
TRANSACTION_TAG = Link(transaction_tag)
