"""What do reports have to say? The contract's words again, from the transactions as they are listed: without totals, months or cells."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from people import Person
from rpc.ledger.accounts import EXPENSE, INCOME, REFUND
from rpc.ledger.sieve import money_of
from rpc.reports.household import CARD, DAY, LOAN, MONTH, QUARTER, WEEK, YEAR, members_of
from tallystick.currencies import EXPONENTS
from tallystick_client.v1 import ledger_accounts_pb2, ledger_books_pb2, ledger_categories_pb2, ledger_rates_pb2
from tallystick_client.v1.ledger_pb2 import Account, Transaction
from tallystick_client.v1.ledger_service_pb2 import ListTransactionsRequest

ONE_DAY = timedelta(days=1)
# Two ends, both included.
Days = tuple[date, date]
CurrencyDay = tuple[str, date]


class Line(NamedTuple):
    """One part of what was spent or earned, above zero as a rule."""

    day: date
    account_id: str
    category_id: str
    is_earning: bool
    currency: str
    minor: int
    transaction: Transaction


@dataclass
class Reckoning:
    """A book as one person sees it."""

    person: Person
    book: Any
    accounts: dict[str, Account]
    holders: dict[str, str]
    parents: dict[str, str]
    payee_names: dict[str, str]
    transactions: list[Transaction]
    rates: list[Any]
    missing: set[str] = field(default_factory=set)

    def lines(self, chosen: Any) -> Iterator[Line]:
        """What fits the filter of a report."""
        wanted = set(chosen.category_ids)
        if not chosen.without_children:
            for _ in self.parents:
                wanted |= {child for child, parent in self.parents.items() if parent in wanted}
        for one in self.transactions:
            if one.kind not in (EXPENSE, INCOME, REFUND) or not self._fits(one, chosen):
                continue
            for entry in one.entries:
                its_account = self.accounts.get(entry.account_id)
                if its_account is None or not self.is_chosen(its_account, chosen):
                    continue
                has_filter = chosen.category_ids or chosen.uncategorized
                if has_filter and not (entry.category_id in wanted or (chosen.uncategorized and not entry.category_id)):
                    continue
                is_earning = one.kind == INCOME
                yield Line(
                    date.fromisoformat(one.booked_on),
                    entry.account_id,
                    entry.category_id,
                    is_earning,
                    entry.amount.currency,
                    entry.amount.minor if is_earning else -entry.amount.minor,
                    one,
                )

    def is_chosen(self, account: Account, chosen: Any) -> bool:
        return (
            (not chosen.account_ids or account.id in chosen.account_ids)
            and (not chosen.currencies or account.currency in chosen.currencies)
            and (not chosen.member_id or self.holders[account.id] == chosen.member_id)
        )

    def _fits(self, one: Transaction, chosen: Any) -> bool:
        amount = money_of(one)
        texts = [one.payee, one.note, self.payee_names.get(one.payee_id, ""), *(entry.note for entry in one.entries)]
        return all(
            (
                not chosen.payee_ids or one.payee_id in chosen.payee_ids,
                not chosen.tag_ids or not set(chosen.tag_ids).isdisjoint(one.tag_ids),
                not chosen.payment_method_ids or one.payment_method_id in chosen.payment_method_ids,
                not chosen.kinds or one.kind in chosen.kinds,
                not chosen.statuses or one.status in chosen.statuses,
                not chosen.HasField("min_amount")
                or (amount.currency == chosen.min_amount.currency and amount.minor >= chosen.min_amount.minor),
                not chosen.HasField("max_amount")
                or (amount.currency == chosen.max_amount.currency and amount.minor <= chosen.max_amount.minor),
                any(plain(chosen.text) in plain(text) for text in texts),
            )
        )

    def convert(self, amounts: dict[CurrencyDay, int], currency: str) -> int:
        """Each sum of a currency and a day at that day's newest rate, rounded half to even; what has none is left out, and noted."""
        total = 0
        for (of, day), minor in amounts.items():
            rate = Fraction(1) if of == currency else self._rate(of, currency, day)
            if rate is None:
                self.missing |= {of} if minor else set()
                continue
            total += round(minor * rate * Fraction(10 ** EXPONENTS[currency], 10 ** EXPONENTS[of]))
        return total

    def _rate(self, of: str, to: str, day: date) -> Fraction | None:
        known = [one for one in self.rates if {one.base, one.quote} == {of, to} and one.on <= day.isoformat()]
        if not known:
            return None
        newest = max(known, key=lambda one: one.on)
        worth = Fraction(Decimal(newest.rate))
        return worth if newest.base == of else 1 / worth

    def sums(self, lines: Iterable[Line], days: Days, currency: str) -> dict[tuple[str, bool], int]:
        """What each category came to in these days: it is converted by itself, so that a report agrees with itself."""
        gathered: dict[tuple[str, bool], dict[CurrencyDay, int]] = defaultdict(lambda: defaultdict(int))
        for line in lines:
            if days[0] <= line.day <= days[1]:
                gathered[line.category_id, line.is_earning][line.currency, line.day] += line.minor
        return {pot: self.convert(amounts, currency) for pot, amounts in gathered.items()}

    def rolled_up(self, sums: dict[tuple[str, bool], int], *, earning: bool) -> dict[str, tuple[int, int]]:
        """Own and total of each category that comes to anything, or has one below it that does."""
        own = {category: minor for (category, its), minor in sums.items() if its == earning and minor}
        totals: dict[str, int] = defaultdict(int)
        for category, minor in own.items():
            each = category
            while True:
                totals[each] += minor
                if not self.parents.get(each):
                    break
                each = self.parents[each]
        return {category: (own.get(category, 0), total) for category, total in totals.items()}

    def steps(self, step: int, days: Days) -> list[Days]:
        """Day by day: a step ends before a day on which one begins."""
        found: list[Days] = []
        day = days[0]
        while day <= days[1]:
            if found and not self._begins(step, day):
                found[-1] = (found[-1][0], day)
            else:
                found.append((day, day))
            day += ONE_DAY
        return found

    def _begins(self, step: int, day: date) -> bool:
        first = self.book.first_day_of_month or 1
        begins: dict[int, bool] = {
            DAY: True,
            WEEK: day.isoweekday() == (self.book.first_day_of_week or 1),
            MONTH: day.day == first,
            QUARTER: day.day == first and day.month in (1, 4, 7, 10),
            YEAR: day.day == first and day.month == 1,
        }
        return begins[step]

    def period(self, step: int, day: date) -> Days:
        first = last = day
        while not self._begins(step, first):
            first -= ONE_DAY
        while not self._begins(step, last + ONE_DAY):
            last += ONE_DAY
        return first, last

    def held(self, account_id: str, day: date) -> int:
        return sum(
            entry.amount.minor
            for one in self.transactions
            if one.booked_on <= day.isoformat()
            for entry in one.entries
            if entry.account_id == account_id
        )

    def worth(self, accounts: Iterable[Account], day: date, currency: str) -> tuple[int, int]:
        """Assets and liabilities."""
        assets = liabilities = 0
        for account in accounts:
            minor = self.convert({(account.currency, day): self.held(account.id, day)}, currency)
            if account.type in (CARD, LOAN):
                liabilities -= minor
            else:
                assets += minor
        return assets, liabilities

    def payees(self, lines: Iterable[Line], days: Days, currency: str) -> list[int]:
        """What was spent with each, the most first."""
        gathered: dict[str, dict[CurrencyDay, int]] = defaultdict(lambda: defaultdict(int))
        for line in lines:
            payee = line.transaction.payee_id or plain(line.transaction.payee)
            if payee and not line.is_earning and days[0] <= line.day <= days[1]:
                gathered[payee][line.currency, line.day] += line.minor
        spent = (self.convert(amounts, currency) for amounts in gathered.values())
        return sorted((minor for minor in spent if minor > 0), reverse=True)


def plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).split())


async def reckon(person: Person, book_id: str, payee_names: dict[str, str]) -> Reckoning:
    """Lists everything that the person sees."""
    ledger = person.ledger
    members = await members_of(person, book_id)
    accounts = (
        await ledger.ListAccounts(ledger_accounts_pb2.ListAccountsRequest(book_id=book_id, page_size=200))
    ).accounts
    categories = (
        await ledger.ListCategories(
            ledger_categories_pb2.ListCategoriesRequest(book_id=book_id, page_size=200, archived=True)
        )
    ).categories
    transactions: list[Transaction] = []
    request = ListTransactionsRequest(book_id=book_id, page_size=200)
    while True:
        answer = await ledger.ListTransactions(request)
        transactions += answer.transactions
        request.page_token = answer.next_page_token
        if not request.page_token:
            break
    rates = await ledger.ListRates(ledger_rates_pb2.ListRatesRequest(book_id=book_id, currency="KWD", page_size=200))
    return Reckoning(
        person,
        (await ledger.GetBook(ledger_books_pb2.GetBookRequest(book_id=book_id))).book,
        {account.id: account for account in accounts},
        {account.id: account.held_by_member_id or members.get(account.private_to, "") for account in accounts},
        {category.id: category.parent_id for category in categories},
        payee_names,
        transactions,
        list(rates.rates),
    )
