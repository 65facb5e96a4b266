"""What are accounts worth together at the end of a day? Pure."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from tallystick.ledger.rates.converting import Converted, Converter
from tallystick.ledger.rules import add
from tallystick.ledger.spending.rules import CurrencyDay, Seen
from tallystick.reports.rules import compose_conversion, money
from tallystick.v1.ledger_pb2 import AccountType
from tallystick.v1.money_pb2 import Money
from tallystick.v1.report_net_worth_pb2 import AccountWorth, CurrencyWorth, NetWorthPoint
from tallystick.v1.report_pb2 import ReportConversion

OWED = (AccountType.ACCOUNT_TYPE_CREDIT_CARD, AccountType.ACCOUNT_TYPE_LOAN)


@dataclass(slots=True)
class _Worth:
    """Assets and liabilities as they add up. Liabilities are above zero when something is owed."""

    assets: int = 0
    liabilities: int = 0

    def add(self, account_type: int, minor: int) -> None:
        if account_type in OWED:
            self.liabilities -= minor
        else:
            self.assets += minor

    def write(self, told: NetWorthPoint | CurrencyWorth, currency: str) -> None:
        _write_money(told.assets, currency, self.assets)
        _write_money(told.liabilities, currency, self.liabilities)
        _write_money(told.net, currency, self.assets - self.liabilities)


@dataclass(slots=True)
class Worths:
    """Writes points, in place, and remembers how their amounts became one currency."""

    converter: Converter
    total: Converted = field(default_factory=Converted)

    def write_point(
        self, point: NetWorthPoint, day: date, accounts: Sequence[Seen], held: Sequence[int], *, by_account: bool
    ) -> None:
        """`held` is what the accounts held, in their order."""
        together, currencies = _Worth(), defaultdict[str, _Worth](_Worth)
        point.on = day.isoformat()
        for seen, minor in zip(accounts, held, strict=True):
            currencies[seen.currency].add(seen.account.type, minor)
            converted = self._convert(seen.currency, day, minor)
            if converted is None:
                point.incomplete = True
            else:
                together.add(seen.account.type, converted)
            if by_account:
                point.accounts.append(self._compose_account(seen, minor, converted))
        together.write(point, self.converter.to_currency)
        for currency in sorted(currencies):
            currencies[currency].write(point.currencies.add(), currency)

    def compose_conversion(self) -> ReportConversion:
        """What is missing is told as it was on the last of its days: what was held on many days is no sum."""
        last: dict[str, date] = {}
        for currency, day in self.total.missing:
            last[currency] = max(day, last.get(currency, day))
        missing = {of: minor if of[1] == last[of[0]] else 0 for of, minor in self.total.missing.items()}
        return compose_conversion(self.converter, Converted(0, self.total.used, missing))

    def _convert(self, currency: str, day: date, minor: int) -> int | None:
        """None: no rate leads there."""
        if currency == self.converter.to_currency:
            return minor
        of: CurrencyDay = (currency, day)
        converted = self.converter.convert({of: minor})
        self.total.used |= converted.used
        if not converted.missing:
            return converted.minor
        self.total.missing[of] = self.total.missing.get(of, 0) + minor
        return None

    def _compose_account(self, seen: Seen, minor: int, converted: int | None) -> AccountWorth:
        worth = AccountWorth(account_id=str(seen.id), type=seen.account.type, held=money(seen.currency, minor))
        if converted is not None:
            worth.worth.CopyFrom(money(self.converter.to_currency, converted))
        return worth


def _write_money(told: Money, currency: str, minor: int) -> None:
    told.currency, told.minor = currency, add(0, minor)
