"""How are books, accounts, categories and transactions kept?"""

from datetime import date
from uuid import UUID

from sqlalchemy import CHAR, Column, Date, ForeignKeyConstraint, Index, LargeBinary, SmallInteger, Uuid

from tallystick.store.entity import Derived, Entity
from tallystick.store.metadata import derived_table, entity_table, small_enum
from tallystick.v1.ledger_pb2 import Account, Book, Category, Transaction

book = entity_table("book", Column("base_currency", CHAR(3), nullable=False))

account = entity_table("account", Column("currency", CHAR(3), nullable=False), small_enum("type"))

category = entity_table(
    "category",
    small_enum("kind"),
    Column("parent_id", Uuid),
    ForeignKeyConstraint(["space_id", "parent_id"], ["category.space_id", "category.id"]),
)

transaction = entity_table(
    "transaction",
    Column("booked_on", Date, nullable=False),
    small_enum("kind"),
    # Serves lists: newest date first, and within a date the newest id. Both columns run the same way, so that a page starts
    # with one comparison of a pair.
    Index("ix_transaction_newest", "space_id", "booked_on", "id"),
)

# One line of money in a transaction. Derived rows have no foreign keys: they follow from an entity in the same commit, whose command
# has read what they name under the space's lock, and nothing that they name is ever deleted. Each key would cost a query a row.
entry = derived_table(
    "entry",
    Column("transaction_id", Uuid, primary_key=True),
    Column("line", SmallInteger, primary_key=True),
    Column("account_id", Uuid, nullable=False),
    Column("category_id", Uuid),
    Column("currency", CHAR(3), nullable=False),
    Column("booked_on", Date, nullable=False),
    Column("amount", LargeBinary, nullable=False),
    Index("ix_entry_account", "space_id", "account_id", "booked_on", "transaction_id"),
)

# What each account holds: the sum of its entries. Only its own row changes, on its own page (fill factor).
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

BOOK = Entity(book, Book, lambda message: {"base_currency": message.base_currency})
ACCOUNT = Entity(account, Account, lambda message: {"currency": message.currency, "type": message.type})
CATEGORY = Entity(
    category,
    Category,
    lambda message: {"kind": message.kind, "parent_id": UUID(message.parent_id) if message.parent_id else None},
)
TRANSACTION = Entity(
    transaction,
    Transaction,
    lambda message: {"booked_on": date.fromisoformat(message.booked_on), "kind": message.kind},
)
ENTRY = Derived(entry)
BALANCE = Derived(balance)
TOTAL = Derived(total)
