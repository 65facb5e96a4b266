"""What is in a book? Every entity, by id, and all sums computed anew from the transactions each time that they are asked for."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeVar

from google.protobuf.message import Message

from tallystick_client.v1.ledger_pb2 import Transaction, TransactionStatus
from tallystick_client.v1.role_pb2 import Role

M = TypeVar("M", bound=Message)

PENDING = TransactionStatus.TRANSACTION_STATUS_PENDING
CLEARED = TransactionStatus.TRANSACTION_STATUS_CLEARED
RECONCILED = TransactionStatus.TRANSACTION_STATUS_RECONCILED
MONEY_MAX = 2**63 - 1
FOREVER = "9999-12-31"


class Refused(Exception):
    """A command must be refused for one of these reasons. Which of them is said is the server's choice."""

    def __init__(self, reasons: Iterable[str]) -> None:
        super().__init__(", ".join(sorted(reasons)))
        self.reasons = frozenset(reasons)


class Faults(set[str]):
    """Reasons to refuse a command, as they are found."""

    def when(self, wrong: object, reason: str) -> bool:
        if wrong:
            self.add(reason)
        return bool(wrong)

    def stop(self) -> None:
        if self:
            raise Refused(self)


class Put(NamedTuple):
    """An entity's new state."""

    entity: Any
    is_deleted: bool = False


# What a command is answered, and what it leaves behind.
Answer = tuple[Any, list[Put]]
Command = Callable[["Book", str, Any, Any], Answer]


class Line(NamedTuple):
    """One entry as far as sums need it."""

    account_id: str
    category_id: str
    booked_on: str
    minor: int
    status: int


class Revision(NamedTuple):
    """An entity as one change left it."""

    entity: Any
    fields: frozenset[str]
    is_deleted: bool


class Step(NamedTuple):
    """A transaction as it counted before, and as it counts after. None: it does not."""

    before: Transaction | None
    after: Transaction | None


class Held(NamedTuple):
    """What an account holds, and how much of it is cleared."""

    minor: int
    cleared: int


def copied(message: M) -> M:
    copy = type(message)()
    copy.CopyFrom(message)
    return copy


def differing(before: Message, after: Message) -> frozenset[str]:
    names = (field.name for field in after.DESCRIPTOR.fields)
    return frozenset(name for name in names if name != "version" and getattr(before, name) != getattr(after, name))


def lines_of(transaction: Transaction | None) -> list[Line]:
    if transaction is None:
        return []
    return [
        Line(entry.account_id, entry.category_id, transaction.booked_on, entry.amount.minor, entry.status)
        for entry in transaction.entries
    ]


