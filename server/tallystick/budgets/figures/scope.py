"""What of a book decides where its money belongs in a budget: its accounts, categories and members, as the caller sees them?"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from tallystick.budgets.allotting import Wants, with_children
from tallystick.ledger.accounts.queries import LIVE_ACCOUNTS, open_accounts
from tallystick.ledger.categories.queries import KINDS
from tallystick.store.statements import Call, prepare
from tallystick.store.tables import member
from tallystick.store.tx import ReadTx
from tallystick.v1.budget_items_pb2 import BudgetItem
from tallystick.v1.ledger_pb2 import Account, CategoryKind

_SPENDING = int(CategoryKind.CATEGORY_KIND_EXPENSE)
# What is held by nobody in particular.
NOBODY = ""
_MEMBERS = prepare(
    select(member.c.id, member.c.user_id).where(
        member.c.space_id == bindparam("space_id", type_=Uuid), member.c.user_id.is_not(None)
    )
)


@dataclass(frozen=True)
class Scope:
    """Accounts by id, with the member that holds each; categories with those that are below each, and whether they are for spending."""

    accounts: dict[UUID, Account]
    holders: dict[UUID, str]
    children: dict[UUID, list[UUID]]
    is_spending: dict[UUID, bool]
    today: date

    def accounts_in(self, currency: str) -> list[UUID]:
        return [account_id for account_id, account in self.accounts.items() if account.currency == currency]

    def accounts_not_in(self, currency: str) -> list[UUID]:
        return [account_id for account_id, account in self.accounts.items() if account.currency != currency]

    def wants_of(self, item: BudgetItem) -> Wants:
        categories = [UUID(each) for each in item.category_ids]
        return Wants(
            frozenset(categories) if item.without_children else with_children(categories, self.children),
            frozenset(UUID(each) for each in item.payee_ids),
            frozenset(UUID(each) for each in item.tag_ids),
            frozenset(UUID(each) for each in item.account_ids),
        )


def asked_of_scope(space_id: UUID) -> list[Call[*tuple[Any, ...]]]:
    return [LIVE_ACCOUNTS(space_id=space_id), KINDS(space_id=space_id), _MEMBERS(space_id=space_id)]


async def read_scope(tx: ReadTx, today: date) -> Scope:
    return open_scope(tx, await tx.fetch_all(*asked_of_scope(tx.space_id)), today)


def open_scope(tx: ReadTx, found: Sequence[Sequence[Any]], today: date) -> Scope:
    accounts, categories, members = found
    opened = {UUID(account.id): account for account in open_accounts(tx, accounts)}
    children: dict[UUID, list[UUID]] = defaultdict(list)
    for category_id, parent_id, _ in categories:
        if parent_id is not None:
            children[parent_id].append(category_id)
    member_of = {str(user_id): str(member_id) for member_id, user_id in members}
    return Scope(
        accounts=opened,
        holders={account_id: _holder_of(account, member_of) for account_id, account in opened.items()},
        children=children,
        is_spending={category_id: kind == _SPENDING for category_id, _, kind in categories},
        today=today,
    )


def _holder_of(account: Account, member_of: dict[str, str]) -> str:
    """Whoever is said to hold it; else, of a private account, its owner."""
    return account.held_by_member_id or member_of.get(account.private_to, NOBODY)


def categories_for(wanted: Iterable[Wants], scope: Scope, *, is_envelope: bool) -> list[UUID]:
    """The categories whose entries can matter. Of envelopes all do: also what comes in, and what is spent on nothing that was planned."""
    if is_envelope:
        return list(scope.is_spending)
    spending = [category_id for category_id, is_spending in scope.is_spending.items() if is_spending]
    each = [wants.category_ids for wants in wanted]
    if not all(each):
        return spending
    named = frozenset[UUID]().union(*each)
    return [category_id for category_id in spending if category_id in named]
