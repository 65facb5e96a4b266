"""What shall happen to the rates of a book? One function per writing call, run inside the write door."""

from uuid import UUID, uuid5

from tallystick.errors import InvalidInput
from tallystick.ledger import rules
from tallystick.ledger.rates import queries
from tallystick.ledger.rates.rules import USER_SOURCE, canonical_rate, require_rate
from tallystick.ledger.tables import RATE
from tallystick.store.tx import WriteTx
from tallystick.v1.ledger_rates_pb2 import (
    DeleteRateRequest,
    DeleteRateResponse,
    Rate,
    SetRateRequest,
    SetRateResponse,
)


async def set_rate(tx: WriteTx, request: SetRateRequest) -> SetRateResponse:
    after = _compose_rate(tx.space_id, request)
    found = await tx.fetch(queries.RATE_EVER(space_id=tx.space_id, id=UUID(after.id)))
    if not found:
        return SetRateResponse(rate=tx.add(RATE, after))
    rate_id, version, body, deleted_at = found[0]
    before = tx.open(RATE, (rate_id, version, body))
    if deleted_at is None and before.rate == after.rate:
        return SetRateResponse(rate=before)
    return SetRateResponse(rate=tx.put(RATE, before, after))


async def delete_rate(tx: WriteTx, request: DeleteRateRequest) -> DeleteRateResponse:
    found = await tx.fetch(queries.RATE_BY_ID(space_id=tx.space_id, id=UUID(request.rate_id)))
    return DeleteRateResponse(rate=tx.delete(RATE, tx.require(RATE, found)))


def _compose_rate(book_id: UUID, request: SetRateRequest) -> Rate:
    """The rate has an id that follows from its pair and day, so that the same again is the same rate."""
    base = rules.require_currency("base", request.base)
    quote = rules.require_currency("quote", request.quote)
    if base == quote:
        raise InvalidInput.of_field("quote", "must be another currency than the base")
    on = rules.require_date("on", request.on).isoformat()
    return Rate(
        id=str(uuid5(book_id, f"{base}/{quote}/{on}")),
        book_id=str(book_id),
        base=base,
        quote=quote,
        on=on,
        rate=canonical_rate(require_rate("rate", request.rate)),
        source=USER_SOURCE,
    )
