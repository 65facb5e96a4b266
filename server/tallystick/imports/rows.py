"""How does a line of a file become a row of an import, and a row a draft? Pure."""

from collections.abc import Mapping, Sequence
from uuid import UUID, uuid5

from tallystick.imports.reading.lines import Line, RowError
from tallystick.ledger.folding import folded
from tallystick.ledger.transactions.rules import EXPENSE, INCOME, TRANSFER
from tallystick.v1.import_pb2 import ImportAccount, ImportCategory
from tallystick.v1.import_rows_pb2 import ImportRow, ImportRowAction, ImportRowState
from tallystick.v1.ledger_pb2 import Account, Category, CategoryKind, TransactionDraft, TransactionStatus
from tallystick.v1.money_pb2 import Money

NEW = ImportRowState.IMPORT_ROW_STATE_NEW
DUPLICATE = ImportRowState.IMPORT_ROW_STATE_DUPLICATE
ERROR = ImportRowState.IMPORT_ROW_STATE_ERROR
SKIPPED = ImportRowState.IMPORT_ROW_STATE_SKIPPED
OTHER_SIDE = ImportRowState.IMPORT_ROW_STATE_OTHER_SIDE
IMPORT = ImportRowAction.IMPORT_ROW_ACTION_IMPORT
SKIP = ImportRowAction.IMPORT_ROW_ACTION_SKIP
# Which rows somebody may want all the same.
IMPORTABLE = frozenset({NEW, DUPLICATE})

# As long as the contract lets these be.
PAYEE_CHARS_MAX, NOTE_CHARS_MAX = 200, 2000


def is_wanted(row: ImportRow) -> bool:
    """Whether it is to be imported."""
    if row.state not in IMPORTABLE or row.action == SKIP:
        return False
    return row.state == NEW or row.action == IMPORT


def imported_id_of(import_id: UUID, row_no: int) -> UUID:
    """What a row becomes. It follows from the row, so that whoever goes on after a crash makes nothing twice."""
    return uuid5(import_id, f"row {row_no}")


class Naming:
    """What the names in a file are in the book."""

    def __init__(
        self,
        placed: Sequence[ImportAccount],
        accounts: Mapping[str, Account],
        categories: Sequence[Category],
        chosen: Sequence[ImportCategory],
    ) -> None:
        self._placed = {each.name: each for each in placed}
        self._accounts = accounts
        self._chosen = {folded(each.name): each.category_id for each in chosen}
        self._by_name: dict[tuple[int, str], str] = {}
        for each in categories:
            if not each.archived:
                self._by_name.setdefault((each.kind, folded(each.name)), each.id)

    def account(self, name: str) -> Account | None:
        placed = self._placed.get(name)
        return self._accounts.get(placed.account_id) if placed and not placed.skipped else None

    def is_skipped(self, name: str) -> bool:
        placed = self._placed.get(name)
        return placed is None or placed.skipped

    def category(self, name: str, minor: int) -> str:
        """By the whole name, else by its last part: programs write a group before it."""
        if not name:
            return ""
        whole = folded(name)
        if whole in self._chosen:
            return self._chosen[whole]
        kind = kind_of(minor)
        return next((found for part in _parts(whole) if (found := self._by_name.get((kind, part)))), "")


def kind_of(minor: int) -> CategoryKind.ValueType:
    return CategoryKind.CATEGORY_KIND_EXPENSE if minor < 0 else CategoryKind.CATEGORY_KIND_INCOME


def _parts(whole: str) -> list[str]:
    last = (whole.rsplit(separator, maxsplit=1)[1].strip() for separator in (":", "/") if separator in whole)
    return [whole, *last]


