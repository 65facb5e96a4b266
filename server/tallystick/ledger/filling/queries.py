"""What are the rules of a book, what do they name, and which transactions would one fit?"""

import asyncio
from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ARRAY, Date, Integer, SmallInteger, Uuid, any_, bindparam, func, select, tuple_

from tallystick.errors import NotVisible
from tallystick.ledger.categories.queries import CATEGORIES
from tallystick.ledger.categories.rules import require_not_archived
from tallystick.ledger.filling.rules import Name, condition_of, names_of, require_condition
from tallystick.ledger.filling.rules_matching import ActiveRule, matches, subject_of
from tallystick.ledger.nouns.queries import ID_MIN, POSITION_MIN, SLICE_ROWS, listed_by_position, noun
from tallystick.ledger.tables import CATEGORY, RULE, TRANSACTION, account, rule, transaction
from tallystick.ledger.transactions.references import LABELS
from tallystick.store.pages import Page, page_of, page_size
from tallystick.store.statements import prepare
from tallystick.store.tx import ReadTx
from tallystick.v1.ledger_pb2 import Category, CategoryKind, Transaction
from tallystick.v1.ledger_rules_pb2 import ListRulesRequest, PreviewRuleRequest, Rule, RuleOutcome

# So many rows one call looks at: a rule that fits nothing must not hold the server through a long history.
PREVIEW_ROWS_MAX = 20_000

_SPACE_ID = bindparam("space_id", type_=Uuid)
_IDS = bindparam("ids", type_=ARRAY(Uuid))

RULES = noun(RULE, "rule_id", ("name", "when", "then", "position", "disabled"))
LISTED = listed_by_position(RULE)
IN_ORDER = prepare(
    select(rule.c.id, rule.c.version, rule.c.body)
    .where(rule.c.space_id == _SPACE_ID, rule.c.deleted_at.is_(None))
    .order_by(rule.c.position, rule.c.id)
)
LAST_POSITION = prepare(
    select(func.max(rule.c.position)).where(rule.c.space_id == _SPACE_ID, rule.c.deleted_at.is_(None))
)
ACCOUNT_IDS = prepare(
    select(account.c.id).where(
        account.c.space_id == _SPACE_ID, account.c.id == any_(_IDS), account.c.deleted_at.is_(None)
    )
)
OLDER_TRANSACTIONS = prepare(
    select(transaction.c.id, transaction.c.version, transaction.c.body)
    .where(
        transaction.c.space_id == _SPACE_ID,
        transaction.c.deleted_at.is_(None),
        transaction.c.kind == any_(bindparam("kinds", type_=ARRAY(SmallInteger))),
        tuple_(transaction.c.booked_on, transaction.c.id)
        < tuple_(bindparam("before_day", type_=Date), bindparam("before_id", type_=Uuid)),
    )
    .order_by(transaction.c.booked_on.desc(), transaction.c.id.desc())
    .limit(bindparam("limit", type_=Integer))
)
_NEWEST = (date.max, UUID(int=2**128 - 1))


async def list_rules(tx: ReadTx, request: ListRulesRequest, after: Sequence[str] | None) -> Page[Rule]:
    """A page in the order in which they decide. `after` is the position and id of the last one of the page before."""
    size = page_size(request.page_size)
    position, last_id = (int(after[0]), UUID(after[1])) if after else (POSITION_MIN, ID_MIN)
    rows = await tx.fetch(
        LISTED(
            space_id=tx.space_id,
            deleted=request.deleted,
            after_position=position,
            after_id=last_id,
            limit=size + 1,
        )
    )
    return page_of(tx, RULE, rows, size, lambda last: (str(last.position), last.id))


async def get_last_position(tx: ReadTx) -> int:
    """The position of the rule that decides last. 0: there is none."""
    return (await tx.fetch(LAST_POSITION(space_id=tx.space_id)))[0][0] or 0


async def require_named(tx: ReadTx, names: Collection[Name]) -> None:
    """Whether all of it is there, and something new may have it."""
    found, categories = await _find_named(tx, names)
    if not found >= set(names):
        raise NotVisible
    for category in categories.values():
        require_not_archived(category)


