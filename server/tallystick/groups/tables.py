"""How are groups and what is in them kept?"""

from datetime import date
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import CHAR, Column, Date, DateTime, Index, LargeBinary, SmallInteger, Table, Text, Uuid, column

from tallystick.groups.rules_merging import EXPENSE_MERGING
from tallystick.merging import money_in
from tallystick.store.entity import Derived, Entity
from tallystick.store.metadata import derived_table, entity_table, metadata, small_enum
from tallystick.v1.group_activity_pb2 import ExpenseComment
from tallystick.v1.group_expenses_pb2 import Expense
from tallystick.v1.group_members_pb2 import JoinRequest
from tallystick.v1.group_pb2 import Group
from tallystick.v1.group_plans_pb2 import SettlementPlan
from tallystick.v1.group_recurring_pb2 import RecurringExpense
from tallystick.v1.group_settlements_pb2 import Settlement

expense_group = entity_table("expense_group", Column("default_currency", CHAR(3), nullable=False))

join_request = entity_table(
    "join_request",
    Column("user_id", Uuid),
    small_enum("state"),
    Index("ix_join_request_user", "space_id", "user_id"),
)

# Every list is served newest date first, and within a date newest id first.
expense = entity_table(
    "expense",
    Column("booked_on", Date, nullable=False),
    Column("refund_of_id", Uuid),
    # Names what another program calls it: a UUID made of that and the group, because the word may say more than it should.
    Column("import_id", Uuid),
    Index("ix_expense_newest", "space_id", "booked_on", "id"),
    Index("ix_expense_refund_of", "space_id", "refund_of_id", postgresql_where=column("refund_of_id").is_not(None)),
    Index("ix_expense_import_id", "space_id", "import_id", postgresql_where=column("import_id").is_not(None)),
)

expense_comment = entity_table(
    "expense_comment",
    Column("expense_id", Uuid, nullable=False),
    Index("ix_expense_comment_expense", "space_id", "expense_id", "id"),
)

recurring_expense = entity_table("recurring_expense", Column("next_on", Date))

settlement = entity_table(
    "settlement",
    Column("booked_on", Date, nullable=False),
    small_enum("state"),
    Column("plan_id", Uuid),
    Index("ix_settlement_newest", "space_id", "booked_on", "id"),
)

settlement_plan = entity_table("settlement_plan", small_enum("state"))

# What is open among the members of a group in one currency: all nets and debts in one cell (sums/cells.py). Only its own row changes, on
# its own page.
tally = derived_table(
    "tally",
    Column("currency", CHAR(3), primary_key=True),
    Column("amount", LargeBinary, nullable=False),
    postgresql_with={"fillfactor": "70"},
)

# The groups that everybody may find. Their owners asked for it: nothing else of a group can be read without its key.
group_listing = Table(
    "group_listing",
    metadata,
    Column("space_id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("default_currency", CHAR(3), nullable=False),
    Column("join_policy", SmallInteger, nullable=False),
    Index("ix_group_listing_name", "name", "space_id"),
)

# When each recurring expense is due next. It says no more than that, and stands outside row-level security, so that one query finds what
# is due in all spaces. `leased_until` keeps two servers from working on the same one at the same time.
recurring_due = Table(
    "recurring_due",
    metadata,
    Column("space_id", Uuid, primary_key=True),
    Column("recurring_id", Uuid, primary_key=True),
    Column("user_id", Uuid, nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("leased_until", DateTime(timezone=True)),
    Index("ix_recurring_due_at", "due_at"),
)


def _id(text_id: str) -> UUID | None:
    return UUID(text_id) if text_id else None


def import_id_of(group_id: UUID, import_key: str) -> UUID | None:
    return uuid5(group_id, import_key) if import_key else None


def _of_expense(message: Expense) -> dict[str, Any]:
    return {
        "booked_on": date.fromisoformat(message.booked_on),
        "refund_of_id": _id(message.refund_of_id),
        "import_id": import_id_of(UUID(message.group_id), message.import_key),
    }


GROUP = Entity(
    expense_group,
    Group,
    lambda message: {"default_currency": message.default_currency},
    merging=money_in("default_split", "locked_until"),
)
JOIN_REQUEST = Entity(
    join_request, JoinRequest, lambda message: {"user_id": _id(message.user_id), "state": message.state}
)
EXPENSE = Entity(expense, Expense, _of_expense, merging=EXPENSE_MERGING)
EXPENSE_COMMENT = Entity(expense_comment, ExpenseComment, lambda message: {"expense_id": UUID(message.expense_id)})
RECURRING_EXPENSE = Entity(
    recurring_expense,
    RecurringExpense,
    lambda message: {"next_on": date.fromisoformat(message.next_on) if message.next_on else None},
    merging=money_in("draft", "schedule"),
)
SETTLEMENT = Entity(
    settlement,
    Settlement,
    lambda message: {
        "booked_on": date.fromisoformat(message.booked_on),
        "state": message.state,
        "plan_id": _id(message.plan_id),
    },
    merging=money_in("state"),
)
SETTLEMENT_PLAN = Entity(
    settlement_plan, SettlementPlan, lambda message: {"state": message.state}, merging=money_in("currencies", "state")
)
TALLY = Derived(tally)
