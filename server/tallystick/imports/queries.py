"""Which imports are there, what do their rows say, and which transactions of the book may they be?"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, Integer, SmallInteger, Text, Uuid, any_, bindparam, func, select

from tallystick.imports.rows import imported_id_of, is_wanted
from tallystick.imports.tables import (
    FILE_IMPORT,
    IMPORT_PROFILE,
    IMPORT_ROW,
    IMPORT_SECRET,
    file_import,
    import_profile,
    import_row,
    import_secret,
)
from tallystick.ledger.nouns.queries import list_nouns, noun
from tallystick.ledger.tables import entry, transaction
from tallystick.store.pages import Page, page_size
from tallystick.store.sealed import of_derived
from tallystick.store.statements import prepare
from tallystick.store.tables import journal
from tallystick.store.tx import ReadTx
from tallystick.v1.import_pb2 import Import, ImportStatus
from tallystick.v1.import_rows_pb2 import ImportRow, ListImportRowsRequest

SECRET_NAME = "import keys"  # noqa: S105 - what the secret is called

_SPACE_ID = bindparam("space_id", type_=Uuid)
_IMPORT_ID = bindparam("import_id", type_=Uuid)
_IDS = bindparam("ids", type_=ARRAY(Uuid))
_AFTER, _LIMIT = bindparam("after", type_=Integer), bindparam("limit", type_=Integer)

# What a proof opens.
ROWS, SECRETS = of_derived(IMPORT_ROW), of_derived(IMPORT_SECRET)
IMPORTS = noun(FILE_IMPORT, "import_id", ())
PROFILES = noun(IMPORT_PROFILE, "profile_id", ())
# Also deleted ones: what they made and took back may be taken in again.
STATUSES = prepare(
    select(file_import.c.id, file_import.c.status).where(
        file_import.c.space_id == _SPACE_ID, file_import.c.id == any_(_IDS)
    )
)
PROFILE_WITH_DELETED = prepare(
    select(import_profile.c.id, import_profile.c.version, import_profile.c.body, import_profile.c.deleted_at).where(
        import_profile.c.space_id == _SPACE_ID, import_profile.c.id == bindparam("id", type_=Uuid)
    )
)
SECRET = prepare(
    select(import_secret.c.version, import_secret.c.amount).where(
        import_secret.c.space_id == _SPACE_ID, import_secret.c.name == bindparam("name", type_=Text)
    )
)
_rows = (
    select(import_row.c.row_no, import_row.c.version, import_row.c.amount)
    .where(import_row.c.space_id == _SPACE_ID, import_row.c.import_id == _IMPORT_ID)
    .order_by(import_row.c.row_no)
)
ROWS_AFTER = prepare(_rows.where(import_row.c.row_no > _AFTER).limit(_LIMIT))
ROWS_IN_STATES = prepare(
    _rows.where(
        import_row.c.row_no > _AFTER, import_row.c.state == any_(bindparam("states", type_=ARRAY(SmallInteger)))
    ).limit(_LIMIT)
)
WANTED_AFTER = prepare(_rows.where(import_row.c.row_no > _AFTER, import_row.c.is_wanted).limit(_LIMIT))
ROWS_BY_NO = prepare(_rows.where(import_row.c.row_no == any_(bindparam("numbers", type_=ARRAY(Integer)))))
# What the book has under the names of rows, live or deleted.
BY_IMPORT_ID = prepare(
    select(
        entry.c.import_id, entry.c.transaction_id, entry.c.line, entry.c.live, entry.c.version, entry.c.amount
    ).where(entry.c.space_id == _SPACE_ID, entry.c.import_id == any_(_IDS))
)
# What moved an account in some days.
ENTRIES_NEAR = prepare(
    select(entry.c.transaction_id, entry.c.line, entry.c.booked_on, entry.c.version, entry.c.amount).where(
        entry.c.space_id == _SPACE_ID,
        entry.c.account_id == bindparam("account_id", type_=Uuid),
        entry.c.booked_on.between(bindparam("from_on", type_=Date), bindparam("until_on", type_=Date)),
        entry.c.live,
    )
)
# Of what an import made: as it is now, and how often it was written since it was made.
MADE = prepare(
    select(transaction.c.id, transaction.c.version, transaction.c.body, transaction.c.deleted_at).where(
        transaction.c.space_id == _SPACE_ID, transaction.c.id == any_(_IDS)
    )
)
WRITTEN = prepare(
    select(journal.c.entity_id, func.count())
    .where(journal.c.space_id == _SPACE_ID, journal.c.entity_id == any_(_IDS))
    .group_by(journal.c.entity_id)
)


async def get_import(tx: ReadTx, import_id: UUID) -> Import:
    return tx.require(FILE_IMPORT, await tx.fetch(IMPORTS.by_id(space_id=tx.space_id, id=import_id)))


async def list_imports(tx: ReadTx, request: Any, after: Sequence[str] | None) -> Page[Import]:
    return await list_nouns(tx, IMPORTS, request, after)


async def get_secret(tx: ReadTx) -> bytes:
    """Empty: the space has none yet."""
    rows = await tx.fetch(SECRET(space_id=tx.space_id, name=SECRET_NAME))
    return tx.open_cell(IMPORT_SECRET, rows[0][0], rows[0][1], name=SECRET_NAME) if rows else b""


async def list_rows(tx: ReadTx, request: ListImportRowsRequest, after: Sequence[str] | None) -> Page[ImportRow]:
    """A page in the order of the file. `after` is the number of the last row of the page before."""
    size, import_id = page_size(request.page_size), UUID(request.import_id)
    position = {
        "space_id": tx.space_id,
        "import_id": import_id,
        "after": int(after[0]) if after else 0,
        "limit": size + 1,
    }
    page = ROWS_IN_STATES(states=[*request.states], **position) if request.states else ROWS_AFTER(**position)
    found, rows = await tx.fetch_all(IMPORTS.by_id(space_id=tx.space_id, id=import_id), page)
    of_import = tx.require(FILE_IMPORT, [(row[0], row[1], row[2]) for row in found])
    items = [_shown(of_import, import_id, row) for row in open_rows(tx, import_id, rows[:size])]
    return Page(items, (str(items[-1].row_no),) if len(rows) > size else ())


def open_rows(tx: ReadTx, import_id: UUID, rows: Sequence[Sequence[Any]]) -> list[ImportRow]:
    return [
        ImportRow.FromString(tx.open_cell(IMPORT_ROW, version, cell, import_id=import_id, row_no=row_no))
        for row_no, version, cell in rows
    ]


def _shown(of_import: Import, import_id: UUID, row: ImportRow) -> ImportRow:
    """With what it became: that follows from how far the import is, and is not written into a hundred thousand rows."""
    is_over = of_import.status in {
        ImportStatus.IMPORT_STATUS_DONE,
        ImportStatus.IMPORT_STATUS_REVERTING,
        ImportStatus.IMPORT_STATUS_REVERTED,
    }
    if is_wanted(row) and (is_over or row.row_no <= of_import.processed_to):
        row.transaction_id = str(imported_id_of(import_id, row.row_no))
    return row


async def find_secret_and_import(tx: ReadTx, import_id: UUID) -> tuple[bytes, Import]:
    secret, found = await tx.fetch_all(
        SECRET(space_id=tx.space_id, name=SECRET_NAME), IMPORTS.by_id(space_id=tx.space_id, id=import_id)
    )
    of_import = tx.require(FILE_IMPORT, [(row[0], row[1], row[2]) for row in found])
    return (tx.open_cell(IMPORT_SECRET, secret[0][0], secret[0][1], name=SECRET_NAME) if secret else b""), of_import
