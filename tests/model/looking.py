"""Is what can be read in a book what the model says? One question at a time, of a random kind, by a random member."""

from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import Any

from model import reading
from model.dice import WORDS
from model.drafts import magnitude
from model.noun_dice import AnyDice
from model.walk import Mismatch, Walk, plain
from people import Refusal
from tallystick_client.v1 import ledger_accounts_pb2 as accounts
from tallystick_client.v1 import ledger_service_pb2 as service
from tallystick_client.v1 import ledger_transactions_pb2 as transactions
from tallystick_client.v1.ledger_labels_pb2 import Payee, Tag
from tallystick_client.v1.ledger_pb2 import Account, Category, Transaction, TransactionKind, TransactionStatus

FILTERS_MAX = 2
SHOWN_MAX = 3


class Looker:
    """Reads a walk's book, and compares."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk

    async def look(self, seed: object) -> None:
        dice = AnyDice(Random(f"look {seed}"), self.walk.book)
        user = dice.pick([*self.walk.book.roles])
        await dice.random.choices(_LOOKS, _OFTEN)[0](self, dice, user)

    async def look_at_all(self) -> None:
        """Everything that each member sees."""
        for user in self.walk.book.roles:
            dice = AnyDice(Random(user), self.walk.book)
            await self.all_accounts(dice, user)
            await self._list(user, service.ListTransactionsRequest(book_id=self.walk.book.id, page_size=200))
            for account in self.walk.book.all(user, Account):
                await self._balance(user, account.id, "")

    async def balance(self, dice: AnyDice, user: str) -> None:
        await self._balance(user, dice.one_of(Account, user).lower(), dice.day() if dice.chance(70) else "")

    async def _balance(self, user: str, account_id: str, as_of: str) -> None:
        asked = service.GetAccountBalanceRequest(book_id=self.walk.book.id, account_id=account_id, as_of=as_of)
        account = self.walk.book.find(user, Account, account_id)
        wanted = reading.balance_of(self.walk.book, account, as_of) if account else None
        await self._compare(user, "GetAccountBalance", asked, wanted)

    async def all_accounts(self, dice: AnyDice, user: str) -> None:
        deleted = dice.chance(20)
        found = reading.all_accounts(self.walk.book, user, deleted=deleted)
        wanted = accounts.ListAccountsResponse(
            accounts=[each for each, _ in found], balances=[held for _, held in found]
        )
        await self._compare(
            user, "ListAccounts", accounts.ListAccountsRequest(book_id=self.walk.book.id, deleted=deleted), wanted
        )

    async def transaction(self, dice: AnyDice, user: str) -> None:
        asked = service.GetTransactionRequest(book_id=self.walk.book.id, transaction_id=dice.one_of(Transaction, user))
        found = self.walk.book.find(user, Transaction, asked.transaction_id.lower())
        wanted = service.GetTransactionResponse(transaction=found) if found else None
        await self._compare(user, "GetTransaction", asked, wanted)

    async def history(self, dice: AnyDice, user: str) -> None:
        asked = transactions.ListTransactionHistoryRequest(
            book_id=self.walk.book.id, transaction_id=dice.one_of(Transaction, user).lower()
        )
        book, found = self.walk.book, asked.transaction_id
        seen = book.find(user, Transaction, found) or book.find_gone(user, Transaction, found)
        await self._compare_pages(
            user, "ListTransactionHistory", asked, "revisions", reading.revisions(book, user, found) if seen else None
        )

    async def lines(self, dice: AnyDice, user: str) -> None:
        days = sorted(dice.day() if dice.chance(30) else edge for edge in (reading.BEGINNING, "9999-12-31"))
        asked = accounts.ListAccountTransactionsRequest(
            book_id=self.walk.book.id,
            account_id=dice.one_of(Account, user).lower(),
            booked_from=days[0],
            booked_until=days[1],
            page_size=dice.pick((0, 3, 200)),
        )
        account = self.walk.book.find(user, Account, asked.account_id)
        wanted = reading.account_lines(self.walk.book, user, account, *days) if account else None
        await self._compare_pages(user, "ListAccountTransactions", asked, "lines", wanted)

    async def points(self, dice: AnyDice, user: str) -> None:
        first, last = sorted(min(max(dice.day(), "2025-01-01"), "2027-01-01") for _ in range(2))
        asked = accounts.ListBalanceHistoryRequest(
            book_id=self.walk.book.id,
            account_id=dice.one_of(Account, user).lower(),
            from_on=first,
            until_on=last,
            step=dice.pick(accounts.BalanceStep.values()[1:]),
        )
        account = self.walk.book.find(user, Account, asked.account_id)
        said = await self.walk.desk.call(user, "ListBalanceHistory", asked)
        if isinstance(said, Refusal) or account is None:
            self._require(isinstance(said, Refusal) and account is None, asked, "a history or NOT_FOUND", said)
            return
        for point in said.points:
            held = self.walk.book.held(account.id, point.on)
            self._require(point.balance.minor == held.minor, asked, str(held), point)

    async def list(self, dice: AnyDice, user: str) -> None:
        book = self.walk.book
        asked = service.ListTransactionsRequest(
            book_id=book.id,
            page_size=dice.pick((0, 2, 7, 200)),
            order_by=dice.pick(service.TransactionOrder.values()),
            with_totals=dice.chance(40),
            deleted=dice.chance(10),
        )
        seen = book.all(user, Transaction)
        for fill in dice.random.sample(_FILTERS, dice.random.randint(0, FILTERS_MAX)):
            fill(dice, user, asked, seen)
        await self._list(user, asked)

    async def _list(self, user: str, asked: service.ListTransactionsRequest) -> None:
        wanted = reading.matching(self.walk.book, user, asked)
        said = await self._compare_pages(user, "ListTransactions", asked, "transactions", wanted)
        if asked.with_totals and said is not None:
            self._require(said.totals == reading.totals(wanted), asked, str(reading.totals(wanted)), said.totals)

    async def _compare(self, user: str, rpc: str, asked: Any, wanted: Any) -> None:
        said = await self.walk.desk.call(user, rpc, asked)
        if wanted is None:
            self._require(isinstance(said, Refusal) and said.reason == "NOT_FOUND", asked, "NOT_FOUND", said)
        else:
            self._require(not isinstance(said, Refusal) and plain(said) == plain(wanted), asked, str(wanted), said)

    async def _compare_pages(self, user: str, rpc: str, asked: Any, name: str, wanted: Sequence[Any] | None) -> Any:
        """All pages as one list. The last page is returned."""
        found: list[Any] = []
        while True:
            said = await self.walk.desk.call(user, rpc, asked)
            if wanted is None or isinstance(said, Refusal):
                is_right = wanted is None and isinstance(said, Refusal) and said.reason == "NOT_FOUND"
                self._require(is_right, asked, "NOT_FOUND" if wanted is None else "a page", said)
                return None
            found += [plain(each) for each in getattr(said, name)]
            asked.page_token = said.next_page_token
            if not said.next_page_token:
                break
        mine = [plain(each) for each in wanted]
        self._require(found == mine, asked, _differing(mine, found), _differing(found, mine))
        return said

    def _require(self, holds: bool, asked: Any, wanted: str, said: Any) -> None:
        if not holds:
            where = f"{self.walk.name}, after {self.walk.steps} steps, at seq {self.walk.book.seq}"
            raise Mismatch(f"{where}: {type(asked).__name__}\n{asked}\n-- wanted\n{wanted}\n-- said\n{said}")


def _differing(some: Sequence[Any], others: Sequence[Any]) -> str:
    """What is not where it is in the other list, as much of it as anybody reads."""
    at = [number for number, each in enumerate(some) if number >= len(others) or each != others[number]]
    return "\n".join(f"[{number}] {some[number]}" for number in at[:SHOWN_MAX])


_LOOKS: tuple[Callable[[Looker, AnyDice, str], Awaitable[None]], ...] = (
    Looker.balance,
    Looker.all_accounts,
    Looker.transaction,
    Looker.history,
    Looker.lines,
    Looker.points,
    Looker.list,
)
_OFTEN = (40, 10, 10, 8, 13, 4, 15)

Fill = Callable[[AnyDice, str, service.ListTransactionsRequest, Sequence[Transaction]], object]


def _amounts(dice: AnyDice, user: str, asked: service.ListTransactionsRequest, seen: Sequence[Transaction]) -> None:
    if seen:
        one = magnitude(dice.pick(seen))
        bound = asked.min_amount if dice.chance(50) else asked.max_amount
        bound.CopyFrom(one)


def _dates(dice: AnyDice, user: str, asked: service.ListTransactionsRequest, seen: Sequence[Transaction]) -> None:
    asked.booked_from, asked.booked_until = sorted((dice.day(), dice.day()))


def _currencies(dice: AnyDice, user: str, asked: service.ListTransactionsRequest, seen: Sequence[Transaction]) -> None:
    # What somebody's hidden account does to a shared transfer's currencies is not theirs to ask.
    if len(dice.book.all(user, Account)) == len(dice.book.everything(Account)):
        asked.currencies.append(dice.pick(("EUR", "USD", "KWD")))


_FILTERS: tuple[Fill, ...] = (
    _amounts,
    _dates,
    lambda dice, user, asked, _: asked.account_ids.append(dice.one_of(Account, user).lower()),
    lambda dice, user, asked, _: asked.category_ids.append(dice.one_of(Category, user).lower()),
    lambda dice, user, asked, _: asked.payee_ids.append(dice.one_of(Payee, user).lower()),
    lambda dice, user, asked, _: asked.tag_ids.append(dice.one_of(Tag, user).lower()),
    lambda dice, user, asked, _: asked.kinds.extend(dice.random.sample(TransactionKind.values()[1:], 2)),
    lambda dice, user, asked, _: asked.statuses.append(dice.pick(TransactionStatus.values()[1:])),
    _currencies,
    lambda dice, user, asked, _: setattr(asked, "text", dice.pick(WORDS)[:3].upper()),
)
