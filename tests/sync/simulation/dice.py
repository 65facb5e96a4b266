"""What does a user do next? Any command that waits in an outbox, made of what the device shows, by chance; some of it is nonsense.

Whatever holds text carries a mark that nothing else has, so that it can be found again wherever it went.
"""

import re
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message

from sync.simulation import dice_budgets
from sync.simulation.watched import WatchedBook
from tallystick_client import new_id
from tallystick_client.v1 import ledger_accounts_pb2 as accounts
from tallystick_client.v1 import ledger_categories_pb2 as categories
from tallystick_client.v1 import ledger_labels_pb2 as labels
from tallystick_client.v1 import ledger_pb2 as ledger
from tallystick_client.v1 import ledger_service_pb2 as service
from tallystick_client.v1 import ledger_templates_pb2 as templates
from tallystick_client.v1 import ledger_transactions_pb2 as transactions
from tallystick_client.v1.auth_service_pb2 import UpdateMeRequest
from tallystick_client.v1.ledger_books_pb2 import UpdateBookRequest
from tallystick_client.v1.ledger_rates_pb2 import SetRateRequest
from tallystick_client.v1.money_pb2 import Money
from tallystick_client.v1.settings_client_values_pb2 import DeleteClientValueRequest, PutClientValueRequest
from tallystick_client.v1.settings_pb2 import UpdateSettingsRequest
from tallystick_client.v1.space_pb2 import Member
from tallystick_client.v1.space_service_pb2 import UpdateMemberRequest

MARK = re.compile(r"mk[0-9a-f]{12}z")
MARK_BYTES = re.compile(MARK.pattern.encode())
EXPENSE = ledger.TransactionKind.TRANSACTION_KIND_EXPENSE
INCOME = ledger.TransactionKind.TRANSACTION_KIND_INCOME
TRANSFER = ledger.TransactionKind.TRANSACTION_KIND_TRANSFER
OF_SPENDING = ledger.CategoryKind.CATEGORY_KIND_EXPENSE
OF_EARNING = ledger.CategoryKind.CATEGORY_KIND_INCOME
BATCH_MAX = 4


class NothingToDo(Exception):
    """There is nothing that such a command could be about."""


class Noun(NamedTuple):
    """A kind of entity that is made, changed, deleted and restored by name."""

    name: str
    message: type[Any]
    module: Any
    # Where its commands to make one are.
    home: Any


ACCOUNT = Noun("account", ledger.Account, accounts, service)
CATEGORY = Noun("category", ledger.Category, categories, service)
PAYEE = Noun("payee", labels.Payee, labels, labels)
TAG = Noun("tag", labels.Tag, labels, labels)
METHOD = Noun("payment_method", labels.PaymentMethod, labels, labels)
TEMPLATE = Noun("template", templates.Template, templates, templates)
NOUNS = (ACCOUNT, CATEGORY, PAYEE, TAG, METHOD, TEMPLATE)


