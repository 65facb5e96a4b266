"""Which rows of a book are proven besides its entities?"""

from sqlalchemy import Uuid, bindparam, func, select

from tallystick.files import queries as files
from tallystick.imports import queries as imports
from tallystick.ledger import tables
from tallystick.ledger.proof.rules import NAMED_BY
from tallystick.proof.walking import CellWalk, EntityWalk, Walk, existing
from tallystick.store.statements import prepare

_transaction = tables.transaction

TRANSACTION_COUNT = prepare(
    select(func.count()).where(
        _transaction.c.space_id == bindparam("space_id", type_=Uuid), _transaction.c.deleted_at.is_(None)
    )
)
EXISTING = existing(NAMED_BY.values())

ACCOUNTS = EntityWalk(tables.ACCOUNT)
ENTRIES = Walk(
    tables.entry,
    [tables.entry.c.transaction_id, tables.entry.c.line],
    tables.entry.c.version,
    tables.entry.c.amount,
    tables.entry.c.account_id,
    tables.entry.c.category_id,
    tables.entry.c.currency,
    tables.entry.c.booked_on,
    tables.entry.c.status,
    tables.entry.c.live,
    tables.entry.c.import_id,
)
TAGS = Walk(
    tables.transaction_tag,
    [tables.transaction_tag.c.transaction_id, tables.transaction_tag.c.tag_id],
    tables.transaction_tag.c.version,
    tables.transaction_tag.c.booked_on,
    tables.transaction_tag.c.live,
)
BALANCES = Walk(tables.balance, [tables.balance.c.account_id], tables.balance.c.version, tables.balance.c.amount)
TOTALS = Walk(
    tables.total,
    [tables.total.c.account_id, tables.total.c.category_id, tables.total.c.currency, tables.total.c.month],
    tables.total.c.version,
    tables.total.c.amount,
)
CELLS = CellWalk(files.KEYS), CellWalk(imports.ROWS)
IMPORT_SECRETS = CellWalk(imports.SECRETS)
TRANSACTION_NAME = _transaction.name
