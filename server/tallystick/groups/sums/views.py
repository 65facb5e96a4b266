"""With which rates are balances shown in one currency? With those that providers publish: a group has none of its own."""

from datetime import date

from tallystick.groups.sums.queries import Sums
from tallystick.groups.sums.rules_views import view_in
from tallystick.groups.sums.state import nets_by_currency
from tallystick.ledger.rates.converting import quote_of
from tallystick.ledger.rates.queries import PUBLISHED_NEWEST, compose_published
from tallystick.ledger.rates.rules import canonical_rate
from tallystick.store.tx import ReadTx
from tallystick.v1.group_balances_pb2 import BalanceView, MemberBalance, UsedRate
from tallystick.v1.money_pb2 import Money


async def view_of(tx: ReadTx, sums: Sums, currency: str, on: date) -> BalanceView:
    nets = nets_by_currency(sums)
    published = await tx.fetch(PUBLISHED_NEWEST(currencies=[currency, *nets], on=on))
    view = view_in(currency, nets, [quote_of(compose_published(*row)) for row in published], on)
    return BalanceView(
        balances=[
            MemberBalance(member_id=str(member_id), net=Money(currency=currency, minor=net))
            for member_id, net in view.nets.items()
            if net
        ],
        rates=[
            UsedRate(
                base=base,
                quote=currency,
                rate=canonical_rate(path.rate),
                on=path.as_of.isoformat(),
                source=", ".join(dict.fromkeys(leg.source for leg in path.legs)),
            )
            for base, path in view.paths.items()
        ],
    )
