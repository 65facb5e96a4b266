"""What are templates going to record?"""

import asyncio
from collections.abc import Callable, Sequence

from tallystick.budgets.periods import Span
from tallystick.ledger.nouns.queries import find_all
from tallystick.ledger.spending.rules import CurrencyDay, find_span
from tallystick.ledger.templates.queries import TEMPLATES
from tallystick.ledger.templates.rules import waiting
from tallystick.ledger.transactions.scan import find_named
from tallystick.reports.queries import Ground
from tallystick.reports.rules import Pot
from tallystick.reports.rules_forecast import day_of, fits_query, lines_of
from tallystick.v1.ledger_templates_pb2 import Template

# More than a template has in the years of a forecast.
_ALL = 100_000


async def sum_up_coming(ground: Ground, steps: Sequence[Span]) -> dict[Pot, dict[CurrencyDay, int]]:
    """What is expected in the steps that are not over, to be converted at today's rates."""
    sums: dict[Pot, dict[CurrencyDay, int]] = {}
    named_ids = await find_named(ground.tx, ground.narrowed.sought.needle) if ground.narrowed else []
    account_ids = {each.id for each in ground.accounts}
    for template in await find_going_on(ground, lambda one: fits_query(one, ground.narrowed, named_ids)):
        spans = [
            find_span(steps, day_of(each, ground.today)) for each in waiting(template, steps[-1].until_on, None, _ALL)
        ]
        for line in lines_of(template):
            if line.account_id not in account_ids or line.category_id not in ground.category_ids:
                continue
            for span in spans:
                if span is not None:
                    its, of = sums.setdefault(Pot(span, line.category_id, line.side), {}), (line.currency, ground.today)
                    its[of] = its.get(of, 0) + line.minor
        await asyncio.sleep(0)
    return sums


async def find_going_on(ground: Ground, fits: Callable[[Template], bool] = lambda _: True) -> list[Template]:
    """Those that have something to record. Row-level security leaves out what is private to others."""
    return await find_all(ground.tx, TEMPLATES, lambda one: bool(one.next_on) and not one.paused and fits(one))
