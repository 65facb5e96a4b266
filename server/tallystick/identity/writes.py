"""How do users, sessions and keys change? Every INSERT, UPDATE and DELETE of identity."""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    any_,
    bindparam,
    delete,
    insert,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from tallystick.identity import tables
from tallystick.store.metadata import metadata
from tallystick.store.statements import Statement, prepare
from tallystick.store.tables import answer_apart, journal, space, space_key, user_space

_MOMENT = DateTime(timezone=True)
_USER_ID = bindparam("of_user", type_=Uuid)
_SESSION_ID = bindparam("of_session", type_=Uuid)
_TOKEN_HASH = bindparam("of_token", type_=LargeBinary)
_SPACE_ID = bindparam("of_space", type_=Uuid)
_NOW = bindparam("now", type_=_MOMENT)
_BEFORE = bindparam("before", type_=_MOMENT)
_LIMIT = bindparam("limit", type_=Integer)


def _insert(table: Table, **fixed: Any) -> Statement[()]:
    values = {column.name: bindparam(column.name, type_=column.type) for column in table.columns}
    return Statement(insert(table).values(values | fixed))


_login, _session, _refresh = tables.login, tables.session, tables.refresh_token
_mail, _device, _key = tables.mail_token, tables.known_device, tables.access_key
_throttle, _signing = tables.throttle, tables.signing_key
_quota = metadata.tables["quota_use"]

ADD_LOGIN = _insert(_login, erased_at=null())
ADD_SESSION = _insert(_session, ended_at=null())
ADD_REFRESH_TOKEN = _insert(_refresh, used_at=null(), used_request_id=null(), successor_sealed=null())
ADD_MAIL_TOKEN = _insert(_mail, used_at=null())
ADD_ACCESS_KEY = _insert(_key, revoked_at=null(), last_used_at=null())
ADD_SIGNING_KEY = _insert(_signing)

SET_VERIFIED: Statement[()] = Statement(update(_login).where(_login.c.user_id == _USER_ID).values(email_verified=True))
SET_PASSWORD: Statement[()] = Statement(
    update(_login)
    .where(_login.c.user_id == _USER_ID)
    .values(password_hash=bindparam("new_hash", type_=Text), password_version=_login.c.password_version + 1)
)
# The same password, hashed at another cost: nothing made for it is void.
REHASH_PASSWORD: Statement[()] = Statement(
    update(_login).where(_login.c.user_id == _USER_ID).values(password_hash=bindparam("new_hash", type_=Text))
)

# The newest refresh of a session, and its new end.
TOUCH_SESSION: Statement[()] = Statement(
    update(_session)
    .where(_session.c.id == _SESSION_ID)
    .values(last_used_at=_NOW, expires_at=bindparam("ends_at", type_=_MOMENT))
)
END_SESSION: Statement[UUID] = prepare(
    update(_session)
    .where(_session.c.id == _SESSION_ID, _session.c.user_id == _USER_ID, _session.c.ended_at.is_(None))
    .values(ended_at=_NOW)
    .returning(_session.c.id)  # type: ignore[arg-type]  # an UPDATE that returns rows is run like a query
)
# All of a user's sessions but one; the nil UUID spares none.
END_OTHER_SESSIONS: Statement[UUID] = prepare(
    update(_session)
    .where(
        _session.c.user_id == _USER_ID,
        _session.c.id != _SESSION_ID,
        _session.c.ended_at.is_(None),
        _session.c.expires_at > _NOW,
    )
    .values(ended_at=_NOW)
    .returning(_session.c.id)  # type: ignore[arg-type]  # as above
)