class Dice:
    """Makes commands. What it makes follows from the random numbers and from what the device shows."""

    def __init__(self, book: WatchedBook, random: Random, user_id: str, *, is_home: bool) -> None:
        self._book = book
        self._random = random
        self._user_id = user_id
        self._makers = OF_HOME if is_home else OF_BOOK

    def roll(self) -> Message:
        """The next command."""
        makers, often = zip(*self._makers, strict=True)
        while True:
            try:
                made: Message = self._random.choices(makers, often)[0](self)
            except NothingToDo:
                continue
            return made

    def chance(self, often: float) -> bool:
        return self._random.random() < often

    def mark(self) -> str:
        return f"mk{self._random.getrandbits(48):012x}z"

    # Of what there is.

    def any_of(self, kind: type[Any]) -> Any:
        there = self._book.list(kind)
        if not there:
            raise NothingToDo
        return self._random.choice(there)

    def any_of_noun(self, noun: Noun) -> Any:
        return self.any_of(noun.message)

    def any_gone(self, kind: str) -> str:
        gone = self._book.gone(kind)
        if not gone:
            raise NothingToDo
        return self._random.choice(gone)

    def money(self, currency: str = "EUR") -> Money:
        return Money(currency=currency, minor=self._random.randint(1, 99_999))

    def day(self) -> str:
        return f"2026-{self._random.randint(1, 12):02}-{self._random.randint(1, 28):02}"

    def category(self, kind: Any) -> str:
        fitting = [each.id for each in self._book.list(ledger.Category) if each.kind == kind and not each.archived]
        return self._random.choice(fitting) if fitting else ""

    # Transactions.

    def draft(self) -> dict[str, Any]:
        """The fields of a new transaction."""
        random, account = self._random, self.any_of(ledger.Account)
        kind = random.choices((EXPENSE, INCOME, TRANSFER), (6, 2, 2))[0]
        fields: dict[str, Any] = {"kind": kind, "account_id": account.id, "amount": self.money(account.currency)}
        fields |= {"booked_on": self.day(), "note": self.mark()}
        if kind == TRANSFER:
            # Now and then to itself, which is refused.
            return fields | {"to_account_id": self.any_of(ledger.Account).id}
        wanted = OF_SPENDING if kind == EXPENSE else OF_EARNING
        if random.random() < 0.25:
            parts = [self.money(account.currency) for _ in range(random.randint(2, 3))]
            fields["splits"] = [ledger.Split(category_id=self.category(wanted), amount=part) for part in parts]
            # Now and then they do not add up.
            fields["amount"].minor = sum(part.minor for part in parts) + (random.random() < 0.1)
        else:
            fields["category_id"] = self.category(wanted)
        if random.random() < 0.3 and (tags := self._book.list(labels.Tag)):
            fields["tag_ids"] = [random.choice(tags).id]
        if random.random() < 0.3 and (payees := self._book.list(labels.Payee)):
            fields["payee_id"] = random.choice(payees).id
        return fields

    def create_transaction(self) -> Message:
        return service.CreateTransactionRequest(**self.draft())

    def create_many(self) -> Message:
        drafts = [ledger.TransactionDraft(**self.draft()) for _ in range(self._random.randint(1, BATCH_MAX))]
        return transactions.BatchCreateTransactionsRequest(transactions=drafts)

    def change_of(self, before: Any) -> dict[str, Any]:
        """What an update says about a transaction."""
        fields: dict[str, Any] = {}
        for name in self._random.sample(("note", "payee", "amount", "booked_on", "account_id", "category_id"), 2):
            if name in {"note", "payee"}:
                fields[name] = self.mark()
            elif name == "amount":
                fields[name] = self.money(before.entries[0].amount.currency)
            elif name == "booked_on":
                fields[name] = self.day()
            elif name == "account_id":
                fields[name] = self.any_of(ledger.Account).id
            else:
                fields[name] = self.category(OF_SPENDING)
        return {"change": ledger.TransactionDraft(**fields), "update_mask": FieldMask(paths=list(fields))}

    def update_transaction(self) -> Message:
        before = self.any_of(ledger.Transaction)
        return transactions.UpdateTransactionRequest(transaction_id=before.id, **self.change_of(before))

    def update_part(self) -> Message:
        """A part of a transaction."""
        before = self.any_of(ledger.Transaction)
        change = transactions.SplitChange(line=self._random.choice(before.entries).line, note=self.mark())
        return transactions.UpdateTransactionRequest(transaction_id=before.id, split_changes=[change])

    def update_many(self) -> Message:
        some = self.some_transactions()
        updates = [transactions.TransactionUpdate(transaction_id=each.id, **self.change_of(each)) for each in some]
        return transactions.BatchUpdateTransactionsRequest(updates=updates)

    def delete_transaction(self) -> Message:
        return transactions.DeleteTransactionRequest(transaction_id=self.any_of(ledger.Transaction).id)

    def delete_many(self) -> Message:
        ids = [each.id for each in self.some_transactions()]
        return transactions.BatchDeleteTransactionsRequest(transaction_ids=ids)

    def restore_transaction(self) -> Message:
        return transactions.RestoreTransactionRequest(transaction_id=self.any_gone("transaction"))

    def some_transactions(self) -> list[Any]:
        there = self._book.list(ledger.Transaction)
        if not there:
            raise NothingToDo
        return self._random.sample(there, min(len(there), self._random.randint(1, BATCH_MAX)))

    # Whatever has a name.

    def create_noun(self) -> Message:
        random, noun = self._random, self._random.choice(NOUNS)
        fields: dict[str, Any] = {"name": self.mark()}
        if noun is ACCOUNT:
            fields |= {"type": random.randint(1, 4), "currency": "EUR" if random.random() < 0.85 else "USD"}
            fields["private"] = random.random() < 0.15
            if random.random() < 0.3:
                fields |= {"opening_balance": self.money(fields["currency"]), "opening_on": self.day()}
        elif noun is CATEGORY:
            fields |= {"kind": random.choice((OF_SPENDING, OF_EARNING))}
            fields["parent_id"] = self.category(OF_SPENDING) if random.random() < 0.3 else ""
        elif noun is TEMPLATE:
            fields |= {"draft": self.template_draft(), "mode": templates.TemplateMode.TEMPLATE_MODE_REMIND}
            fields["schedule"] = templates.Schedule(starts_on=self.day(), rule="FREQ=MONTHLY")
        request: Message = getattr(noun.home, f"Create{_camel(noun.name)}Request")(**fields)
        return request

    def template_draft(self) -> ledger.TransactionDraft:
        fields = {name: value for name, value in self.draft().items() if name != "booked_on"}
        return ledger.TransactionDraft(**fields)

    def update_noun(self) -> Message:
        noun = self._random.choice(NOUNS)
        fields: dict[str, Any] = {"name": self.mark()}
        if noun is ACCOUNT and self._random.random() < 0.3:
            fields |= {"private": self._random.random() < 0.5}
        if noun is CATEGORY and self._random.random() < 0.2:
            fields |= {"parent_id": self.any_of_noun(noun).id}
        if noun is TEMPLATE and self._random.random() < 0.5:
            fields |= {"draft": self.template_draft()}
        return self._about(
            noun, "Update", self.any_of_noun(noun).id, **fields, update_mask=FieldMask(paths=list(fields))
        )

    def delete_noun(self) -> Message:
        noun = self._random.choice(NOUNS)
        return self._about(noun, "Delete", self.any_of_noun(noun).id)

    def restore_noun(self) -> Message:
        noun = self._random.choice(NOUNS)
        return self._about(noun, "Restore", self.any_gone(noun.name))

    def merge_categories(self) -> Message:
        one, other = self.any_of(ledger.Category), self.any_of(ledger.Category)
        return categories.MergeCategoriesRequest(category_id=one.id, into_category_id=other.id)

    def update_book(self) -> Message:
        fields: dict[str, Any] = {"name": self.mark(), "first_day_of_month": self._random.randint(1, 28)}
        return UpdateBookRequest(**fields, update_mask=FieldMask(paths=list(fields)))

    def set_rate(self) -> Message:
        return SetRateRequest(base="EUR", quote="USD", on=self.day(), rate=f"1.{self._random.randint(1, 99):02}")

    def rename_oneself(self) -> Message:
        own = [each for each in self._book.list(Member) if each.user_id == self._user_id]
        if not own:
            raise NothingToDo
        mask = FieldMask(paths=["display_name"])
        return UpdateMemberRequest(member_id=own[0].id, display_name=self.mark(), update_mask=mask)

    def update_me(self) -> Message:
        return UpdateMeRequest(display_name=self.mark(), update_mask=FieldMask(paths=["display_name"]))

    def update_settings(self) -> Message:
        fields: dict[str, Any] = {
            "locale": self._random.choice(["de-CH", "en", "fr"]),
            "theme": self._random.randint(1, 3),
            "first_day_of_month": self._random.randint(1, 28),
            "hide_amounts": self._random.random() < 0.5,
        }
        names = self._random.sample(sorted(fields), self._random.randint(1, len(fields)))
        return UpdateSettingsRequest(**{name: fields[name] for name in names}, update_mask=FieldMask(paths=names))

    def put_client_value(self) -> Message:
        return PutClientValueRequest(key=f"k/{self._random.randint(1, 5)}", value=self.mark().encode())

    def delete_client_value(self) -> Message:
        return DeleteClientValueRequest(key=f"k/{self._random.randint(1, 5)}")

    # Nonsense.

    def update_nothing(self) -> Message:
        change = ledger.TransactionDraft(note=self.mark())
        mask = FieldMask(paths=["note"])
        return transactions.UpdateTransactionRequest(transaction_id=new_id(), change=change, update_mask=mask)

    def spend_nothing(self) -> Message:
        fields = self.draft() | {"amount": Money(currency="EUR")}
        return service.CreateTransactionRequest(**fields)

    def spend_from_nowhere(self) -> Message:
        return service.CreateTransactionRequest(**self.draft() | {"account_id": new_id()})

    def _about(self, noun: Noun, verb: str, entity_id: str, **fields: Any) -> Message:
        request: Message = getattr(noun.module, f"{verb}{_camel(noun.name)}Request")(
            **{f"{noun.name}_id": entity_id}, **fields
        )
        return request


