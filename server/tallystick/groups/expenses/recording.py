"""How are expenses recorded and changed? Drafts become steps, the steps are judged together, and posted in one commit.

One expense is a batch of one. What a batch does wrong is said of the one that does it, by its index.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tallystick.errors import Duplicate, FieldViolation, InvalidInput, TallystickError
from tallystick.groups.expenses import references
from tallystick.groups.expenses.references import References
from tallystick.groups.expenses.rules import Known, compose, is_moving
from tallystick.groups.expenses.rules_refunds import refunded
from tallystick.groups.profiles.rules import require_in_use, require_unlocked
from tallystick.groups.sums.effects import step_of_expense
from tallystick.groups.sums.posting import post
from tallystick.groups.tables import EXPENSE, import_id_of
from tallystick.ledger.rules import canonical
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.group_expenses_pb2 import Expense, ExpenseDraft


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of one expense: made, changed, deleted (no `after`), or brought back."""

    before: Expense | None
    after: Expense | None
    is_deleted: bool = False

    @property
    def counted_before(self) -> Expense | None:
        return None if self.is_deleted else self.before


async def record(
    tx: WriteTx,
    drafts: Sequence[ExpenseDraft],
    *,
    complete: Callable[[Expense], None] = lambda _: None,
    at: str = "",
    is_list: bool = False,
) -> list[Expense]:
    """Records new expenses, by the caller. `complete` may add what no draft says; `at` is the name of the drafts in the request."""
    found = await references.read(tx, references.wanted_of(tx.space_id, drafts), tx.caller.user_id)
    require_in_use(found.known.group)
    steps = []
    for index, draft in enumerate(drafts):
        with naming(at, index if is_list else None):
            expense = compose_new(draft, draft.expense_id or str(tx.new_id()), found.known)
            expense.created_at.CopyFrom(to_timestamp(tx.now))
            complete(expense)
            steps.append(Step(None, expense))
            found.known.see(None, expense)
            require_new_import(expense, found)
    return await settle(tx, steps, found, at=at, is_list=is_list)


def compose_new(draft: ExpenseDraft, expense_id: str, known: Known) -> Expense:
    return compose(draft, Expense(id=canonical(expense_id), group_id=known.group.id), known)


async def settle(
    tx: WriteTx, steps: Sequence[Step], found: References, *, at: str = "", is_list: bool = False
) -> list[Expense]:
    """Judges steps by the state of the group, writes them, and moves what members owe. Returns what there is, or was."""
    outcomes = []
    for index, step in enumerate(steps):
        with naming(at, index if is_list else None):
            require_movable(step, found.known)
        outcomes.append(_write(tx, step))
    counted = [
        (step.counted_before and step_of_expense(step.counted_before), step.after and step_of_expense(step.after))
        for step in steps
    ]
    # What moves nothing, such as other words, asks for no sums.
    if moved := [(before, after) for before, after in counted if before != after]:
        await post(tx, moved, held=found.held)
    return outcomes


def require_movable(step: Step, known: Known) -> None:
    """Nothing moves in a period that is locked, and nothing that refunds lean on."""
    before, after = step.counted_before, step.after
    if before and after and not is_moving(before, after) and before.booked_on == after.booked_on:
        return
    require_unlocked(known.group, *(date.fromisoformat(each.booked_on) for each in (before, after) if each))
    if before and known.refunds_of(before.id) and (after is None or is_moving(before, after)):
        raise refunded()


def require_new_import(expense: Expense, found: References) -> None:
    """What another program calls an expense is in the group once."""
    import_id = import_id_of(UUID(expense.group_id), expense.import_key)
    if import_id is None:
        return
    if import_id in found.imported:
        raise Duplicate(
            ErrorReason.ERROR_REASON_IMPORT_KEY_TAKEN,
            "This was imported before.",
            metadata={"expense_id": str(found.imported[import_id])},
        )
    found.imported[import_id] = UUID(expense.id)


def _write(tx: WriteTx, step: Step) -> Expense:
    if step.after is None:
        assert step.before is not None, "a step has a before or an after"
        return tx.delete(EXPENSE, step.before)
    if step.before is None:
        return tx.add(EXPENSE, step.after)
    return tx.put(EXPENSE, step.before, step.after)


def require_each_once(drafts: Sequence[ExpenseDraft], at: str) -> None:
    """A batch names no expense and no imported one twice."""
    for name in ("expense_id", "import_key"):
        seen: set[str] = set()
        for index, draft in enumerate(drafts):
            each = str(getattr(draft, name)).lower() if name == "expense_id" else getattr(draft, name)
            if each and each in seen:
                with naming(at, index):
                    raise InvalidInput.of_field(name, "is named twice", ErrorReason.ERROR_REASON_DUPLICATE_IN_BATCH)
            seen.add(each)


@contextmanager
def naming(at: str, index: int | None = None) -> Iterator[None]:
    """Says which draft of a request a failure is about: in the paths of its fields, and by its index if it is one of a list."""
    try:
        yield
    except TallystickError as error:
        path = at if index is None else f"{at}[{index}]"
        if index is not None:
            error.metadata["index"] = str(index)
        if at:
            error.violations = tuple(
                FieldViolation(f"{path}.{each.field}", each.rule, each.description) for each in error.violations
            )
        raise