# Exchanges a refresh token. Of many calls at once only one gets a row.
USE_REFRESH_TOKEN: Statement[bytes] = prepare(
    update(_refresh)
    .where(_refresh.c.token_hash == _TOKEN_HASH, _refresh.c.used_at.is_(None), _refresh.c.expires_at > _NOW)
    .values(
        used_at=_NOW,
        used_request_id=bindparam("by_request", type_=Uuid),
        successor_sealed=bindparam("successor", type_=LargeBinary),
    )
    .returning(_refresh.c.token_hash)  # type: ignore[arg-type]  # as above
)
USE_MAIL_TOKEN: Statement[bytes] = prepare(
    update(_mail)
    .where(_mail.c.token_hash == _TOKEN_HASH, _mail.c.used_at.is_(None), _mail.c.expires_at > _NOW)
    .values(used_at=_NOW)
    .returning(_mail.c.token_hash)  # type: ignore[arg-type]  # as above
)

KEEP_DEVICE: Statement[()] = Statement(
    upsert(_device)
    .values(
        token_hash=_TOKEN_HASH,
        user_id=_USER_ID,
        last_used_at=_NOW,
        created_at=_NOW,
    )
    .on_conflict_do_update(index_elements=["token_hash"], set_={"last_used_at": _NOW})
)
# Forgets all but the newest devices of a user.
TRIM_DEVICES: Statement[()] = Statement(
    delete(_device).where(
        _device.c.user_id == _USER_ID,
        _device.c.token_hash.not_in(
            select(_device.c.token_hash)
            .where(_device.c.user_id == _USER_ID)
            .order_by(_device.c.last_used_at.desc())
            .limit(bindparam("kept", type_=Integer))
        ),
    )
)

REVOKE_ACCESS_KEY: Statement[()] = Statement(
    update(_key).where(_key.c.id == bindparam("of_key", type_=Uuid), _key.c.user_id == _USER_ID).values(revoked_at=_NOW)
)
TOUCH_ACCESS_KEY: Statement[()] = Statement(
    update(_key)
    .where(_key.c.id == bindparam("of_key", type_=Uuid))
    .values(last_used_at=bindparam("hour", type_=_MOMENT))
)

KEEP_COUNTER: Statement[()] = Statement(
    upsert(_throttle)
    .values({column.name: bindparam(column.name, type_=column.type) for column in _throttle.columns})
    .on_conflict_do_update(
        index_elements=["subject"],
        set_={
            name: bindparam(name, type_=_throttle.c[name].type)
            for name in ("failures", "last_failed_at", "blocked_until")
        },
    )
)
DROP_COUNTER: Statement[()] = Statement(
    delete(_throttle).where(_throttle.c.subject == bindparam("of_subject", type_=LargeBinary))
)
# Takes back the attempt that turned out to be right.
LOWER_COUNTER: Statement[()] = Statement(
    update(_throttle)
    .where(_throttle.c.subject == bindparam("of_subject", type_=LargeBinary), _throttle.c.failures > 0)
    .values(failures=_throttle.c.failures - 1)
)

MOVE_SIGNING_KEY: Statement[()] = Statement(
    update(_signing)
    .where(_signing.c.kid == bindparam("of_kid", type_=Text))
    .values(signs_from=bindparam("from_when", type_=_MOMENT), retires_at=bindparam("until_when", type_=_MOMENT))
)
REWRAP_SIGNING_KEY: Statement[()] = Statement(
    update(_signing)
    .where(_signing.c.kid == bindparam("of_kid", type_=Text))
    .values(master_id=bindparam("new_master", type_=Text), private_wrapped=bindparam("new_wrapped", type_=LargeBinary))
)
DROP_SIGNING_KEY: Statement[()] = Statement(delete(_signing).where(_signing.c.kid == bindparam("of_kid", type_=Text)))

