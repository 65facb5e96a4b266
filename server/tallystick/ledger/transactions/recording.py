"""How are transactions recorded and changed? Drafts become steps, the steps are judged together, and posted in one commit.

One transaction is a batch of one. What a batch does wrong is said of the one that does it, by its index.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from tallystick.errors import Duplicate, FieldViolation, InvalidInput, NotVisible, TallystickError
from tallystick.ledger import rules
from tallystick.ledger.links.queries import find_active
from tallystick.ledger.links.rules import follows_group, moves_money
from tallystick.ledger.tables import import_id_of
from tallystick.ledger.transactions import references
from tallystick.ledger.transactions import rules as compose
from tallystick.ledger.transactions import rules_changes as changes
from tallystick.ledger.transactions.posting import Step, post
from tallystick.ledger.transactions.references import IMPORTED, References, Wanted
from tallystick.ledger.transactions.rules import Draft
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.ledger_pb2 import AccountBalance, Entry, Transaction


@dataclass(frozen=True, slots=True)
class Recorded:
    """Transactions as they are now, and what the accounts hold that they moved."""

    transactions: list[Transaction]
    balances: list[AccountBalance]


async def record(
    tx: WriteTx,
    drafts: Sequence[Draft],
    *,
    reimport_deleted: bool = False,
    complete: Callable[[Transaction], None] = lambda _: None,
    at: str = "",
) -> Recorded:
    """Records new transactions. `complete` may add what no draft says; `at` is the name of the list in the request, if there is one."""
    wanted = Wanted()
    for draft in drafts:
        wanted.add_draft(draft)
    known = await references.read(tx, wanted)
    steps = []
    for index, draft in enumerate(drafts):
        with naming(at, index):
            transaction = compose_new(tx, draft, known)
            complete(transaction)
            steps.append(Step(None, transaction))
    return await settle(tx, steps, known, reimport_deleted=reimport_deleted, at=at)


def compose_new(tx: WriteTx, draft: Draft, known: References) -> Transaction:
    """A transaction from its draft, judged by itself."""
    rules.require_date("booked_on", draft.booked_on)
    transaction = Transaction(
        id=str(UUID(draft.transaction_id)) if draft.transaction_id else str(tx.new_id()),
        book_id=str(tx.space_id),
        created_at=to_timestamp(tx.now),
    )
    return compose_from(draft, transaction, (), known)


def compose_from(draft: Draft, onto: Transaction, before: Sequence[Any], known: References) -> Transaction:
    """`onto` as the draft has it. `before` are the entries that may go on.

    Where no money changes the entries are not judged again: somebody who does not see one of the accounts may still add a note.
    """
    stays = bool(onto.entries) and changes.is_same_money(draft, onto)
    entries = list(onto.entries) if stays else compose.compose_entries(draft, known.named, before)
    changes.carry_statuses(entries, before, draft.status)
    # What is on it already may stay, also if it was deleted since.
    kept = compose.labels_of(onto)
    compose.require_labels(draft, replace(known.named, labels=known.named.labels.union(kept)))
    onto.kind = draft.kind
    for name in changes.PLAIN:
        setattr(onto, name, getattr(draft, name))
    for name in ("payee_id", "payment_method_id", "refund_of_id"):
        setattr(onto, name, rules.canonical(getattr(onto, name)))
    for name in ("tag_ids", "attachment_ids"):
        onto.ClearField(name)  # type: ignore[arg-type]  # both are fields
        getattr(onto, name).extend(rules.canonical(each) for each in getattr(draft, name))
    onto.ClearField("entries")
    onto.entries.extend(entries)
    return compose.finish(onto, known.named)


async def settle(
    tx: WriteTx, steps: Sequence[Step], known: References, *, reimport_deleted: bool = False, at: str = ""
) -> Recorded:
    """Judges steps by what else there is, and posts them."""
    for index, step in enumerate(steps):
        with naming(at, index):
            _require_seen(step, known)
            _require_open(step, known)
            _require_refunds(step, known)
            known.see(step.before, step.after)
    await _require_own(tx, steps, at=at)
    await _require_imports(tx, steps, reimport_deleted=reimport_deleted, at=at)
    balances = await post(tx, steps, known)
    return Recorded([_outcome(step) for step in steps], balances)


async def _require_own(tx: WriteTx, steps: Sequence[Step], *, at: str) -> None:
    """What follows a group changes there. What describes it is the book's own."""
    moving = {
        index: step.before
        for index, step in enumerate(steps)
        if step.before is not None and step.before.link_id and (step.is_deleted or moves_money(step.before, step.after))
    }
    active = await find_active(tx, {each.link_id for each in moving.values()})
    for index, before in moving.items():
        if UUID(before.link_id) in active:
            with naming(at, index):
                raise follows_group(before.id)


