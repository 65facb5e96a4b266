"""What is there to find in a list? A book in which days, amounts and words repeat, and everything has happened to transactions."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from people import BookOf, Person, make_book, new_id
from rpc.ledger import accounts, categories
from tallystick_client.v1 import ledger_accounts_pb2, ledger_labels_pb2, ledger_service_pb2, ledger_transactions_pb2
from tallystick_client.v1.ledger_pb2 import Split, Transaction, TransactionDraft
from tallystick_client.v1.money_pb2 import Money

DAYS = [f"2026-03-{day:02}" for day in range(1, 13)]
# Some are the same number in several currencies, which have 2, 2, 0 and 3 decimals.
MINORS = [1, 100, 1000, 1000, 2550, 100_000, 9_223_372_036]
WORDS = ["Bakery", "bakery", "STRASSE", "Straße", "Café", "Cafe\u0301", "rent", "Rye", "100", "a\tb"]
PAYEES = ["Bäckerei Müller", "CAFÉ am Eck", "Rent & Co"]


@dataclass
class CrowdedBook:
    """Ann's book: the ids of what is in it, and every transaction as it is now."""

    book: BookOf
    dice: Random
    currency_of: dict[str, str] = field(default_factory=dict)
    private_id: str = ""
    parent_of: dict[str, str] = field(default_factory=dict)
    earning_ids: list[str] = field(default_factory=list)
    payee_names: dict[str, str] = field(default_factory=dict)
    tag_ids: list[str] = field(default_factory=list)
    method_ids: list[str] = field(default_factory=list)
    live: dict[str, Transaction] = field(default_factory=dict)
    deleted: dict[str, Transaction] = field(default_factory=dict)

    async def call(self, rpc: str, module: Any, **fields: Any) -> Any:
        request = getattr(module, f"{rpc}Request")(request_id=new_id(), book_id=self.book.id, **fields)
        return await getattr(self.book.person.ledger, rpc)(request)

    async def get(self, transaction_id: str) -> Transaction:
        answer = await self.book.person.ledger.GetTransaction(
            ledger_service_pb2.GetTransactionRequest(book_id=self.book.id, transaction_id=transaction_id)
        )
        found: Transaction = answer.transaction
        return found

    def any_draft(self) -> TransactionDraft:
        """Something that somebody may write down."""
        dice = self.dice
        account_id = dice.choice(list(self.currency_of))
        kind = dice.choice(
            [accounts.EXPENSE] * 5 + [accounts.INCOME, accounts.TRANSFER, accounts.TRANSFER, accounts.REFUND]
        )
        fields: dict[str, Any] = {
            "kind": kind,
            "account_id": account_id,
            "amount": self._money(account_id),
            "booked_on": dice.choice(DAYS),
            "payee": " ".join(dice.choices(WORDS, k=dice.randint(0, 2))),
            "note": " ".join(dice.choices(WORDS, k=dice.randint(0, 3))),
            "status": dice.choice([0, 0, accounts.PENDING]),
            "payee_id": dice.choice(["", "", *self.payee_names]),
            "payment_method_id": dice.choice(["", *self.method_ids]),
            "tag_ids": dice.sample(self.tag_ids, dice.choice([0, 0, 1, 2])),
        }
        if kind == accounts.TRANSFER:
            return TransactionDraft(**fields | self._target(account_id, fields["amount"]))
        category_ids = self.earning_ids if kind == accounts.INCOME else list(self.parent_of)
        if dice.random() < 0.3:
            return TransactionDraft(**fields | self._parts(account_id, category_ids))
        return TransactionDraft(**fields, category_id=dice.choice(["", *category_ids]))

    def _money(self, account_id: str) -> Money:
        return Money(currency=self.currency_of[account_id], minor=self.dice.choice(MINORS))

    def _target(self, account_id: str, amount: Money) -> dict[str, Any]:
        target_id = self.dice.choice([other for other in self.currency_of if other != account_id])
        same = self.currency_of[target_id] == amount.currency
        return {"to_account_id": target_id, "to_amount": amount if same else self._money(target_id)}

    def _parts(self, account_id: str, category_ids: list[str]) -> dict[str, Any]:
        """Parts on the same account, or on another of its currency."""
        currency = self.currency_of[account_id]
        alike = [other for other, of in self.currency_of.items() if of == currency]
        parts = [
            Split(
                account_id=self.dice.choice(alike),
                category_id=self.dice.choice(["", *category_ids]),
                amount=Money(currency=currency, minor=self.dice.choice([50, 450])),
                note=self.dice.choice(["", *WORDS]),
            )
            for _ in range(self.dice.randint(2, 3))
        ]
        return {"splits": parts, "amount": Money(currency=currency, minor=sum(part.amount.minor for part in parts))}

    async def record(self, count: int) -> list[str]:
        """Records any things in one commit."""
        drafts = [self.any_draft() for _ in range(count)]
        answer = await self.call("BatchCreateTransactions", ledger_transactions_pb2, transactions=drafts)
        return await self.learn(answer.transaction_ids)

    async def learn(self, transaction_ids: Any) -> list[str]:
        for each in transaction_ids:
            self.live[each] = await self.get(each)
        return list(transaction_ids)

    async def rewrite(self, transaction_id: str) -> None:
        """Makes something else of a transaction, which loses entries and tags with it."""
        paths = ["kind", "account_id", "category_id", "amount", "booked_on", "payee", "note", "payee_id"]
        paths += ["payment_method_id", "tag_ids", "to_account_id", "to_amount", "splits"]
        await self.call(
            "UpdateTransaction",
            ledger_transactions_pb2,
            transaction_id=transaction_id,
            change=self.any_draft(),
            update_mask={"paths": paths},
        )
        await self.learn([transaction_id])

    async def delete(self, transaction_id: str) -> None:
        await self.call("DeleteTransaction", ledger_transactions_pb2, transaction_id=transaction_id)
        self.deleted[transaction_id] = self.live.pop(transaction_id)

    async def restore(self, transaction_id: str) -> None:
        await self.call("RestoreTransaction", ledger_transactions_pb2, transaction_id=transaction_id)
        del self.deleted[transaction_id]
        await self.learn([transaction_id])


