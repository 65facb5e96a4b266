"""How are transactions taken away? Judged together, as whatever else is done in one commit."""

from collections.abc import Sequence

from tallystick.ledger.transactions import references
from tallystick.ledger.transactions import rules_changes as changes
from tallystick.ledger.transactions.posting import Step
from tallystick.ledger.transactions.recording import Recorded, naming, settle
from tallystick.ledger.transactions.references import References, Wanted
from tallystick.store.tx import WriteTx
from tallystick.v1.ledger_pb2 import Transaction, TransactionDraft


async def remove(tx: WriteTx, befores: Sequence[Transaction], *, unlock: bool = False, at: str = "") -> Recorded:
    for index, before in enumerate(befores):
        with naming(at, index):
            changes.require_unlocked(before, None, unlock=unlock)
    known = await know(tx, befores, [])
    deleted = {before.id for before in befores}
    # Refunds that go with their expense do not hold it back.
    for gone in deleted & known.expenses_and_refunds.keys():
        del known.expenses_and_refunds[gone]
    return await settle(tx, [Step(before, None) for before in befores], known, at=at)


async def know(tx: WriteTx, befores: Sequence[Transaction], drafts: Sequence[TransactionDraft]) -> References:
    wanted = Wanted()
    for before in befores:
        wanted.add_transaction(before)
    for draft in drafts:
        wanted.add_draft(draft)
    return await references.read(tx, wanted)
