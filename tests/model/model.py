"""What must a command be answered, and what must be there after it? The model of a book, and its commands on transactions."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar

from google.protobuf.message import Message

from model import accounts, nouns, recurring
from model.drafts import MADE_ELSEWHERE, changed_draft, composed, draft_of, finished
from model.judging import settled, unlocked
from model.state import CLEARED, RECONCILED, Book, Command, Faults, Put, Refused, Step, copied, differing, sees
from tallystick_client.v1 import ledger_transactions_pb2 as pb
from tallystick_client.v1.ledger_pb2 import AccountBalance, Transaction, TransactionDraft
from tallystick_client.v1.ledger_service_pb2 import CreateTransactionRequest, CreateTransactionResponse
from tallystick_client.v1.role_pb2 import Role

T = TypeVar("T")
Update = pb.UpdateTransactionRequest | pb.TransactionUpdate


class Plan(NamedTuple):
    """What a command must be answered, and what it must leave behind."""

    answer: Any
    puts: list[Put]


def plan(book: Book, user: str, request: Any, said: Any = None) -> Plan:
    """Thinks a command through and changes nothing. `said` is what the server answered, for the ids that only it can make."""
    if book.roles[user] < Role.ROLE_EDITOR:
        # What has no right form is not even looked at.
        raise Refused(["ROLE_TOO_LOW", "INVALID_FIELD"])
    asked = canonical(request)
    name = type(request).__name__.removesuffix("Request")
    if name in _OF_NOUNS:
        return Plan(*_OF_NOUNS[name](book, user, asked, said))
    return _OF_TRANSACTIONS[name](book, user, asked)


def canonical(message: Message) -> Any:
    """Ids may come in capitals."""
    small = copied(message)
    _write_small(small)
    return small


def _write_small(message: Any) -> None:
    for field, value in message.ListFields():
        if field.message_type is not None:
            for part in value if field.is_repeated else [value]:
                _write_small(part)
        elif field.name.endswith("_ids"):
            value[:] = [each.lower() for each in value]
        elif field.name.endswith("_id"):
            setattr(message, field.name, value.lower())


def create_transaction(book: Book, user: str, asked: CreateTransactionRequest) -> Plan:
    # The fields of a draft have the same numbers in both.
    draft = TransactionDraft.FromString(asked.SerializeToString())
    draft.DiscardUnknownFields()
    transactions, balances = _record(book, user, [draft], reimport=asked.reimport_deleted)
    held = [each for each in balances if each.account_id == draft.account_id]
    others = [each for each in balances if each.account_id != draft.account_id]
    answer = CreateTransactionResponse(
        transaction=transactions[0], balance=held[0] if held else None, other_balances=others
    )
    return Plan(answer, [Put(transactions[0])])


def batch_create_transactions(book: Book, user: str, asked: pb.BatchCreateTransactionsRequest) -> Plan:
    transactions, balances = _record(book, user, asked.transactions, reimport=asked.reimport_deleted)
    answer = pb.BatchCreateTransactionsResponse(
        transaction_ids=[each.id for each in transactions], version=book.next_seq, balances=balances
    )
    return Plan(answer, [Put(each) for each in transactions])


def _record(
    book: Book, user: str, drafts: Sequence[TransactionDraft], *, reimport: bool
) -> tuple[list[Transaction], list[AccountBalance]]:
    no = Faults()
    for draft in drafts:
        whole = draft.kind and draft.account_id and draft.booked_on and draft.HasField("amount")
        no.when(not whole or draft.kind in MADE_ELSEWHERE, "INVALID_FIELD")
    ids = [draft.transaction_id for draft in drafts]
    no.when(len(set(ids)) < len(ids), "DUPLICATE_IN_BATCH")
    no.stop()
    made = each_of(partial(recorded, book, user), drafts)
    balances = settled(book, user, [Step(None, each) for each in made], reimport=reimport)
    no.when(any(each in book.history for each in ids), "ID_TAKEN")
    no.stop()
    return made, balances


def recorded(book: Book, user: str, draft: TransactionDraft) -> Transaction:
    onto = Transaction(id=draft.transaction_id, book_id=book.id, version=book.next_seq)
    return composed(book, user, draft, onto, ())


def each_of(judge: Callable[..., T], *columns: Iterable[Any]) -> list[T]:
    """What comes of each row, or whatever is wrong with any."""
    found, no = list[T](), Faults()
    for row in zip(*columns, strict=True):
        try:
            found.append(judge(*row))
        except Refused as refused:
            no |= refused.reasons
    no.stop()
    return found


def update_transaction(book: Book, user: str, asked: pb.UpdateTransactionRequest) -> Plan:
    (after,), balances, puts = _update(book, user, [asked], unlock=asked.unlock)
    return Plan(pb.UpdateTransactionResponse(transaction=after, balances=balances), puts)


def batch_update_transactions(book: Book, user: str, asked: pb.BatchUpdateTransactionsRequest) -> Plan:
    ids = [update.transaction_id for update in asked.updates]
    if len(set(ids)) < len(ids):
        raise Refused(["DUPLICATE_IN_BATCH"])
    _, balances, puts = _update(book, user, asked.updates, unlock=asked.unlock)
    return Plan(pb.BatchUpdateTransactionsResponse(version=book.next_seq, balances=balances), puts)


def _update(
    book: Book, user: str, updates: Sequence[Update], *, unlock: bool
) -> tuple[list[Transaction], list[AccountBalance], list[Put]]:
    befores = each_of(partial(_there, book, user), (update.transaction_id for update in updates))
    afters = each_of(partial(_updated, book, user, unlock=unlock), befores, updates)
    steps = [
        Step(before, after)
        for before, after in zip(befores, afters, strict=True)
        if after is not before and after.version == book.next_seq
    ]
    balances = settled(book, user, steps)
    return afters, balances, [Put(step.after) for step in steps]


def _updated(book: Book, user: str, before: Transaction, update: Update, *, unlock: bool) -> Transaction:
    draft = changed_draft(before, update)
    after = composed(book, user, draft, before, before.entries)
    unlocked(before, after, unlock=unlock)
    changing = differing(before, after)
    if update.HasField("base_version"):
        since = book.changed_since(user, before.id, update.base_version)
        if any(changing & revision.fields for revision in since):
            raise Refused(["STALE_VERSION"])
    if not changing:
        return before
    after.version = book.next_seq
    return after


def _there(book: Book, user: str, transaction_id: str) -> Transaction:
    found = book.find(user, Transaction, transaction_id)
    if found is None:
        raise Refused(["NOT_FOUND"])
    return found


def delete_transaction(book: Book, user: str, asked: pb.DeleteTransactionRequest) -> Plan:
    before = _there(book, user, asked.transaction_id)
    if asked.HasField("base_version") and book.changed_since(user, before.id, asked.base_version):
        raise Refused(["STALE_VERSION"])
    (gone,), balances = _delete(book, user, [before.id], unlock=asked.unlock)
    return Plan(pb.DeleteTransactionResponse(transaction=gone.entity, balances=balances), [gone])


def batch_delete_transactions(book: Book, user: str, asked: pb.BatchDeleteTransactionsRequest) -> Plan:
    puts, balances = _delete(book, user, asked.transaction_ids, unlock=asked.unlock)
    return Plan(pb.BatchDeleteTransactionsResponse(version=book.next_seq, balances=balances), puts)


def _delete(book: Book, user: str, ids: Sequence[str], *, unlock: bool) -> tuple[list[Put], list[AccountBalance]]:
    befores = each_of(partial(_there, book, user), ids)
    each_of(partial(unlocked, after=None, unlock=unlock), befores)
    balances = settled(book, user, [Step(before, None) for before in befores])
    puts = []
    for before in befores:
        gone = copied(before)
        gone.version = book.next_seq
        puts.append(Put(gone, is_deleted=True))
    return puts, balances


def restore_transaction(book: Book, user: str, asked: pb.RestoreTransactionRequest) -> Plan:
    found = book.find(user, Transaction, asked.transaction_id)
    if found is not None:
        return Plan(pb.RestoreTransactionResponse(transaction=found), [])
    gone = book.find_gone(user, Transaction, asked.transaction_id)
    if gone is None:
        raise Refused(["NOT_FOUND"])
    back = finished(book, _without_statements(_without_lost_categories(book, copied(gone)), None))
    back.version = book.next_seq
    balances = settled(book, user, [Step(None, back)], reimport=True)
    return Plan(pb.RestoreTransactionResponse(transaction=back, balances=balances), [Put(back)])


def revert_transaction(book: Book, user: str, asked: pb.RevertTransactionRequest) -> Plan:
    live = book.find(user, Transaction, asked.transaction_id)
    now = live or book.find_gone(user, Transaction, asked.transaction_id)
    revisions = [each.entity for each in book.history.get(asked.transaction_id, [])]
    then = next((each for each in revisions if each.version == asked.to_version and sees(user, each)), None)
    if now is None or then is None:
        raise Refused(["NOT_FOUND"])
    back = _without_lost_labels(book, _without_lost_categories(book, copied(then)))
    # Judged as if somebody wrote it down now; what comes of it is what was there then.
    composed(book, user, draft_of(back), now, then.entries)
    back = finished(book, _without_statements(back, live))
    if live is not None:
        unlocked(live, back, unlock=asked.unlock)
        if not differing(live, back):
            return Plan(pb.RevertTransactionResponse(transaction=live), [])
    back.version = book.next_seq
    balances = settled(book, user, [Step(live, back)], reimport=live is None)
    return Plan(pb.RevertTransactionResponse(transaction=back, balances=balances), [Put(back)])


def _without_lost_categories(book: Book, transaction: Transaction) -> Transaction:
    """What comes back does not bring back categories that were deleted or merged meanwhile."""
    for entry in transaction.entries:
        if entry.category_id not in book.live:
            entry.category_id = ""
    return transaction


def _without_statements(transaction: Transaction, now: Transaction | None) -> Transaction:
    """What comes back from the past is on a statement only if it is on one now."""
    covered = {entry.line for entry in now.entries if entry.status == RECONCILED} if now else set()
    for entry in transaction.entries:
        if entry.status == RECONCILED and entry.line not in covered:
            entry.status = CLEARED
    return transaction


def _without_lost_labels(book: Book, transaction: Transaction) -> Transaction:
    if transaction.payee_id not in book.live:
        transaction.payee_id = ""
    transaction.tag_ids[:] = [tag_id for tag_id in transaction.tag_ids if tag_id in book.live]
    return transaction


_OF_NOUNS: dict[str, Command] = accounts.COMMANDS | nouns.COMMANDS | recurring.COMMANDS
_OF_TRANSACTIONS: dict[str, Callable[[Book, str, Any], Plan]] = {
    "CreateTransaction": create_transaction,
    "BatchCreateTransactions": batch_create_transactions,
    "UpdateTransaction": update_transaction,
    "BatchUpdateTransactions": batch_update_transactions,
    "DeleteTransaction": delete_transaction,
    "BatchDeleteTransactions": batch_delete_transactions,
    "RestoreTransaction": restore_transaction,
    "RevertTransaction": revert_transaction,
}