@dataclass
class Book:
    """Everything that happened in one book. Entities are never changed in place: a new one is put over the old."""

    id: str
    roles: dict[str, Role.ValueType]
    seq: int = 0
    # The seq of the commit that is thought through.
    next_seq: int = 1
    live: dict[str, Any] = field(default_factory=dict)
    gone: dict[str, Any] = field(default_factory=dict)
    history: dict[str, list[Revision]] = field(default_factory=dict)
    # When each account's balance was last moved.
    moved: dict[str, int] = field(default_factory=dict)
    _lines: dict[str, list[Line]] = field(default_factory=dict)

    def copy(self) -> "Book":
        history = {key: [*revisions] for key, revisions in self.history.items()}
        return replace(
            self,
            history=history,
            live={**self.live},
            gone={**self.gone},
            moved={**self.moved},
            _lines={**self._lines},
        )

    def find(self, user: str, kind: type[M], entity_id: str) -> M | None:
        """What is there and may be seen."""
        found = self.live.get(entity_id)
        return found if isinstance(found, kind) and sees(user, found) else None

    def find_gone(self, user: str, kind: type[M], entity_id: str) -> M | None:
        found = self.gone.get(entity_id)
        return found if isinstance(found, kind) and sees(user, found) else None

    def all(self, user: str, kind: type[M], *, deleted: bool = False) -> list[M]:
        kept = self.gone if deleted else self.live
        return [each for each in kept.values() if isinstance(each, kind) and sees(user, each)]

    def everything(self, kind: type[M]) -> list[M]:
        """What is there, whoever sees it."""
        return [each for each in self.live.values() if isinstance(each, kind)]

    def steps_of(self, puts: Sequence[Put]) -> list[Step]:
        """What becomes of the transactions among them."""
        transactions = [put for put in puts if isinstance(put.entity, Transaction)]
        return [Step(self.live.get(put.entity.id), None if put.is_deleted else put.entity) for put in transactions]

    def commit(self, puts: Sequence[Put], seq: int) -> None:
        """The new states of some entities, all at once."""
        for account_id in moves(self.steps_of(puts)):
            self.moved[account_id] = seq
        for entity, is_deleted in puts:
            before = self.gone.pop(entity.id, None) or self.live.pop(entity.id, None)
            is_new_or_gone = before is None or is_deleted
            fields = frozenset[str]() if is_new_or_gone else differing(before, entity)
            self.history.setdefault(entity.id, []).append(Revision(entity, fields, is_deleted))
            (self.gone if is_deleted else self.live)[entity.id] = entity
            self._lines.pop(entity.id, None)
            if isinstance(entity, Transaction) and not is_deleted:
                self._lines[entity.id] = lines_of(entity)
        self.seq, self.next_seq = seq, seq + 1

    def lines(self, without: Collection[str] = ()) -> Iterator[Line]:
        for transaction_id, lines in self._lines.items():
            if transaction_id not in without:
                yield from lines

    def held(self, account_id: str, as_of: str = "") -> Held:
        until = as_of or FOREVER
        amounts = [
            (line.minor, line.status)
            for line in self.lines()
            if line.account_id == account_id and line.booked_on <= until
        ]
        return Held(sum(minor for minor, _ in amounts), sum(minor for minor, status in amounts if status != PENDING))

    def was_booked_on(self, account_id: str) -> bool:
        """Whether something is, or was when it was deleted or lost the entry."""
        entries: dict[tuple[str, int], str] = {}
        for revisions in self.history.values():
            for revision in revisions:
                if isinstance(revision.entity, Transaction):
                    entries |= {(revision.entity.id, each.line): each.account_id for each in revision.entity.entries}
        return account_id in entries.values()

    def changed_since(self, user: str, entity_id: str, version: int) -> list[Revision]:
        return [
            each
            for each in self.history.get(entity_id, [])
            if each.entity.version > version and sees(user, each.entity)
        ]


def moves(steps: Sequence[Step]) -> list[str]:
    """The accounts of which a month changes, whatever becomes of the whole."""
    months: dict[tuple[str, str], int] = {}
    for step in steps:
        for lines, sign in ((lines_of(step.before), -1), (lines_of(step.after), 1)):
            for line in lines:
                key = line.account_id, line.booked_on[:7]
                months[key] = months.get(key, 0) + sign * line.minor
    return list(dict.fromkeys(account_id for (account_id, _), minor in months.items() if minor))


def sees(user: str, entity: Any) -> bool:
    return getattr(entity, "private_to", "") in ("", user)


def require(found: M | None) -> M:
    if found is None:
        raise Refused(["NOT_FOUND"])
    return found


def changed(book: Book, entity: M, **fields: Any) -> M:
    """The same entity with other values, as the next commit leaves it."""
    after: Any = copied(entity)
    for name, value in fields.items():
        setattr(after, name, value)
    after.version = book.next_seq
    made: M = after
    return made


def require_new(book: Book, entity_id: str, no: Faults) -> None:
    no.when(entity_id in book.history, "ID_TAKEN")
    no.stop()


def is_stale(book: Book, user: str, asked: Any, entity_id: str, changing: frozenset[str]) -> bool:
    if not asked.HasField("base_version"):
        return False
    return any(changing & each.fields for each in book.changed_since(user, entity_id, asked.base_version))
