"""Do a million drawn expenses add up to the last unit, and how long does a group wait for its fewest payments?

Nothing here needs a server: the shares of a group are pure arithmetic, and so is who pays whom. The tests of the rules draw hundreds of
cases and look for the odd ones; this counts a million plain ones.
"""

import statistics
import time
from collections.abc import Collection, Iterator
from datetime import date
from random import Random
from uuid import UUID

from bench.effort import Effort
from bench.figures import Figure
from bench.place import Place
from tallystick.groups.allocation import allocate
from tallystick.groups.balances import Expense, fold
from tallystick.groups.settling import suggest
from tallystick.groups.specs import Adjusted, Equal, Exact, Itemised, Line, Percent, Spec, Weighted
from tallystick.groups.splitting import Draft, Outcome, split

NAMES = ("splits_exact", "settle_16_members_ms")
SEED = 20_261_121
MEMBERS = 16
AMOUNT_MAX = 10**15
# As many as one balance is folded of.
EXPENSES_A_GROUP = 1_000
SETTLED_GROUPS = 20
SETTLE_TARGET_MS = 100.0
DAY = date(2026, 11, 21)


async def measure(place: Place, effort: Effort, wanted: Collection[str]) -> list[Figure]:
    figures = []
    if NAMES[0] in wanted:
        figures.append(count_splits(effort.splits))
    if NAMES[1] in wanted:
        figures.append(time_settling())
    return figures


def count_splits(splits: int) -> Figure:
    """Draws expenses in all modes and counts those that are not exact, in themselves or in the balances of their group."""
    random = Random(SEED)
    members = [UUID(int=random.getrandbits(128), version=4) for _ in range(MEMBERS)]
    wrong, took_s, group = 0, 0.0, list[Expense]()
    for draft in _drafts(random, members, splits):
        started = time.perf_counter()
        outcome = split(draft)
        took_s += time.perf_counter() - started
        wrong += not _is_exact(draft, outcome)
        group.append(Expense(DAY, "EUR", outcome.counted.owed, outcome.counted.paid))
        if len(group) == EXPENSES_A_GROUP:
            wrong += any(sum(balance.nets.values()) for balance in fold(group).values())
            group.clear()
    print(f"splits: {splits:,}, {wrong} of them wrong, {took_s / splits * 1e6:.1f} us each")
    return Figure(NAMES[0], wrong, "wrong", target="exact", met=wrong == 0)


def time_settling() -> Figure:
    """Sixteen balances of whole units that match nobody's exactly: the longest search that is made."""
    random = Random(SEED)
    times_ms: list[float] = []
    while len(times_ms) < SETTLED_GROUPS:
        drawn = random.sample(range(1, 60), MEMBERS - 1)
        nets = [random.choice((-1, 1)) * size for size in drawn]
        nets.append(-sum(nets))
        if 0 in nets or -nets[-1] in nets[:-1]:
            continue
        started = time.perf_counter()
        plan = suggest({UUID(int=number): net for number, net in enumerate(nets)})
        times_ms.append((time.perf_counter() - started) * 1000)
        assert plan.optimal
    median = statistics.median(times_ms)
    print(f"settling {MEMBERS} members: {min(times_ms):.0f} to {max(times_ms):.0f} ms")
    return Figure(NAMES[1], median, "ms", target=f"<= {SETTLE_TARGET_MS:g}", met=median <= SETTLE_TARGET_MS)


def _is_exact(draft: Draft, outcome: Outcome) -> bool:
    sides = [(outcome.original, draft.amount_minor)]
    if outcome.converted and draft.converted_minor is not None:
        sides.append((outcome.converted, draft.converted_minor))
    return all(sum(side.owed.values()) == sum(side.paid.values()) == amount for side, amount in sides)


def _drafts(random: Random, members: list[UUID], count: int) -> Iterator[Draft]:
    for number in range(count):
        amount = random.choice((-1, 1)) * random.randint(1, random.choice((100, 10**5, AMOUNT_MAX)))
        expense_id = UUID(int=random.getrandbits(128), version=4)
        sharers = random.sample(members, random.randint(1, MEMBERS))
        weights = {each: random.randint(1, 9) for each in sharers}
        payers = allocate(amount, dict.fromkeys(random.sample(members, random.choice((1, 1, 1, 2, 3))), 1), expense_id)
        converted = amount * random.randint(1, 3_000) // 1_000 if number % 10 == 0 and amount > 0 else None
        yield Draft(expense_id, amount, payers, _spec(random, number % 6, amount, weights), converted)


def _spec(random: Random, mode: int, amount: int, weights: dict[UUID, int]) -> Spec:
    nobody = UUID(int=0)
    match mode:
        case 0:
            return Equal(frozenset(weights))
        case 1:
            return Exact(allocate(amount, weights, nobody))
        case 2:
            return Weighted(weights)
        case 3:
            return Percent(allocate(10_000, weights, nobody))
        case 4:
            return Adjusted(allocate(amount // 2 if amount > 0 else -(-amount // 2), weights, nobody))
        case _:
            tip = amount // 10 if amount > 0 else -(-amount // 10)
            lines = allocate(amount - tip, weights, nobody).values()
            sharers = list(weights)
            return Itemised(
                tuple(Line(line, dict.fromkeys(random.sample(sharers, min(3, len(sharers))), 1)) for line in lines),
                tip_minor=tip,
            )
