"""What might somebody do next? Mostly what is right, often about the same few things, and now and then what is wrong in one respect."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from model.drafts import EXPENSE, INCOME, REFUND, TRANSFER, draft_of, magnitude
from model.state import MONEY_MAX, PENDING, Book
from tallystick_client.v1 import ledger_transactions_pb2 as pb
from tallystick_client.v1.ledger_labels_pb2 import Payee, Tag
from tallystick_client.v1.ledger_pb2 import (
    Account,
    Category,
    CategoryKind,
    Split,
    Transaction,
    TransactionDraft,
    TransactionStatus,
)
from tallystick_client.v1.ledger_service_pb2 import CreateTransactionRequest
from tallystick_client.v1.money_pb2 import Money
from tallystick_client.v1.role_pb2 import Role

M = TypeVar("M")

FIRST_DAY = date(2025, 11, 20)
DAYS = 140
ODD_DAYS = (
    "2024-02-29",
    "2026-01-31",
    "2026-02-28",
    "2026-03-01",
    "2025-12-31",
    "2031-07-01",
    "0001-01-01",
    "9999-12-31",
)
WORDS = ("", "", "rye", "Zoë's", "STRASSE", "Bäckerei 12", "\u00e9t\u00e9")
KEYS = ("bank-1", "bank-2", "bank-3")
BATCH_MAX = 4
UNSAID = TransactionStatus.TRANSACTION_STATUS_UNSPECIFIED


class Asked(NamedTuple):
    """A command, and who gives it."""

    user: str
    request: Any


class Dice:
    """Composes commands on a book as it is. The same seed and book give the same command."""

    def __init__(self, random: Random, book: Book, *, alone: bool = True) -> None:
        self.random = random
        self.book = book
        # Whether the book will be as it is when the command arrives.
        self.alone = alone

    def chance(self, percent: float) -> bool:
        return self.random.random() * 100 < percent

    def pick(self, options: Sequence[M]) -> M:
        return self.random.choice(options)

    def new_id(self) -> str:
        made = str(UUID(int=self.random.getrandbits(128), version=4))
        return made.upper() if self.chance(1) else made

    def user(self) -> str:
        if self.chance(4):
            return next(user for user, role in self.book.roles.items() if role == Role.ROLE_VIEWER)
        return self.pick([user for user, role in self.book.roles.items() if role >= Role.ROLE_EDITOR])

    def heads(self) -> dict[str, Any]:
        return {"request_id": self.new_id(), "book_id": self.book.id}

    def day(self) -> str:
        if self.chance(12):
            return self.pick(ODD_DAYS)
        return (FIRST_DAY + timedelta(days=self.random.randrange(DAYS))).isoformat()

    def money(self, currency: str) -> Money:
        return Money(
            currency=currency, minor=self.random.choice((1, 5, 100, 250, 999, 12_345)) * self.random.randint(1, 9)
        )

    def one_of(self, kind: type[M], user: str) -> str:
        """The id of something that is there, or now and then of what is deleted, somebody else's, or nothing."""
        book: Any = self.book
        if self.chance(94) and (seen := book.all(user, kind)):
            return str(self.pick(seen).id)
        there = [each for each in (*book.gone.values(), *book.live.values()) if isinstance(each, kind)]
        return str(self.pick(there).id) if there and self.chance(80) else self.new_id()  # type: ignore[attr-defined]  # entities have ids

    def category(self, kind: Any) -> str:
        """Mostly one that fits."""
        wanted = CategoryKind.CATEGORY_KIND_INCOME if kind == INCOME else CategoryKind.CATEGORY_KIND_EXPENSE
        fitting = [each.id for each in self.book.everything(Category) if each.kind == wanted and not each.archived]
        return self.pick(fitting) if fitting and self.chance(96) else self.one_of(Category, "")

    # --- transactions ---

    def draft(self, user: str) -> TransactionDraft:
        kind = self.random.choices((EXPENSE, INCOME, TRANSFER, REFUND), (50, 14, 22, 14))[0]
        account = self.book.find(user, Account, self.one_of(Account, user)) or self.pick(self.book.everything(Account))
        draft = TransactionDraft(
            transaction_id=self.new_id(),
            kind=kind,
            account_id=account.id,
            amount=self.money(account.currency),
            booked_on=self.day(),
            payee=self.pick(WORDS),
            note=self.pick(WORDS),
            status=PENDING if self.chance(20) else UNSAID,
        )
        if kind == TRANSFER:
            self._to(draft, user)
        elif self.chance(25):
            self._split(draft, user, account)
        elif self.chance(85):
            draft.category_id = self.category(kind)
        if kind == REFUND and self.chance(80):
            self._refund(draft, user, account)
        if self.chance(20):
            draft.payee_id = self.one_of(Payee, user)
        if self.chance(20):
            draft.tag_ids.extend(dict.fromkeys(self.one_of(Tag, user).lower() for _ in range(2)))
        if self.chance(15):
            draft.import_key = self.pick(KEYS)
        if self.chance(7):
            self.pick(_SPOILS)(self, draft)
        return draft

    def _to(self, draft: TransactionDraft, user: str) -> None:
        target = self.book.find(user, Account, self.one_of(Account, user))
        if target is None or (target.id == draft.account_id and not self.chance(10)):
            others = [each for each in self.book.all(user, Account) if each.id != draft.account_id]
            target = self.pick(others) if others else None
        draft.to_account_id = target.id if target else self.new_id()
        if target and (target.currency != draft.amount.currency or self.chance(10)):
            draft.to_amount.CopyFrom(self.money(target.currency))
        if self.chance(10):
            draft.to_import_key = self.pick(KEYS)

    def _split(self, draft: TransactionDraft, user: str, account: Account) -> None:
        others = [each.id for each in self.book.all(user, Account) if each.currency == account.currency]
        for _ in range(self.random.randint(1, 3)):
            part = Split(amount=self.money(account.currency), note=self.pick(WORDS))
            if self.chance(80):
                part.category_id = self.category(draft.kind)
            if others and self.chance(25):
                part.account_id = self.pick(others)
            draft.splits.append(part)
        whole = sum(part.amount.minor for part in draft.splits)
        draft.amount.CopyFrom(Money(currency=account.currency, minor=whole))

    def _refund(self, draft: TransactionDraft, user: str, account: Account) -> None:
        """Mostly of an expense that the same people see."""
        expenses = [
            each
            for each in self.book.all(user, Transaction)
            if each.kind == EXPENSE and magnitude(each).currency == account.currency
        ]
        expenses = [each for each in expenses if each.private_to == account.private_to or self.chance(5)]
        if expenses:
            expense = self.pick(expenses[-12:])
            draft.refund_of_id = expense.id
            if not draft.splits:
                draft.amount.minor = max(1, magnitude(expense).minor // self.random.randint(1, 4))

    def create_transaction(self, user: str) -> Any:
        draft = self.draft(user)
        is_whole = draft.kind == EXPENSE and draft.HasField("amount")
        if self.alone and is_whole and self.chance(3) and self.book.held(draft.account_id).minor < 0:
            # The most that can be written down: too much wherever something is owed already.
            draft.amount.minor = MONEY_MAX
        request = CreateTransactionRequest.FromString(draft.SerializeToString())
        request.MergeFrom(CreateTransactionRequest(**self.heads()))
        request.reimport_deleted = self.chance(30)
        return request

    def batch_create_transactions(self, user: str) -> Any:
        drafts = [self.draft(user) for _ in range(self.random.randint(1, BATCH_MAX))]
        if self.chance(5):
            drafts[-1].transaction_id = drafts[0].transaction_id
        return pb.BatchCreateTransactionsRequest(**self.heads(), transactions=drafts, reimport_deleted=self.chance(30))

    def update_transaction(self, user: str) -> Any:
        update = self.update(user)
        request = pb.UpdateTransactionRequest(
            **self.heads(),
            transaction_id=update.transaction_id,
            update_mask=update.update_mask,
            change=update.change,
            split_changes=update.split_changes,
            unlock=self.chance(40),
        )
        if update.HasField("base_version"):
            request.base_version = update.base_version
        return request

    def batch_update_transactions(self, user: str) -> Any:
        updates = [self.update(user) for _ in range(self.random.randint(1, BATCH_MAX))]
        if self.chance(90):
            updates = list({update.transaction_id.lower(): update for update in updates}.values())
        return pb.BatchUpdateTransactionsRequest(**self.heads(), updates=updates, unlock=self.chance(50))

    def update(self, user: str) -> pb.TransactionUpdate:
        update = pb.TransactionUpdate(transaction_id=self.one_of(Transaction, user))
        if self.chance(25):
            update.base_version = max(0, self.book.seq - self.random.choice((0, 1, 5, 50)))
        before = self.book.live.get(update.transaction_id)
        if before is None:
            update.change.note = "nobody is there"
            return update
        if self.chance(15):
            self._resize(update, before)
            return update
        change = self._changed(before, user)
        names = {field.name for field, _ in change.ListFields()} - {"transaction_id"}
        update.change.CopyFrom(change)
        if self.chance(75):
            update.update_mask.paths.extend(sorted(names) or ["note"])
        if self.chance(2):
            update.update_mask.paths.append(self.pick(("transaction_id", "version", "entries")))
        return update

    def _resize(self, update: pb.TransactionUpdate, before: Transaction) -> None:
        """One part becomes larger or smaller, and the whole with it."""
        entry = self.pick(list(before.entries))
        amount = self.money(entry.amount.currency)
        change = pb.SplitChange(line=entry.line if self.chance(95) else 99, amount=amount)
        if self.chance(30):
            change.category_id = self.category(before.kind)
        if self.chance(30):
            change.note = self.pick(WORDS)
        update.split_changes.append(change)
        whole = magnitude(before).minor - abs(entry.amount.minor) + amount.minor
        update.change.amount.CopyFrom(Money(currency=amount.currency, minor=whole))

    def _changed(self, before: Transaction, user: str) -> TransactionDraft:
        """Some fields of a transaction as somebody would rather have them."""
        old, new = draft_of(before), self.draft(user)
        if self.chance(8):
            return new
        change = TransactionDraft()
        for name in self.random.sample(_CHANGES, self.random.choice((1, 1, 1, 2, 3))):
            if name == "amount":
                change.amount.CopyFrom(self.money(old.amount.currency))
            elif name == "account_id":
                same = [each for each in self.book.all(user, Account) if each.currency == old.amount.currency]
                change.account_id = self.pick(same).id if same else new.account_id
            elif name == "category_id":
                change.category_id = self.category(before.kind)
            elif name == "status":
                change.status = self.random.choice((1, 2))  # type: ignore[assignment]  # pending or cleared
            elif name == "splits":
                change.splits.extend(old.splits[: self.random.randint(0, 2)])
                self._split(change, user, Account(currency=old.amount.currency))
            elif name != "to_amount" or new.HasField("to_amount"):
                change.MergeFrom(TransactionDraft(**{name: getattr(new, name)}))
        return change

    def delete_transaction(self, user: str) -> Any:
        request = pb.DeleteTransactionRequest(
            **self.heads(), transaction_id=self.one_of(Transaction, user), unlock=self.chance(50)
        )
        if self.chance(20):
            request.base_version = max(0, self.book.seq - self.random.choice((0, 1, 20)))
        return request

    def batch_delete_transactions(self, user: str) -> Any:
        ids = {self.one_of(Transaction, user).lower(): None for _ in range(self.random.randint(1, 3))}
        for one in [*ids]:
            if self.chance(70):
                ids |= {each.id: None for each in self.book.everything(Transaction) if each.refund_of_id == one}
        return pb.BatchDeleteTransactionsRequest(**self.heads(), transaction_ids=[*ids], unlock=self.chance(50))

    def restore_transaction(self, user: str) -> Any:
        gone = [each.id for each in self.book.all(user, Transaction, deleted=True)]
        transaction_id = self.pick(gone) if gone and self.chance(90) else self.one_of(Transaction, user)
        return pb.RestoreTransactionRequest(**self.heads(), transaction_id=transaction_id)

    def revert_transaction(self, user: str) -> Any:
        many = [
            key
            for key, found in self.book.history.items()
            if len(found) > 1 and isinstance(found[0].entity, Transaction)
        ]
        transaction_id = self.pick(many) if many and self.chance(90) else self.one_of(Transaction, user)
        versions = [each.entity.version for each in self.book.history.get(transaction_id.lower(), [])]
        to_version = self.pick(versions) if versions and self.chance(97) else self.book.seq + 1
        return pb.RevertTransactionRequest(
            **self.heads(), transaction_id=transaction_id, to_version=to_version, unlock=self.chance(50)
        )


_CHANGES = (
    *("booked_on", "booked_on", "amount", "amount", "category_id", "category_id", "account_id", "status", "splits"),
    *("note", "payee", "payee_id", "tag_ids", "import_key", "refund_of_id", "kind", "to_account_id", "to_amount"),
)


def _of(change: Callable[[TransactionDraft], object]) -> Callable[[Dice, TransactionDraft], object]:
    return lambda _, draft: change(draft)


# Each makes a draft wrong, or at least strange, in one respect.
_SPOILS: tuple[Callable[[Dice, TransactionDraft], object], ...] = (
    lambda dice, draft: setattr(draft.amount, "currency", dice.pick(("EUR", "USD", "KWD", "XQQ"))),
    lambda dice, draft: setattr(draft.amount, "minor", dice.pick((0, -5, draft.amount.minor + 1))),
    lambda dice, draft: setattr(draft, "booked_on", dice.pick(("2026-02-29", "2026-04-31", "2026-13-01"))),
    lambda dice, draft: setattr(draft, "account_id", dice.one_of(Account, "")),
    lambda dice, draft: setattr(draft, "category_id", dice.one_of(Category, "")),
    lambda dice, draft: setattr(draft, "to_account_id", draft.account_id),
    lambda dice, draft: setattr(draft, "refund_of_id", dice.one_of(Transaction, "")),
    lambda dice, draft: setattr(draft, "transaction_id", dice.one_of(Transaction, "")),
    lambda dice, draft: draft.to_amount.CopyFrom(dice.money("USD")),
    lambda dice, draft: draft.tag_ids.append(dice.new_id()),
    _of(lambda draft: draft.ClearField("amount")),
    _of(lambda draft: setattr(draft, "to_import_key", "bank-9")),
)
