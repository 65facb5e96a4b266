"""What is everything of a book called at a moment? Read once: of names there are few."""

from typing import Any

from tallystick.exports.moment import Moment, open_body
from tallystick.exports.names import Names
from tallystick.v1.ledger_labels_pb2 import Payee, PaymentMethod, Tag
from tallystick.v1.ledger_pb2 import Account, Category

# In the order of the fields of `Names`.
_TYPES: dict[str, Any] = {
    "account": Account,
    "category": Category,
    "payee": Payee,
    "payment_method": PaymentMethod,
    "tag": Tag,
}


async def read_names(moment: Moment) -> Names:
    tx, rows = await moment.kinds(*_TYPES)
    found: dict[str, dict[str, Any]] = {kind: {} for kind in _TYPES}
    for seq, ordinal, kind, entity_id, _, _, _, _, cell in rows:
        found[kind][str(entity_id)] = _TYPES[kind].FromString(open_body(tx, seq, ordinal, entity_id, cell))
    return Names(*(found[kind] for kind in _TYPES))
