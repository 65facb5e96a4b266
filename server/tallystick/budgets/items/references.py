"""Is there what an item names? Categories for spending that are in use, payees, tags, and accounts that every member sees."""

from collections.abc import Iterable
from uuid import UUID

from tallystick.errors import InvalidInput, NotVisible
from tallystick.ledger.accounts.queries import list_all_accounts
from tallystick.ledger.categories.queries import CATEGORIES
from tallystick.ledger.categories.rules import require_not_archived, require_same_kind
from tallystick.ledger.labels.queries import PAYEES, TAGS
from tallystick.ledger.nouns.queries import get_many
from tallystick.store.tx import ReadTx
from tallystick.v1.budget_items_pb2 import BudgetItem
from tallystick.v1.ledger_pb2 import CategoryKind


async def require_named(tx: ReadTx, item: BudgetItem, before: BudgetItem | None) -> None:
    """Only what was not named before is held against how things are now: what has gone out of use since does no harm."""
    known = before or BudgetItem()
    await require_categories(tx, set(item.category_ids) - set(known.category_ids))
    await get_many(tx, PAYEES, [UUID(each) for each in set(item.payee_ids) - set(known.payee_ids)])
    await get_many(tx, TAGS, [UUID(each) for each in set(item.tag_ids) - set(known.tag_ids)])
    if fresh := set(item.account_ids) - set(known.account_ids):
        await _require_accounts(tx, fresh)


async def require_categories(tx: ReadTx, category_ids: Iterable[str]) -> None:
    wanted = [UUID(each) for each in sorted(category_ids)]
    if not wanted:
        return
    for category in await get_many(tx, CATEGORIES, wanted):
        require_same_kind("category_ids", category, CategoryKind.CATEGORY_KIND_EXPENSE)
        require_not_archived(category)


async def find_categories(tx: ReadTx, category_ids: Iterable[str]) -> set[str]:
    """Those of them that are there still."""
    rows = await tx.fetch(CATEGORIES.by_ids(space_id=tx.space_id, ids=[UUID(each) for each in category_ids]))
    return {str(row_id) for row_id, _, _ in rows}


async def _require_accounts(tx: ReadTx, account_ids: Iterable[str]) -> None:
    accounts = {account.id: account for account in await list_all_accounts(tx)}
    for account_id in sorted(account_ids):
        if account_id not in accounts:
            raise NotVisible
        if accounts[account_id].private_to:
            # Every member sees the item, and would learn of the account.
            raise InvalidInput.of_field("account_ids", "has an account that is private")
