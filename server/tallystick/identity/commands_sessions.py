"""What shall happen when somebody signs in, goes on, or signs out? Run inside one transaction apart from the spaces."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from tallystick.errors import NotVisible
from tallystick.identity import queries, rules, writes
from tallystick.identity.commands import lock_login
from tallystick.identity.devices import NewDevices
from tallystick.identity.keyed import DEVICE_PREFIX, REFRESH_PREFIX, Keyed, hash_token, new_token
from tallystick.identity.signing import Key
from tallystick.identity.tokens import AccessTokens
from tallystick.store.apart import ApartTx
from tallystick.times import to_timestamp
from tallystick.v1.auth_service_pb2 import (
    LoginRequest,
    LoginResponse,
    LogoutRequest,
    LogoutResponse,
    RefreshSessionRequest,
    RefreshSessionResponse,
    RevokeSessionRequest,
    RevokeSessionResponse,
)
from tallystick.v1.identity_pb2 import SessionTokens, User

NO_SESSION = UUID(int=0)


@dataclass(frozen=True, slots=True, repr=False)
class Issuer:
    """What issuing tokens needs, made ready before the transaction."""

    tokens: AccessTokens
    signer: Key
    keyed: Keyed
    refresh_ttl: timedelta

    def compose_tokens(
        self,
        user_id: UUID,
        home_id: UUID,
        session_id: UUID,
        refresh_token: str,
        refresh_ends_at: datetime,
        now: datetime,
    ) -> SessionTokens:
        access_token, expires_at = self.tokens.issue(self.signer, user_id, home_id, session_id, now)
        return SessionTokens(
            access_token=access_token,
            access_expires_at=to_timestamp(expires_at),
            refresh_token=refresh_token,
            refresh_expires_at=to_timestamp(refresh_ends_at),
            session_id=str(session_id),
        )


@dataclass(slots=True, repr=False)
class SignIn:
    """A sign-in whose password was right a moment ago."""

    login: queries.Login
    profile: User
    issuer: Issuer
    knows_device: bool
    new_password_hash: str | None
    new_devices: NewDevices


async def sign_in(tx: ApartTx, request: LoginRequest, draft: SignIn) -> LoginResponse:
    login, issuer = await lock_login(tx, draft.login.user_id), draft.issuer
    if login is None or login.password_hash != draft.login.password_hash:
        # The password was changed between the comparison and now.
        raise rules.wrong_credentials()
    await _make_room(tx, login.user_id)
    session_id, refresh_token = tx.new_id(), new_token(REFRESH_PREFIX)
    family_ends_at = tx.now + rules.FAMILY_TTL
    ends_at = rules.refresh_ends_at(tx.now, issuer.refresh_ttl, family_ends_at)
    tx.write(
        writes.ADD_SESSION(
            id=session_id,
            user_id=login.user_id,
            device_name_sealed=issuer.keyed.seal_name(session_id, request.device_name),
            last_used_at=tx.now,
            expires_at=ends_at,
            family_expires_at=family_ends_at,
            created_at=tx.now,
        )
    )
    _add_refresh_token(tx, refresh_token, session_id, login.user_id, ends_at)
    device_token = request.device_token if draft.knows_device else new_token(DEVICE_PREFIX)
    tx.write(writes.KEEP_DEVICE(of_token=hash_token(device_token), of_user=login.user_id, now=tx.now))
    tx.write(writes.TRIM_DEVICES(of_user=login.user_id, kept=rules.KNOWN_DEVICES_MAX))
    if draft.new_password_hash:
        tx.write(writes.REHASH_PASSWORD(of_user=login.user_id, new_hash=draft.new_password_hash))
    if not draft.knows_device and await tx.fetch(queries.HAS_SIGNED_IN(user_id=login.user_id)):
        draft.new_devices.note(tx, login.home_id, login.user_id, session_id)
    tx.audit(login.user_id, "signed_in", session_id)
    tokens = issuer.compose_tokens(login.user_id, login.home_id, session_id, refresh_token, ends_at, tx.now)
    return LoginResponse(user=draft.profile, tokens=tokens, device_token=device_token)


async def _make_room(tx: ApartTx, user_id: UUID) -> None:
    """Ends the sessions that were not used for longest, so that the new one finds a place."""
    live = await tx.fetch(queries.LIVE_SESSIONS(user_id=user_id, now=tx.now))
    for session_id, *_ in live[rules.SESSIONS_MAX - 1 :]:
        await tx.fetch(writes.END_SESSION(of_session=session_id, of_user=user_id, now=tx.now))
        tx.audit(user_id, "session_revoked", session_id)


@dataclass(slots=True, repr=False)
class Exchange:
    """One exchange of a refresh token: what it needs, and what came of it when it ran."""

    issuer: Issuer
    tokens: SessionTokens | None = None
    ended: list[tuple[UUID, UUID, UUID]] = field(default_factory=list)


async def refresh(tx: ApartTx, request: RefreshSessionRequest, exchange: Exchange) -> RefreshSessionResponse:
    """Exchanges a token, or ends the session of one that is used again.

    The answer that is kept says nothing: the tokens are handed to `exchange`, and for lost replies the successor lies sealed in the
    row of its predecessor.
    """
    token_hash = hash_token(request.refresh_token)
    rows = await tx.fetch(queries.REFRESH_TOKEN(token_hash=token_hash))
    if not rows:
        raise rules.invalid_refresh_token()
    token = queries.RefreshToken(*rows[0])
    login = await lock_login(tx, token.user_id)
    if login is None:
        raise rules.invalid_refresh_token()
    if token.used_at is not None:
        await _end_stolen(tx, token, login, exchange)
        return RefreshSessionResponse()
    ends_at = await _require_live(tx, token, exchange.issuer.refresh_ttl)
    successor = new_token(REFRESH_PREFIX)
    sealed = exchange.issuer.keyed.seal_successor(token_hash, successor)
    won = await tx.fetch(
        writes.USE_REFRESH_TOKEN(of_token=token_hash, now=tx.now, by_request=UUID(request.request_id), successor=sealed)
    )
    if not won:
        raise rules.invalid_refresh_token()
    _add_refresh_token(tx, successor, token.session_id, token.user_id, ends_at)
    tx.write(writes.TOUCH_SESSION(of_session=token.session_id, now=tx.now, ends_at=ends_at))
    exchange.tokens = exchange.issuer.compose_tokens(
        login.user_id, login.home_id, token.session_id, successor, ends_at, tx.now
    )
    return RefreshSessionResponse()


async def _end_stolen(tx: ApartTx, token: queries.RefreshToken, login: queries.Login, exchange: Exchange) -> None:
    """Two hold the same token, and one of them is a thief. Neither goes on."""
    if await tx.fetch(writes.END_SESSION(of_session=token.session_id, of_user=token.user_id, now=tx.now)):
        tx.audit(token.user_id, "refresh_token_reused", token.session_id)
        exchange.ended.append((login.user_id, login.home_id, token.session_id))


async def _require_live(tx: ApartTx, token: queries.RefreshToken, ttl: timedelta) -> datetime:
    """The end of the successor, if token and session are alive."""
    sessions = await tx.fetch(queries.SESSION_BY_ID(session_id=token.session_id))
    if token.expires_at <= tx.now or not sessions:
        raise rules.invalid_refresh_token()
    _, ended_at, _, family_ends_at = sessions[0]
    if ended_at is not None or family_ends_at <= tx.now:
        raise rules.invalid_refresh_token()
    return rules.refresh_ends_at(tx.now, ttl, family_ends_at)


def _add_refresh_token(tx: ApartTx, token: str, session_id: UUID, user_id: UUID, ends_at: datetime) -> None:
    tx.write(
        writes.ADD_REFRESH_TOKEN(
            token_hash=hash_token(token),
            session_id=session_id,
            user_id=user_id,
            expires_at=ends_at,
            created_at=tx.now,
        )
    )


async def sign_out(tx: ApartTx, request: LogoutRequest, session_id: UUID) -> LogoutResponse:
    await lock_login(tx, tx.scope)
    if await tx.fetch(writes.END_SESSION(of_session=session_id, of_user=tx.scope, now=tx.now)):
        tx.audit(tx.scope, "signed_out", session_id)
    return LogoutResponse()


@dataclass(slots=True)
class Revocation:
    """Which session asks, and which ones were ended."""

    own_session_id: UUID
    ended: list[UUID] = field(default_factory=list)


async def revoke_session(tx: ApartTx, request: RevokeSessionRequest, revocation: Revocation) -> RevokeSessionResponse:
    await lock_login(tx, tx.scope)
    if request.session_id:
        session_id = UUID(request.session_id)
        found = await tx.fetch(queries.SESSION_BY_ID(session_id=session_id))
        if not found or found[0][0] != tx.scope:
            raise NotVisible
        rows = await tx.fetch(writes.END_SESSION(of_session=session_id, of_user=tx.scope, now=tx.now))
        for (ended,) in rows:
            tx.audit(tx.scope, "session_revoked", ended)
        revocation.ended += [ended for (ended,) in rows]
    else:
        revocation.ended += await end_sessions(tx, tx.scope, spared=revocation.own_session_id)
    return RevokeSessionResponse(revoked=len(revocation.ended))


async def end_sessions(tx: ApartTx, user_id: UUID, spared: UUID = NO_SESSION) -> list[UUID]:
    """Ends all sessions of a user but the spared one. The caller holds the login."""
    rows = await tx.fetch(writes.END_OTHER_SESSIONS(of_user=user_id, of_session=spared, now=tx.now))
    for (ended,) in rows:
        tx.audit(user_id, "session_revoked", ended)
    return [ended for (ended,) in rows]
