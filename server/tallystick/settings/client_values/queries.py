"""What do apps keep for a user? Every SELECT about client values."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, func, select

from tallystick.errors import NotVisible
from tallystick.settings import keeping
from tallystick.settings.client_values.rules import value_id
from tallystick.settings.tables import CLIENT_VALUE, client_value
from tallystick.store.pages import Page, page_size
from tallystick.store.statements import prepare
from tallystick.store.tx import ReadTx
from tallystick.v1.settings_client_values_pb2 import ClientValue, ListClientValuesRequest

_SPACE_ID = bindparam("space_id", type_=Uuid)
_is_live = (client_value.c.space_id == _SPACE_ID) & client_value.c.deleted_at.is_(None)

VALUE_EVER = keeping.ever(CLIENT_VALUE)
# How many there are, and how much, beside one of them. Counted each time: they are few, and no kept sum can be wrong.
USED_BESIDES = prepare(
    select(func.count(client_value.c.id), func.coalesce(func.sum(client_value.c.size), 0)).where(
        _is_live, client_value.c.id != bindparam("id", type_=Uuid)
    )
)
KEYS = prepare(select(client_value.c.id, client_value.c.version, client_value.c.gist).where(_is_live))
VALUES_BY_ID = prepare(
    select(client_value.c.id, client_value.c.version, client_value.c.body).where(
        _is_live, client_value.c.id == any_(bindparam("ids", type_=ARRAY(Uuid)))
    )
)


async def get_client_value(tx: ReadTx, key: str) -> ClientValue:
    rows = await tx.fetch(VALUE_EVER(space_id=tx.space_id, id=value_id(tx.space_id, key)))
    found = keeping.read(tx, CLIENT_VALUE, rows).there
    if found is None:
        raise NotVisible
    return found


async def list_client_values(
    tx: ReadTx, request: ListClientValuesRequest, after: Sequence[str] | None
) -> Page[ClientValue]:
    """A page in the order of keys. `after` is the last key of the page before.

    Keys are sealed, so all of them are opened, which are few and small; of the values only those of the page are read.
    """
    size = page_size(request.page_size)
    after_key = after[0] if after else ""
    keys = [
        (key, row_id)
        for row_id, version, gist in await tx.fetch(KEYS(space_id=tx.space_id))
        if (key := _open_key(tx, row_id, version, gist)).startswith(request.prefix) and key > after_key
    ]
    shown = sorted(keys)[:size]
    rows = await tx.fetch(VALUES_BY_ID(space_id=tx.space_id, ids=[row_id for _, row_id in shown])) if shown else []
    # One that was taken away in between is not there any more.
    values = sorted((tx.open(CLIENT_VALUE, row) for row in rows), key=lambda value: value.key)
    return Page(values, (shown[-1][0],) if len(keys) > size else ())


def _open_key(tx: ReadTx, row_id: UUID, version: int, gist: bytes) -> str:
    return tx.seal.open(CLIENT_VALUE.gist_place, row_id.bytes, version, gist).decode()
