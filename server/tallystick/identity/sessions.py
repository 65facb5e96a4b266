"""How does a device sign in, go on and sign out? The way around the commands: throttles, passwords, signing keys."""

from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

from tallystick.caller import Caller
from tallystick.errors import LimitReached
from tallystick.identity import commands_sessions as commands
from tallystick.identity import queries, rules
from tallystick.identity.commands_passwords import Posting, add_verify_token
from tallystick.identity.devices import NewDevices
from tallystick.identity.keyed import MAIL_PREFIX, hash_token, new_token, scope_of
from tallystick.identity.parts import Parts
from tallystick.identity.throttle_rules import Attempt
from tallystick.times import to_timestamp
from tallystick.v1.auth_service_pb2 import (
    ListSessionsResponse,
    LoginRequest,
    LoginResponse,
    LogoutRequest,
    LogoutResponse,
    RefreshSessionRequest,
    RefreshSessionResponse,
    RevokeSessionRequest,
    RevokeSessionResponse,
    SendVerificationRequest,
    SendVerificationResponse,
)
from tallystick.v1.identity_pb2 import Session, SessionTokens


class Sessions:
    """Signing in and out, refreshing, and the list of devices."""

    def __init__(self, parts: Parts, new_devices: NewDevices) -> None:
        self._parts = parts
        self._new_devices = new_devices

    async def login(self, request: LoginRequest, address: str) -> LoginResponse:
        parts = self._parts
        email_hash = parts.keyed.hash_email(request.email)
        login, knows_device = await self._look_up(email_hash, request.device_token)
        attempt = Attempt(address, email_hash, hash_token(request.device_token) if knows_device else None)
        await parts.throttle.admit(attempt)
        is_right = await parts.passwords.matches(request.password, login.password_hash if login else None)
        if login is None or not is_right:
            await parts.throttle.fail(attempt)
            raise rules.wrong_credentials()
        await parts.throttle.succeed(attempt)
        if parts.settings.require_verified_email and not login.email_verified:
            await self._mail_verification(login, address)
            raise rules.email_not_verified()
        draft = commands.SignIn(
            login=login,
            profile=await parts.profile_of(login.user_id, login.home_id),
            issuer=await self._issuer(),
            knows_device=knows_device,
            new_password_hash=await self._rehash(request.password, login.password_hash),
            new_devices=self._new_devices,
        )
        return await parts.apart.write(
            scope_of(email_hash),
            request,
            partial(commands.sign_in, draft=draft),
            LoginResponse,
            origin=parts.origin(request, address, user_id=login.user_id),
            is_secret=True,
        )

    async def _look_up(self, email_hash: bytes, device_token: str) -> tuple[queries.Login | None, bool]:
        """The login, and whether the device has signed in to it before. One round trip, whatever there is."""
        logins, devices = await self._parts.apart.fetch_all(
            queries.LOGIN_BY_EMAIL(email_hash=email_hash), queries.KNOWN_DEVICE(token_hash=hash_token(device_token))
        )
        login = queries.Login(*logins[0]) if logins else None
        return login, bool(login and devices and devices[0][0] == login.user_id)

    async def _rehash(self, password: str, stored: str) -> str | None:
        passwords = self._parts.passwords
        return await passwords.hash("password", password) if passwords.is_outdated(stored) else None

    async def _mail_verification(self, login: queries.Login, address: str) -> None:
        """The link once more, because without a session nobody can ask for it."""
        parts = self._parts
        try:
            await parts.throttle.admit_mail(address, login.user_id.bytes)
        except LimitReached:
            # One was sent a moment ago.
            return
        request, posting = SendVerificationRequest(request_id=str(uuid4())), Posting(new_token(MAIL_PREFIX))
        await parts.apart.write(
            login.user_id,
            request,
            partial(add_verify_token, posting=posting),
            SendVerificationResponse,
            origin=parts.origin(request, address, user_id=login.user_id),
        )
        letter = parts.letters.verify(posting.token)
        parts.errands.start("mail_verification", parts.write_to(login.user_id, login.home_id, letter))

    async def refresh(self, request: RefreshSessionRequest, address: str) -> RefreshSessionResponse:
        parts = self._parts
        token_hash = hash_token(request.refresh_token)
        exchange = commands.Exchange(await self._issuer())
        await parts.apart.write(
            scope_of(token_hash),
            request,
            partial(commands.refresh, exchange=exchange),
            RefreshSessionResponse,
            origin=parts.origin(request, address),
        )
        for user_id, home_id, session_id in exchange.ended:
            parts.credentials.forget_session(session_id)
            parts.errands.start("mail_session_ended", parts.write_to(user_id, home_id, parts.letters.session_ended()))
        tokens = exchange.tokens or await self._replay(token_hash, UUID(request.request_id), exchange.issuer)
        return RefreshSessionResponse(tokens=tokens)

    async def _replay(self, token_hash: bytes, request_id: UUID, issuer: commands.Issuer) -> SessionTokens:
        """The successor once more, for whoever sent the request that made it and lost the reply."""
        parts, now = self._parts, self._parts.clock.now()
        rows = await parts.apart.fetch(queries.REFRESH_TOKEN(token_hash=token_hash))
        used = queries.RefreshToken(*rows[0]) if rows else None
        if used is None or used.used_at is None:
            raise rules.invalid_refresh_token()
        if used.used_request_id != request_id:
            raise rules.refresh_token_reused()
        kept_until = used.used_at + timedelta(seconds=parts.settings.lost_reply_s)
        login = await parts.find_login_of(used.user_id)
        live = await parts.apart.fetch(
            queries.SESSION_IS_LIVE(session_id=used.session_id, user_id=used.user_id, now=now)
        )
        if used.successor_sealed is None or kept_until <= now or login is None or not live:
            raise rules.invalid_refresh_token()
        successor = parts.keyed.open_successor(token_hash, used.successor_sealed)
        rows = await parts.apart.fetch(queries.REFRESH_TOKEN(token_hash=hash_token(successor)))
        if not rows:
            raise rules.invalid_refresh_token()
        ends_at = queries.RefreshToken(*rows[0]).expires_at
        return issuer.compose_tokens(login.user_id, login.home_id, used.session_id, successor, ends_at, now)

    async def logout(self, request: LogoutRequest, caller: Caller) -> LogoutResponse:
        session_id = require_session(caller)
        response = await self._parts.apart.write(
            caller.user_id,
            request,
            partial(commands.sign_out, session_id=session_id),
            LogoutResponse,
            origin=self._parts.origin(request, caller.address, caller),
        )
        self._parts.credentials.forget_session(session_id)
        return response

    async def revoke(self, request: RevokeSessionRequest, caller: Caller) -> RevokeSessionResponse:
        revocation = commands.Revocation(require_session(caller))
        response = await self._parts.apart.write(
            caller.user_id,
            request,
            partial(commands.revoke_session, revocation=revocation),
            RevokeSessionResponse,
            origin=self._parts.origin(request, caller.address, caller),
        )
        for session_id in revocation.ended:
            self._parts.credentials.forget_session(session_id)
        return response

    async def list(self, caller: Caller) -> ListSessionsResponse:
        parts = self._parts
        rows = await parts.apart.fetch(queries.LIVE_SESSIONS(user_id=caller.user_id, now=parts.clock.now()))
        return ListSessionsResponse(
            sessions=[
                Session(
                    id=str(session_id),
                    device_name=parts.keyed.open_name(session_id, name_sealed),
                    created_at=to_timestamp(created_at),
                    last_used_at=to_timestamp(last_used_at),
                    expires_at=to_timestamp(expires_at),
                    current=session_id == caller.session_id,
                )
                for session_id, name_sealed, created_at, last_used_at, expires_at in rows
            ]
        )

    async def _issuer(self) -> commands.Issuer:
        parts = self._parts
        ttl = timedelta(seconds=parts.settings.refresh_token_s)
        return commands.Issuer(parts.tokens, await parts.signing.signer(), parts.keyed, ttl)


def require_session(caller: Caller) -> UUID:
    """The caller's session. The contract lets only sessions make these calls, and the gate has seen to it."""
    assert caller.session_id is not None, "this call needs a session; its access option must be CALLER_LEVEL_SESSION"
    return caller.session_id
