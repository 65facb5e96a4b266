"""Which rows are there that follow from what is brought back?"""

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select

from tallystick.ledger.tables import balance, entry, total, transaction_tag
from tallystick.store.statements import prepare

_SPACE_ID, _IDS = bindparam("space_id", type_=Uuid), bindparam("ids", type_=ARRAY(Uuid))

# Planned anew each time (store/replay.py).
ENTRIES = prepare(
    select(
        entry.c.transaction_id,
        entry.c.line,
        entry.c.account_id,
        entry.c.category_id,
        entry.c.currency,
        entry.c.booked_on,
        entry.c.status,
    ).where(entry.c.space_id == _SPACE_ID, entry.c.transaction_id == any_(_IDS)),
    is_kept=False,
)
TAGS = prepare(
    select(transaction_tag.c.transaction_id, transaction_tag.c.tag_id, transaction_tag.c.booked_on).where(
        transaction_tag.c.space_id == _SPACE_ID, transaction_tag.c.transaction_id == any_(_IDS)
    ),
    is_kept=False,
)
BALANCES = prepare(select(balance.c.account_id).where(balance.c.space_id == _SPACE_ID))
TOTALS = prepare(
    select(total.c.account_id, total.c.category_id, total.c.currency, total.c.month).where(
        total.c.space_id == _SPACE_ID
    )
)