def _outcome(step: Step) -> Transaction:
    """What there is of it after the step; of a deleted one, what there was."""
    outcome = step.after or step.before
    assert outcome is not None, "a step has a before or an after"
    return outcome


def _require_seen(step: Step, known: References) -> None:
    """Whoever changes what is booked on an account must see it, also where no money moves."""

    def on_hidden_accounts(transaction: Transaction | None) -> list[Entry]:
        entries = transaction.entries if transaction else ()
        return [entry for entry in entries if entry.account_id not in known.named.accounts]

    if on_hidden_accounts(None if step.is_deleted else step.before) != on_hidden_accounts(step.after):
        raise NotVisible


def _require_open(step: Step, known: References) -> None:
    """A closed account takes nothing new; what is on it already may be corrected where it is."""
    if step.after is None:
        return
    stays = step.before is not None and not step.is_deleted and step.before.booked_on == step.after.booked_on
    here = {entry.account_id for entry in step.before.entries} if stays and step.before else set()
    new = [entry for entry in step.after.entries if entry.account_id not in here]
    compose.require_open(known.named, new, step.after.booked_on)


def _require_refunds(step: Step, known: References) -> None:
    """Refunds stay within their expense, whichever of the two changes."""
    after, before = step.after, step.before
    if after is not None and after.refund_of_id:
        if after.kind != compose.REFUND:
            raise InvalidInput.of_field("refund_of_id", "is for refunds only", ErrorReason.ERROR_REASON_INVALID_REFUND)
        original = known.expenses_and_refunds.get(after.refund_of_id)
        compose.require_refundable(after, original, known.refunds_of(after.refund_of_id))
    refunds = known.refunds_of(before.id) if before is not None and not step.is_deleted else []
    if not refunds:
        return
    if after is None or before is None or after.kind != compose.EXPENSE or after.private_to != before.private_to:
        raise compose.refunded()
    if after.entries[0].amount.currency != refunds[0].entries[0].amount.currency:
        raise compose.refunded()
    compose.require_covers(after, refunds)


async def _require_imports(tx: WriteTx, steps: Sequence[Step], *, reimport_deleted: bool, at: str) -> None:
    """What the bank calls an entry is on its account once."""
    wanted: dict[UUID, int] = {}
    held: set[UUID] = set()
    for index, step in enumerate(steps):
        if step.after is None:
            continue
        had = _import_ids(step.before) if step.before and not step.is_deleted else set()
        for import_id in _import_ids(step.after):
            if import_id in held:
                with naming(at, index):
                    raise InvalidInput.of_field(
                        "import_key", "is named twice", ErrorReason.ERROR_REASON_DUPLICATE_IN_BATCH
                    )
            held.add(import_id)
            if import_id not in had:
                wanted[import_id] = index
    if not wanted:
        return
    own = {step.after.id for step in steps if step.after}
    rows = await tx.fetch(IMPORTED(space_id=tx.space_id, ids=[*wanted]))
    for import_id, transaction_id, is_live in sorted(rows, key=lambda row: not row[2]):
        if str(transaction_id) in own or (not is_live and reimport_deleted):
            continue
        with naming(at, wanted[import_id]):
            reason = (
                ErrorReason.ERROR_REASON_IMPORT_KEY_TAKEN if is_live else ErrorReason.ERROR_REASON_IMPORT_KEY_DELETED
            )
            text = "This was imported before." if is_live else "This was imported before, and deleted."
            raise Duplicate(reason, text, metadata={"transaction_id": str(transaction_id)})


def _import_ids(transaction: Transaction) -> set[UUID]:
    found = (import_id_of(UUID(entry.account_id), entry.import_key) for entry in transaction.entries)
    return {import_id for import_id in found if import_id}


@contextmanager
def naming(at: str, index: int) -> Iterator[None]:
    """Says which one of a list a failure is about: by its index, and in the paths of its fields."""
    try:
        yield
    except TallystickError as error:
        if at:
            error.metadata["index"] = str(index)
            error.violations = tuple(
                FieldViolation(f"{at}[{index}].{each.field}", each.rule, each.description) for each in error.violations
            )
        raise
