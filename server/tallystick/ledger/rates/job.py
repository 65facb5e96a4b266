"""How do providers' rates come into the books? Fetched once a day by one of the servers; what cannot be believed is held back."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

from tallystick.clock import Clock
from tallystick.jobs import runs
from tallystick.ledger import writes
from tallystick.ledger.rates.converting import quote_of
from tallystick.ledger.rates.ecb import ProviderAnswerInvalid, ProviderUnavailable, RateProvider
from tallystick.ledger.rates.queries import PUBLISHED_BY, compose_published
from tallystick.ledger.rates.rules import Quote, canonical_rate, is_plausible
from tallystick.log import log
from tallystick.store.apart import Apart

RATES_EVERY_S = 300.0
# Longer than any fetch takes, and shorter than the ticks are apart: what failed is tried again at the next tick, by one server.
LEASE = timedelta(minutes=4)
# The European Central Bank publishes at 16:00 in Frankfurt. A slot begins when that is past, in summer and winter, so that the rates of
# a day are fetched on that day.
SLOT_BEGINS = timedelta(hours=16)


class RateJob:
    """Brings providers' rates. It holds no connection while it waits for a provider, and a provider that is away costs nothing but its
    rates: conversions go on with the last that are known."""

    def __init__(self, apart: Apart, providers: Sequence[RateProvider], clock: Clock) -> None:
        self._apart = apart
        self._providers = providers
        self._clock = clock

    async def run(self) -> None:
        for provider in self._providers:
            await self._bring(provider)

    async def _bring(self, provider: RateProvider) -> None:
        now = self._clock.now()
        job, slot = f"rates:{provider.name}", slot_of(now)
        if not await runs.claim(self._apart, runs.NO_SPACE, job, slot, now, LEASE):
            return
        problem = None
        try:
            quotes = await provider.fetch()
        except (ProviderUnavailable, ProviderAnswerInvalid) as failed:
            problem = f"{type(failed).__name__}: {failed}"
            log("rates_not_fetched", level="warning", source=provider.name, problem=problem)
        else:
            await self._publish(provider.name, quotes)
        await runs.finish(self._apart, runs.NO_SPACE, job, slot, problem)

    async def _publish(self, source: str, quotes: Sequence[Quote]) -> None:
        rows = await self._apart.fetch(PUBLISHED_BY(source=source, on=date.max))
        believed, held_back = sift((quote_of(compose_published(*row)) for row in rows), quotes)
        for quote in held_back:
            log(
                "rate_held_back",
                level="warning",
                source=source,
                base=quote.base,
                quote=quote.quote,
                on=quote.on,
                rate=canonical_rate(quote.rate),
            )
        if believed:
            await self._apart.fetch_all(
                writes.PUBLISH_RATES(
                    source=source,
                    bases=[quote.base for quote in believed],
                    quotes=[quote.quote for quote in believed],
                    days=[quote.on for quote in believed],
                    rates=[canonical_rate(quote.rate) for quote in believed],
                )
            )
        log("rates_fetched", source=source, rates=len(believed), held_back=len(held_back))


def slot_of(now: datetime) -> date:
    return (now.astimezone(UTC) - SLOT_BEGINS).date()


def sift(known: Iterable[Quote], quotes: Iterable[Quote]) -> tuple[list[Quote], list[Quote]]:
    """What to believe of a provider, and what to hold back, by the newest that is known of each pair."""
    newest = {(quote.base, quote.quote): quote for quote in known}
    believed, held_back = [], []
    for quote in sorted(quotes, key=lambda quote: quote.on):
        pair = (quote.base, quote.quote)
        previous = newest.get(pair)
        if not is_plausible(previous, quote):
            held_back.append(quote)
            continue
        believed.append(quote)
        if previous is None or previous.on <= quote.on:
            newest[pair] = quote
    return believed, held_back