ERASE_LOGIN: Statement[()] = Statement(
    update(_login)
    .where(_login.c.user_id == _USER_ID)
    .values(
        email_hash=null(),
        email_verified=False,
        password_hash=null(),
        password_version=_login.c.password_version + 1,
        erased_at=_NOW,
    )
)
# What a user leaves in every table of their own.
DROP_ALL_OF_USER: tuple[Statement[()], ...] = tuple(
    Statement(delete(table).where(table.c.user_id == _USER_ID))
    for table in (_refresh, _session, _mail, _device, _key, _quota)
)
DROP_DEVICES: Statement[()] = Statement(delete(_device).where(_device.c.user_id == _USER_ID))
ERASE_ANSWERS: Statement[()] = Statement(
    update(answer_apart).where(answer_apart.c.scope == any_(bindparam("scopes", type_=ARRAY(Uuid)))).values(body=null())
)

ERASE_SPACE: Statement[()] = Statement(update(space).where(space.c.id == _SPACE_ID).values(erased_at=_NOW))
DROP_SPACE_KEYS: Statement[()] = Statement(delete(space_key).where(space_key.c.space_id == _SPACE_ID))
LEAVE_SPACE: Statement[()] = Statement(
    delete(user_space).where(user_space.c.user_id == _USER_ID, user_space.c.space_id == _SPACE_ID)
)
# History forgets who somebody was; what they did stays.
REWRITE_JOURNAL: Statement[()] = Statement(
    update(journal)
    .where(
        journal.c.space_id == _SPACE_ID,
        journal.c.seq == bindparam("of_seq", type_=BigInteger),
        journal.c.ordinal == bindparam("of_ordinal", type_=Integer),
    )
    .values(body=bindparam("new_body", type_=LargeBinary))
)


def _sweep(table: Table, *conditions: Any) -> Statement[Any]:
    """Deletes some of the rows that are past their end, and returns one row for each, so that the sweep knows whether to go on."""
    keys = list(table.primary_key.columns)
    some = select(*keys).where(*conditions).limit(_LIMIT).with_for_update(skip_locked=True)
    key = keys[0] if len(keys) == 1 else None
    if key is None:
        raise AssertionError(f"{table.name} has a key of several columns; sweep it by its first")
    return prepare(delete(table).where(key.in_(some)).returning(key))  # type: ignore[arg-type]  # as above


SWEEP_REFRESH_TOKENS = _sweep(_refresh, _refresh.c.expires_at < _BEFORE)
SWEEP_SESSIONS = _sweep(_session, or_(_session.c.ended_at < _BEFORE, _session.c.expires_at < _BEFORE))
SWEEP_MAIL_TOKENS = _sweep(_mail, _mail.c.expires_at < _BEFORE)
SWEEP_DEVICES = _sweep(_device, _device.c.last_used_at < _BEFORE)
SWEEP_ACCESS_KEYS = _sweep(_key, or_(_key.c.revoked_at < _BEFORE, _key.c.expires_at < _BEFORE))
SWEEP_COUNTERS = _sweep(
    _throttle,
    _throttle.c.last_failed_at < _BEFORE,
    or_(_throttle.c.blocked_until.is_(None), _throttle.c.blocked_until < _BEFORE),
)
SWEEP_QUOTA: Statement[()] = Statement(delete(_quota).where(_quota.c.hour < _BEFORE))
FORGET_SUCCESSORS: Statement[()] = Statement(
    update(_refresh)
    .where(_refresh.c.successor_sealed.is_not(None), _refresh.c.used_at < _BEFORE)
    .values(successor_sealed=null())
)
FORGET_ANSWERS: Statement[()] = Statement(
    update(answer_apart)
    .where(answer_apart.c.body.is_not(None), answer_apart.c.body_expires_at <= _BEFORE)
    .values(body=null())
)

ADD_QUOTA_USE: Statement[UUID, int] = prepare(
    upsert(_quota)
    .values({column.name: bindparam(column.name, type_=column.type) for column in _quota.columns})
    .on_conflict_do_update(
        index_elements=["user_id", "hour"], set_={"units": _quota.c.units + bindparam("units", type_=BigInteger)}
    )
    .returning(_quota.c.user_id, _quota.c.units)  # type: ignore[arg-type]  # as above
)