def _camel(name: str) -> str:
    return name.title().replace("_", "")


Makers = tuple[tuple[Callable[[Dice], Message], int], ...]
OF_BOOK: Makers = (
    (Dice.create_transaction, 24),
    (Dice.create_many, 4),
    (Dice.update_transaction, 20),
    (Dice.update_part, 4),
    (Dice.update_many, 3),
    (Dice.delete_transaction, 6),
    (Dice.delete_many, 1),
    (Dice.restore_transaction, 4),
    (Dice.create_noun, 8),
    (Dice.update_noun, 10),
    (Dice.delete_noun, 2),
    (Dice.restore_noun, 3),
    (Dice.merge_categories, 1),
    (Dice.update_book, 2),
    (Dice.set_rate, 2),
    (dice_budgets.create_budget, 2),
    (dice_budgets.update_budget, 2),
    (dice_budgets.delete_budget, 1),
    (dice_budgets.restore_budget, 1),
    (dice_budgets.copy_budget, 1),
    (dice_budgets.create_item, 4),
    (dice_budgets.update_item, 4),
    (dice_budgets.delete_item, 1),
    (dice_budgets.restore_item, 1),
    (dice_budgets.assign_money, 4),
    (dice_budgets.move_money, 2),
    (dice_budgets.copy_forward, 1),
    (Dice.rename_oneself, 1),
    (Dice.update_nothing, 1),
    (Dice.spend_nothing, 1),
    (Dice.spend_from_nowhere, 1),
)
OF_HOME: Makers = (
    (Dice.update_me, 1),
    (Dice.update_settings, 3),
    (Dice.put_client_value, 4),
    (Dice.delete_client_value, 2),
    (dice_budgets.mark_read, 1),
    (dice_budgets.mark_all_read, 1),
    (dice_budgets.delete_notification, 1),
    (dice_budgets.update_preferences, 2),
)