async def list_active(tx: ReadTx) -> list[ActiveRule]:
    """The rules that may decide, in their order. What they name and is gone, or is out of use, they do not fill in."""
    opened = [tx.open(RULE, row) for row in await tx.fetch(IN_ORDER(space_id=tx.space_id))]
    rules = [rule for rule in opened if not rule.disabled]
    if not rules:
        return []
    found, categories = await _find_named(tx, {name for rule in rules for name in names_of(rule)})
    usable = found - {("category", UUID(one.id)) for one in categories.values() if one.archived}
    return [
        ActiveRule(condition_of(rule.when), _usable_part(rule.then, usable), _kind_of(rule.then, categories))
        for rule in rules
    ]


async def list_fitting(tx: ReadTx, request: PreviewRuleRequest, after: Sequence[str] | None) -> Page[Transaction]:
    """Transactions that the rule would fit, newest first. `after` is the day and id of the last row that the page before looked at;
    a page that looked at enough rows ends with fewer than it may hold."""
    require_condition(request.when)
    condition, size = condition_of(request.when), page_size(request.page_size)
    position = (date.fromisoformat(after[0]), UUID(after[1])) if after else _NEWEST
    fitting: list[Transaction] = []
    for _ in range(PREVIEW_ROWS_MAX // SLICE_ROWS):
        rows = await tx.fetch(
            OLDER_TRANSACTIONS(
                space_id=tx.space_id,
                kinds=sorted(condition.kinds),
                before_day=position[0],
                before_id=position[1],
                limit=SLICE_ROWS,
            )
        )
        for number, row in enumerate(rows, 1):
            looked_at = tx.open(TRANSACTION, row)
            position = (date.fromisoformat(looked_at.booked_on), UUID(looked_at.id))
            if matches(condition, subject_of(looked_at)):
                fitting.append(looked_at)
            if len(fitting) == size and (number < len(rows) or len(rows) == SLICE_ROWS):
                return Page(fitting, (position[0].isoformat(), str(position[1])))
        if len(rows) < SLICE_ROWS:
            return Page(fitting, ())
        await asyncio.sleep(0)
    return Page(fitting, (position[0].isoformat(), str(position[1])))


async def _find_named(tx: ReadTx, names: Collection[Name]) -> tuple[set[Name], dict[UUID, Category]]:
    """What of it is there, and the categories among it."""
    by_table: dict[str, list[UUID]] = {"account": [], "category": [], "label": []}
    for table, one in names:
        by_table.get(table, by_table["label"]).append(one)
    accounts, categories, labels = await tx.fetch_all(
        ACCOUNT_IDS(space_id=tx.space_id, ids=by_table["account"]),
        CATEGORIES.by_ids(space_id=tx.space_id, ids=by_table["category"]),
        LABELS(space_id=tx.space_id, ids=by_table["label"]),
    )
    opened = {row[0]: tx.open(CATEGORY, (row[0], row[1], row[2])) for row in categories}
    found: set[Name] = {("account", row[0]) for row in accounts}
    found |= {("category", one) for one in opened}
    found |= {(row[0], row[1]) for row in labels}
    return found, opened


def _usable_part(then: RuleOutcome, usable: Collection[Name]) -> RuleOutcome:
    def keep(table: str, text_id: str) -> str:
        return text_id if text_id and (table, UUID(text_id)) in usable else ""

    return RuleOutcome(
        category_id=keep("category", then.category_id),
        payee_id=keep("payee", then.payee_id),
        payment_method_id=keep("payment_method", then.payment_method_id),
        tag_ids=[tag_id for tag_id in then.tag_ids if keep("tag", tag_id)],
    )


def _kind_of(then: RuleOutcome, categories: dict[UUID, Category]) -> CategoryKind.ValueType:
    category = categories.get(UUID(then.category_id)) if then.category_id else None
    return category.kind if category else CategoryKind.CATEGORY_KIND_UNSPECIFIED
