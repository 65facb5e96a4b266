"""What shall happen to transactions? One function per writing call, run inside the write door."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tallystick import masks
from tallystick.errors import InvalidInput, NotVisible, Stale
from tallystick.identity.queries import FIELDS_CHANGED_SINCE
from tallystick.ledger import rules
from tallystick.ledger.filling.queries import list_active
from tallystick.ledger.filling.rules_matching import apply_rules
from tallystick.ledger.tables import TRANSACTION
from tallystick.ledger.transactions import queries, recording
from tallystick.ledger.transactions import rules_changes as changes
from tallystick.ledger.transactions.posting import Step
from tallystick.ledger.transactions.recording import naming, record, settle
from tallystick.ledger.transactions.references import References, Wanted
from tallystick.ledger.transactions.removing import know, remove
from tallystick.ledger.transactions.rules import Draft, finish, require_whole
from tallystick.ledger.transactions.together import compose_created
from tallystick.merging import changed_fields
from tallystick.store.statements import Call
from tallystick.store.tx import WriteTx
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.ledger_pb2 import Transaction, TransactionDraft
from tallystick.v1.ledger_service_pb2 import CreateTransactionRequest, CreateTransactionResponse
from tallystick.v1.ledger_transactions_pb2 import (
    BatchCreateTransactionsRequest,
    BatchCreateTransactionsResponse,
    BatchDeleteTransactionsRequest,
    BatchDeleteTransactionsResponse,
    BatchUpdateTransactionsRequest,
    BatchUpdateTransactionsResponse,
    DeleteTransactionRequest,
    DeleteTransactionResponse,
    RestoreTransactionRequest,
    RestoreTransactionResponse,
    RevertTransactionRequest,
    RevertTransactionResponse,
    TransactionUpdate,
    UpdateTransactionRequest,
    UpdateTransactionResponse,
)

Update = UpdateTransactionRequest | TransactionUpdate


async def create_transaction(tx: WriteTx, request: CreateTransactionRequest) -> CreateTransactionResponse:
    drafts: list[Draft] = [request]
    if request.apply_rules:
        drafts = await _with_rules(tx, [queries.draft_of_request(request)])
    recorded = await record(tx, drafts, reimport_deleted=request.reimport_deleted)
    return compose_created(request, recorded.transactions[0], recorded.balances)


def reads_of_create(request: CreateTransactionRequest) -> Sequence[Call[*tuple[Any, ...]]]:
    """What the command is going to ask, if rules do not change it."""
    if request.apply_rules:
        return ()
    wanted = Wanted()
    wanted.add_draft(request)
    return wanted.calls(UUID(request.book_id))


async def batch_create_transactions(
    tx: WriteTx, request: BatchCreateTransactionsRequest
) -> BatchCreateTransactionsResponse:
    drafts: Sequence[Draft] = request.transactions
    for index, draft in enumerate(drafts):
        with naming("transactions", index):
            require_whole(draft)
    ids = [rules.canonical(draft.transaction_id) for draft in drafts if draft.transaction_id]
    _require_each_once(ids, "transactions", "transaction_id")
    if request.apply_rules:
        drafts = await _with_rules(tx, [masks.overlay(draft, draft, ()) for draft in request.transactions])
    recorded = await record(tx, drafts, reimport_deleted=request.reimport_deleted, at="transactions")
    return BatchCreateTransactionsResponse(
        transaction_ids=[transaction.id for transaction in recorded.transactions],
        version=tx.seq,
        balances=recorded.balances,
    )


async def update_transaction(tx: WriteTx, request: UpdateTransactionRequest) -> UpdateTransactionResponse:
    recorded = await _update(tx, [request], unlock=request.unlock)
    return UpdateTransactionResponse(transaction=recorded.transactions[0], balances=recorded.balances)


def reads_of_change(
    request: UpdateTransactionRequest | DeleteTransactionRequest,
) -> Sequence[Call[*tuple[Any, ...]]]:
    """What the command asks first."""
    transaction_id = UUID(request.transaction_id)
    return _reads_of_existing(UUID(request.book_id), [transaction_id], [masks.base_version(request)])


async def batch_update_transactions(
    tx: WriteTx, request: BatchUpdateTransactionsRequest
) -> BatchUpdateTransactionsResponse:
    ids = [rules.canonical(update.transaction_id) for update in request.updates]
    _require_each_once(ids, "updates", "transaction_id")
    recorded = await _update(tx, request.updates, unlock=request.unlock, at="updates")
    return BatchUpdateTransactionsResponse(version=tx.seq, balances=recorded.balances)


async def delete_transaction(tx: WriteTx, request: DeleteTransactionRequest) -> DeleteTransactionResponse:
    transaction_id = UUID(request.transaction_id)
    (before,), since = await _existing(tx, [transaction_id], [masks.base_version(request)])
    if since[before.id]:
        raise Stale(current_version=before.version)
    recorded = await remove(tx, [before], unlock=request.unlock)
    return DeleteTransactionResponse(transaction=recorded.transactions[0], balances=recorded.balances)


async def batch_delete_transactions(
    tx: WriteTx, request: BatchDeleteTransactionsRequest
) -> BatchDeleteTransactionsResponse:
    ids = [UUID(transaction_id) for transaction_id in request.transaction_ids]
    _require_each_once([str(each) for each in ids], "transaction_ids", "")
    befores, _ = await _existing(tx, ids, [masks.VERSION_MAX] * len(ids), at="transaction_ids")
    recorded = await remove(tx, befores, unlock=request.unlock, at="transaction_ids")
    return BatchDeleteTransactionsResponse(version=tx.seq, balances=recorded.balances)


async def restore_transaction(tx: WriteTx, request: RestoreTransactionRequest) -> RestoreTransactionResponse:
    found = await queries.get_with_deleted(tx, UUID(request.transaction_id))
    if found.deleted_at is None:
        return RestoreTransactionResponse(transaction=found.transaction)
    known = await know(tx, [found.transaction], [])
    again = changes.without_lost_categories(_copy(found.transaction), known.named)
    changes.forget_statements(again.entries, ())
    step = Step(found.transaction, finish(again, known.named), is_deleted=True)
    # Whether its import key was used, and deleted, by another meanwhile does not matter: only one that has it now stands in the way.
    recorded = await settle(tx, [step], known, reimport_deleted=True)
    return RestoreTransactionResponse(transaction=recorded.transactions[0], balances=recorded.balances)


async def revert_transaction(tx: WriteTx, request: RevertTransactionRequest) -> RevertTransactionResponse:
    """The state of then, judged by what there is now."""
    transaction_id = UUID(request.transaction_id)
    found = await queries.get_with_deleted(tx, transaction_id)
    then = await queries.get_revision(tx, transaction_id, request.to_version)
    before, is_deleted = found.transaction, found.deleted_at is not None
    draft = changes.draft_of(then)
    known = await know(tx, [before], [draft])
    then = changes.without_lost_categories(then, known.named)
    draft = changes.without_lost_labels(changes.draft_of(then), known.named)
    _keep_categories(known, before)
    changes.forget_statements(then.entries, () if is_deleted else before.entries)
    after = recording.compose_from(draft, _copy(before), then.entries, known)
    if not is_deleted:
        changes.require_unlocked(before, after, unlock=request.unlock)
        after.status = min(entry.status for entry in after.entries)
        if not changed_fields(before, after):
            return RevertTransactionResponse(transaction=before)
    recorded = await settle(tx, [Step(before, after, is_deleted)], known, reimport_deleted=is_deleted)
    return RevertTransactionResponse(transaction=recorded.transactions[0], balances=recorded.balances)


async def _update(tx: WriteTx, updates: Sequence[Update], *, unlock: bool, at: str = "") -> recording.Recorded:
    ids = [UUID(update.transaction_id) for update in updates]
    befores, since = await _existing(tx, ids, [masks.base_version(update) for update in updates], at=at)
    drafts = []
    for index, (before, update) in enumerate(zip(befores, updates, strict=True)):
        with naming(at, index):
            drafts.append(changes.change_draft(before, update))
            rules.require_date("change.booked_on", drafts[-1].booked_on)
    known = await know(tx, befores, drafts)
    steps = []
    for index, (before, draft) in enumerate(zip(befores, drafts, strict=True)):
        with naming(at, index):
            _keep_categories(known, before)
            after = recording.compose_from(draft, _copy(before), before.entries, known)
            changes.require_unlocked(before, after, unlock=unlock)
            after.status = min(entry.status for entry in after.entries)
            changing = changed_fields(before, after)
            if masks.is_stale(changing, since[before.id]):
                raise Stale(current_version=before.version)
            steps.append(Step(before, after if changing else None))
    moving = [step for step in steps if step.after is not None]
    recorded = await settle(tx, moving, known, at=at)
    return recording.Recorded([step.after or befores[i] for i, step in enumerate(steps)], recorded.balances)


async def _existing(
    tx: WriteTx, ids: Sequence[UUID], versions: Sequence[int], at: str = ""
) -> tuple[list[Transaction], dict[str, list[Sequence[str]]]]:
    """Transactions that are there, in this order, and the fields of each that were changed since a version."""
    rows, *found = await tx.fetch_all(*_reads_of_existing(tx.space_id, ids, versions))
    by_id = {row[0]: tx.open(TRANSACTION, (row[0], row[1], row[2])) for row in rows}
    since: dict[str, list[Sequence[str]]] = {str(each): [] for each in ids}
    for (each, _), answer in zip(_based(ids, versions), found, strict=True):
        since[str(each)] = [fields for (fields,) in answer]
    for index, each in enumerate(ids):
        with naming(at, index):
            if each not in by_id:
                raise NotVisible
    return [by_id[each] for each in ids], since


def _reads_of_existing(space_id: UUID, ids: Sequence[UUID], versions: Sequence[int]) -> list[Call[*tuple[Any, ...]]]:
    asked: list[Call[*tuple[Any, ...]]] = [queries.LIVE_TRANSACTIONS(space_id=space_id, ids=[*ids])]
    for each, version in _based(ids, versions):
        asked.append(FIELDS_CHANGED_SINCE(space_id=space_id, entity_id=each, version=version))
    return asked


def _based(ids: Sequence[UUID], versions: Sequence[int]) -> list[tuple[UUID, int]]:
    """Those of which is said what version they are changed from."""
    return [(each, version) for each, version in zip(ids, versions, strict=True) if version != masks.VERSION_MAX]


def _keep_categories(known: References, before: Transaction) -> None:
    """What is on it already may stay, also if nothing new could have it."""
    known.named.kept_categories = frozenset(entry.category_id for entry in before.entries)


async def _with_rules(tx: WriteTx, drafts: Sequence[TransactionDraft]) -> list[Draft]:
    active = await list_active(tx)
    filled: list[Draft] = []
    for draft in drafts:
        apply_rules(active, draft)
        filled.append(draft)
    return filled


def _require_each_once(ids: Sequence[str], at: str, name: str) -> None:
    seen: set[str] = set()
    for index, each in enumerate(ids):
        if each in seen:
            with naming(at, index):
                raise InvalidInput.of_field(name or "id", "is named twice", ErrorReason.ERROR_REASON_DUPLICATE_IN_BATCH)
        seen.add(each)


def _copy(transaction: Transaction) -> Transaction:
    copy = Transaction()
    copy.CopyFrom(transaction)
    return copy