async def make_crowded_book(person: Person, seed: int) -> CrowdedBook:
    book = await make_book(person)
    crowd = CrowdedBook(book, Random(seed), currency_of={book.account_id: "EUR"}, earning_ids=[book.earning_id])
    for currency in ("EUR", "USD", "JPY", "KWD"):
        crowd.currency_of[(await accounts.make(book, currency=currency)).id] = currency
    opened = await accounts.opened(book, 2550, on=DAYS[0], private=True)
    crowd.private_id = opened.id
    crowd.currency_of[opened.id] = "EUR"
    await crowd.learn([opened.opening_transaction_id])
    crowd.parent_of[book.spending_id] = ""
    for parent_id in (book.spending_id, ""):
        child = await categories.make(book, parent_id=parent_id)
        grandchild = await categories.make(book, parent_id=child.id)
        crowd.parent_of |= {child.id: parent_id, grandchild.id: child.id}
    for name in PAYEES:
        crowd.payee_names[(await crowd.call("CreatePayee", ledger_labels_pb2, name=name)).payee.id] = name
    for number in range(3):
        crowd.tag_ids.append((await crowd.call("CreateTag", ledger_labels_pb2, name=f"tag {number}")).tag.id)
        method = await crowd.call("CreatePaymentMethod", ledger_labels_pb2, name=f"method {number}")
        crowd.method_ids.append(method.payment_method.id)
    recorded = await crowd.record(150)
    for each in recorded[:20]:
        await crowd.rewrite(each)
    for each in recorded[10:35]:
        await crowd.delete(each)
    for each in recorded[10:14]:
        await crowd.restore(each)
    reconciled = await crowd.call(
        "ReconcileAccount",
        ledger_accounts_pb2,
        account_id=book.account_id,
        statement_balance=accounts.eur(77),
        statement_on=DAYS[5],
        adjust=True,
    )
    await crowd.learn([reconciled.adjustment.id, *crowd.live])
    return crowd
