"""Who is it? Every SELECT of identity."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from google.protobuf.message import Message
from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    Integer,
    LargeBinary,
    Text,
    Uuid,
    any_,
    bindparam,
    column,
    func,
    literal_column,
    select,
    true,
)

from tallystick.caller import Caller
from tallystick.identity import tables
from tallystick.identity.tables import PROFILE, profile
from tallystick.store import door
from tallystick.store.members import MEMBER
from tallystick.store.statements import prepare
from tallystick.store.store import Store
from tallystick.store.tables import answer_apart, audit, journal, space, user_space
from tallystick.v1.identity_pb2 import User
from tallystick.v1.space_pb2 import SpaceKind

_SPACE_ID = bindparam("space_id", type_=Uuid)
_USER_ID = bindparam("user_id", type_=Uuid)
_TOKEN_HASH = bindparam("token_hash", type_=LargeBinary)
_NOW = bindparam("now", type_=DateTime(timezone=True))
_LIMIT = bindparam("limit", type_=Integer)

AS_APP = prepare(select(func.set_config("role", door.APP_ROLE, true())))
# Held until the transaction ends, and never across it: that would not survive a pooler.
LOCK = prepare(select(func.pg_advisory_xact_lock(bindparam("number", type_=BigInteger))))

PROFILE_OF_HOME = prepare(
    select(profile.c.id, profile.c.version, profile.c.body).where(profile.c.space_id == _SPACE_ID)
)

# What was changed of an entity after a version.
FIELDS_CHANGED_SINCE = prepare(
    select(journal.c.fields).where(
        journal.c.space_id == _SPACE_ID,
        journal.c.entity_id == bindparam("entity_id", type_=Uuid),
        journal.c.seq > bindparam("version", type_=BigInteger),
    )
)

_login = tables.login
_a_login = select(
    _login.c.user_id,
    _login.c.home_id,
    _login.c.email_hash,
    _login.c.email_verified,
    _login.c.password_hash,
    _login.c.password_version,
).where(_login.c.erased_at.is_(None))
LOGIN_BY_EMAIL = prepare(_a_login.where(_login.c.email_hash == bindparam("email_hash", type_=LargeBinary)))
LOGIN_OF_USER = prepare(_a_login.where(_login.c.user_id == _USER_ID))
# Whoever writes what concerns a user's safety holds this row, so that the links of the audit chain follow one another.
LOCK_LOGIN = prepare(_a_login.where(_login.c.user_id == _USER_ID).with_for_update())

# Of those who were not erased.
HOMES_OF = prepare(
    select(_login.c.user_id, _login.c.home_id).where(
        _login.c.user_id == any_(bindparam("ids", type_=ARRAY(Uuid))), _login.c.erased_at.is_(None)
    )
)

IS_REGISTERED = prepare(select(_login.c.user_id).where(_login.c.user_id == _USER_ID))
ANSWERED = prepare(
    select(answer_apart.c.fingerprint).where(
        answer_apart.c.scope == bindparam("scope", type_=Uuid),
        answer_apart.c.request_id == bindparam("request_id", type_=Uuid),
    )
)

KNOWN_DEVICE = prepare(select(tables.known_device.c.user_id).where(tables.known_device.c.token_hash == _TOKEN_HASH))

_session = tables.session
_is_live = (_session.c.ended_at.is_(None)) & (_session.c.expires_at > _NOW)
LIVE_SESSIONS = prepare(
    select(
        _session.c.id,
        _session.c.device_name_sealed,
        _session.c.created_at,
        _session.c.last_used_at,
        _session.c.expires_at,
    )
    .where(_session.c.user_id == _USER_ID, _is_live)
    .order_by(_session.c.last_used_at.desc(), _session.c.id.desc())
)
SESSION_OF_USER = prepare(
    select(_session.c.device_name_sealed, _session.c.created_at).where(
        _session.c.id == bindparam("session_id", type_=Uuid), _session.c.user_id == _USER_ID
    )
)
SESSION_BY_ID = prepare(
    select(_session.c.user_id, _session.c.ended_at, _session.c.expires_at, _session.c.family_expires_at).where(
        _session.c.id == bindparam("session_id", type_=Uuid)
    )
)
# Whether a session may go on. An access token lives no longer than the session, so its end is the token's affair.
SESSION_IS_LIVE = prepare(
    select(_session.c.id).where(
        _session.c.id == bindparam("session_id", type_=Uuid), _session.c.user_id == _USER_ID, _is_live
    )
)
# Of many. One whose row is gone, as an erased user's, has ended, too.
_asked = (
    func.unnest(bindparam("ids", type_=ARRAY(Uuid))).table_valued(column("id", Uuid), name="asked").render_derived()
)
ENDED_SESSIONS = prepare(
    select(_asked.c.id)
    .select_from(_asked.outerjoin(_session, (_session.c.id == _asked.c.id) & _is_live))
    .where(_session.c.id.is_(None))
)

_refresh = tables.refresh_token
REFRESH_TOKEN = prepare(
    select(
        _refresh.c.session_id,
        _refresh.c.user_id,
        _refresh.c.expires_at,
        _refresh.c.used_at,
        _refresh.c.used_request_id,
        _refresh.c.successor_sealed,
    ).where(_refresh.c.token_hash == _TOKEN_HASH)
)

_mail = tables.mail_token
MAIL_TOKEN = prepare(
    select(_mail.c.user_id, _mail.c.purpose, _mail.c.password_version, _mail.c.expires_at, _mail.c.used_at).where(
        _mail.c.token_hash == _TOKEN_HASH
    )
)

_key = tables.access_key
ACCESS_KEY_BY_SECRET = prepare(
    select(
        _key.c.id,
        _key.c.user_id,
        _login.c.home_id,
        _key.c.book_ids,
        _key.c.scope,
        _key.c.expires_at,
        _key.c.last_used_at,
    )
    .select_from(_key.join(_login, _login.c.user_id == _key.c.user_id))
    .where(
        _key.c.secret_hash == bindparam("secret_hash", type_=LargeBinary),
        _key.c.revoked_at.is_(None),
        _login.c.erased_at.is_(None),
    )
)
LIVE_ACCESS_KEYS = prepare(
    select(
        _key.c.id,
        _key.c.name_sealed,
        _key.c.book_ids,
        _key.c.scope,
        _key.c.created_at,
        _key.c.expires_at,
        _key.c.last_used_at,
    )
    .where(_key.c.user_id == _USER_ID, _key.c.revoked_at.is_(None), _key.c.expires_at > _NOW)
    .order_by(_key.c.created_at.desc(), _key.c.id.desc())
)
ENDED_KEYS = prepare(
    select(_asked.c.id)
    .select_from(
        _asked.outerjoin(_key, (_key.c.id == _asked.c.id) & (_key.c.revoked_at.is_(None)) & (_key.c.expires_at > _NOW))
    )
    .where(_key.c.id.is_(None))
)
ACCESS_KEY_OF_USER = prepare(
    select(_key.c.id, _key.c.revoked_at).where(_key.c.id == bindparam("id", type_=Uuid), _key.c.user_id == _USER_ID)
)
BOOKS_AMONG = prepare(
    select(space.c.id)
    .select_from(user_space.join(space, space.c.id == user_space.c.space_id))
    .where(
        user_space.c.user_id == _USER_ID,
        user_space.c.left_at.is_(None),
        space.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))),
        space.c.kind == SpaceKind.SPACE_KIND_BOOK,
        space.c.erased_at.is_(None),
        space.c.deleted_at.is_(None),
    )
)

_throttle = tables.throttle
COUNTERS = prepare(
    select(_throttle.c.subject, _throttle.c.failures, _throttle.c.last_failed_at, _throttle.c.blocked_until).where(
        _throttle.c.subject == any_(bindparam("subjects", type_=ARRAY(LargeBinary)))
    )
)
COUNT_BETWEEN = prepare(
    select(func.count(_throttle.c.subject)).where(
        _throttle.c.subject >= bindparam("first", type_=LargeBinary),
        _throttle.c.subject <= bindparam("last", type_=LargeBinary),
        _throttle.c.last_failed_at > bindparam("since", type_=DateTime(timezone=True)),
    )
)

_signing = tables.signing_key
SIGNING_KEYS = prepare(
    select(
        _signing.c.kid,
        _signing.c.public,
        _signing.c.master_id,
        _signing.c.private_wrapped,
        _signing.c.signs_from,
        _signing.c.created_at,
    ).order_by(_signing.c.signs_from, _signing.c.kid)
)

# Those they left, too: their name is still there.
SPACES_OF_USER = prepare(
    select(user_space.c.space_id).where(user_space.c.user_id == _USER_ID).order_by(user_space.c.space_id)
)
# Users whose login is erased and whose spaces do not all know it yet: an erasure that something interrupted.
HALF_ERASED = prepare(
    select(_login.c.user_id, _login.c.home_id)
    .where(
        _login.c.erased_at.is_not(None),
        select(user_space.c.space_id).where(user_space.c.user_id == _login.c.user_id).exists(),
    )
    .limit(_LIMIT)
)

_member = MEMBER.table
MEMBERS_OF_SPACE = prepare(
    select(_member.c.id, _member.c.version, _member.c.body).where(
        _member.c.space_id == _SPACE_ID, _member.c.deleted_at.is_(None)
    )
)
JOURNAL_OF_ENTITY = prepare(
    select(journal.c.seq, journal.c.ordinal, journal.c.body).where(
        journal.c.space_id == _SPACE_ID,
        journal.c.entity_id == bindparam("entity_id", type_=Uuid),
        # Clients make ids: one may be that of another kind of entity, too.
        journal.c.entity_kind == bindparam("entity_kind", type_=Text),
    )
)

_start_scope = bindparam("start", type_=Uuid)
AUDIT_SCOPES = prepare(
    select(audit.c.scope_id)
    .where(audit.c.scope_id >= _start_scope)
    .group_by(audit.c.scope_id)
    .order_by(audit.c.scope_id)
    .limit(_LIMIT)
)
# Whether a user has signed in before, ever.
HAS_SIGNED_IN = prepare(
    select(audit.c.seq).where(audit.c.scope_id == _USER_ID, audit.c.action == literal_column("'signed_in'")).limit(1)
)
AUDIT_PAGE = prepare(
    select(
        audit.c.scope_id,
        audit.c.seq,
        audit.c.at,
        audit.c.action,
        audit.c.actor_id,
        audit.c.session_id,
        audit.c.subject_id,
        audit.c.request_id,
        audit.c.address_hash,
        audit.c.previous_hash,
        audit.c.hash,
    )
    .where(audit.c.scope_id == bindparam("scope_id", type_=Uuid), audit.c.seq > bindparam("after", type_=BigInteger))
    .order_by(audit.c.seq)
    .limit(_LIMIT)
)


class Login(NamedTuple):
    """A user who can sign in."""

    user_id: UUID
    home_id: UUID
    email_hash: bytes
    email_verified: bool
    password_hash: str
    password_version: int


class MailToken(NamedTuple):
    """A token that went out by mail."""

    user_id: UUID
    purpose: int
    password_version: int
    expires_at: datetime
    used_at: datetime | None


class RefreshToken(NamedTuple):
    """A refresh token, and what became of it."""

    session_id: UUID
    user_id: UUID
    expires_at: datetime
    used_at: datetime | None
    used_request_id: UUID | None
    successor_sealed: bytes | None


async def get_me(store: Store, caller: Caller, request: Message) -> User:
    """The caller's profile, from their home space."""
    tx = store.reader(caller, caller.home_id, request)
    return tx.require(PROFILE, await tx.fetch(PROFILE_OF_HOME(space_id=caller.home_id)))


async def get_time_zone(store: Store, caller: Caller, request: Message) -> str:
    """Where the caller's profile says that they are."""
    return (await get_me(store, caller, request)).time_zone