def compose_row(row_no: int, line: Line, naming: Naming) -> ImportRow:
    """A row that nothing is known against yet."""
    row = ImportRow(
        row_no=row_no,
        line=line.row,
        state=NEW,
        booked_on=line.day.isoformat(),
        amount=Money(currency=line.amount.currency, minor=line.amount.minor),
        payee=line.payee[:PAYEE_CHARS_MAX],
        note=_note_of(line),
        category=line.category,
        pending=line.is_pending,
    )
    if naming.is_skipped(line.account):
        row.state = SKIPPED
        return row
    account = naming.account(line.account)
    if account is None:
        return fail(row, "account", "is not in the book")
    row.account_id = account.id
    wrong = _what_is_wrong(line, account)
    if wrong is not None:
        return fail(row, *wrong)
    other = naming.account(line.other_account) if line.other_account else None
    if other is not None and other.id != account.id:
        return _to_other_side(row, line, account, other)
    row.category_id = naming.category(line.category, line.amount.minor)
    return row


def _what_is_wrong(line: Line, account: Account) -> tuple[str, str] | None:
    """The field, and why it cannot be booked on that account."""
    if not line.amount.minor:
        return "amount", "is zero: nothing moves"
    if line.amount.currency != account.currency:
        return "currency", f"is {line.amount.currency}, and its account has {account.currency}"
    if account.closed_on and line.day.isoformat() > account.closed_on:
        return "account", f"was closed on {account.closed_on}"
    return None


def _to_other_side(row: ImportRow, line: Line, account: Account, other: Account) -> ImportRow:
    """A transfer between two accounts of the book. In two currencies both amounts must be told."""
    if other.currency != account.currency:
        if line.foreign is None or line.foreign.currency != other.currency or not line.foreign.minor:
            return row
        row.other_amount.CopyFrom(Money(currency=other.currency, minor=-line.foreign.minor))
    row.other_account_id = other.id
    return row


def _note_of(line: Line) -> str:
    """A payee that is too long goes on in the note."""
    note = line.note if len(line.payee) <= PAYEE_CHARS_MAX else f"{line.payee}\n{line.note}".strip()
    return note[:NOTE_CHARS_MAX]


def compose_failed(row_no: int, error: RowError) -> ImportRow:
    return fail(ImportRow(row_no=row_no, line=error.row), error.field, error.description)


def fail(row: ImportRow, field: str, description: str) -> ImportRow:
    row.state, row.error_field, row.error = ERROR, field, description
    return row


def draft_of(row: ImportRow, import_id: UUID) -> TransactionDraft:
    """What is recorded for a row."""
    leaves = row.amount.minor < 0
    draft = TransactionDraft(
        transaction_id=str(imported_id_of(import_id, row.row_no)),
        account_id=row.account_id,
        kind=EXPENSE if leaves else INCOME,
        amount=Money(currency=row.amount.currency, minor=abs(row.amount.minor)),
        booked_on=row.booked_on,
        payee=row.payee,
        note=row.note,
        import_key=row.import_key,
        category_id=row.category_id,
        status=_status_of(row),
    )
    if row.other_account_id:
        _make_transfer(draft, row, leaves=leaves)
    return draft


def _make_transfer(draft: TransactionDraft, row: ImportRow, *, leaves: bool) -> None:
    draft.kind, draft.category_id = TRANSFER, ""
    other = row.other_amount if row.HasField("other_amount") else None
    arriving = Money(currency=other.currency, minor=abs(other.minor)) if other else None
    if leaves:
        draft.to_account_id, draft.to_import_key = row.other_account_id, row.other_import_key
        if arriving:
            draft.to_amount.CopyFrom(arriving)
        return
    draft.account_id, draft.to_account_id = row.other_account_id, row.account_id
    draft.import_key, draft.to_import_key = row.other_import_key, row.import_key
    if arriving:
        draft.to_amount.CopyFrom(draft.amount)
        draft.amount.CopyFrom(arriving)


def _status_of(row: ImportRow) -> TransactionStatus.ValueType:
    if row.pending:
        return TransactionStatus.TRANSACTION_STATUS_PENDING
    return TransactionStatus.TRANSACTION_STATUS_CLEARED
