"""How does a password become another one? The way around the commands: throttles, hashes, mail."""

from functools import partial
from uuid import UUID

from tallystick.caller import Caller
from tallystick.identity import commands_passwords as commands
from tallystick.identity import queries, rules
from tallystick.identity.keyed import MAIL_PREFIX, hash_token, new_token, scope_of
from tallystick.identity.parts import Parts
from tallystick.identity.passwords import require_hashable
from tallystick.identity.rules import MailPurpose
from tallystick.identity.sessions import require_session
from tallystick.identity.throttle_rules import Attempt
from tallystick.store.apart import ApartTx
from tallystick.v1.auth_service_pb2 import (
    ChangePasswordRequest,
    ChangePasswordResponse,
    ForgotPasswordRequest,
    ForgotPasswordResponse,
    ResetPasswordRequest,
    ResetPasswordResponse,
)


class PasswordChanges:
    """Forgetting, resetting and changing passwords."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def forgot(self, request: ForgotPasswordRequest, address: str) -> ForgotPasswordResponse:
        parts = self._parts
        email_hash = parts.keyed.hash_email(request.email)
        is_repeat = await parts.is_answered(scope_of(email_hash), request)
        if not is_repeat:
            await parts.throttle.admit_mail(address, email_hash)
        response = await parts.apart.write(
            scope_of(email_hash), request, _say_nothing, ForgotPasswordResponse, origin=parts.origin(request, address)
        )
        if not is_repeat:
            # Whether there is anybody to write to is found out behind the answer, so that its time does not tell.
            parts.errands.start("mail_reset", self._mail_reset(email_hash, request, address))
        return response

    async def _mail_reset(self, email_hash: bytes, request: ForgotPasswordRequest, address: str) -> None:
        parts = self._parts
        login = await parts.find_login(email_hash)
        if login is None:
            return
        posting = commands.Posting(new_token(MAIL_PREFIX))
        await parts.apart.write(
            login.user_id,
            request,
            partial(commands.add_reset_token, posting=posting),
            ForgotPasswordResponse,
            origin=parts.origin(request, address),
        )
        if posting.login:
            await parts.write_to(login.user_id, login.home_id, parts.letters.reset(posting.token))

    async def reset(self, request: ResetPasswordRequest, address: str) -> ResetPasswordResponse:
        parts = self._parts
        require_hashable("new_password", request.new_password)
        token_hash = hash_token(request.token)
        await parts.throttle.admit_address(address)
        found = await parts.find_mail_token(token_hash)
        login = await parts.find_login_of(found.user_id) if found else None
        if found is None or login is None or found.purpose != MailPurpose.RESET:
            attempt = Attempt(address, token_hash)
            await parts.throttle.admit(attempt)
            await parts.throttle.fail(attempt)
            raise rules.invalid_mail_token()
        new = commands.NewPassword(login, await parts.passwords.hash("new_password", request.new_password))
        response = await parts.apart.write(
            scope_of(token_hash),
            request,
            partial(commands.reset_password, new=new),
            ResetPasswordResponse,
            origin=parts.origin(request, address, user_id=login.user_id),
        )
        self._after(new)
        return response

    async def change(self, request: ChangePasswordRequest, caller: Caller) -> ChangePasswordResponse:
        parts, session_id = self._parts, require_session(caller)
        require_hashable("new_password", request.new_password)
        login = await parts.find_login_of(caller.user_id)
        if login is None:
            raise rules.invalid_token()
        if await parts.is_answered(caller.user_id, request):
            # A repeat: the current password is no longer what it was, and need not be.
            new = commands.NewPassword(login, "")
        else:
            await self.require_own_password(request.current_password, login, caller)
            new_hash = await parts.passwords.hash("new_password", request.new_password)
            new = commands.NewPassword(login, new_hash, session_id)
        response = await parts.apart.write(
            caller.user_id,
            request,
            partial(commands.change_password, new=new),
            ChangePasswordResponse,
            origin=parts.origin(request, caller.address, caller),
        )
        self._after(new)
        return response

    async def require_own_password(self, password: str, login: queries.Login, caller: Caller) -> None:
        """The caller's own password, asked for once more. The session has a counter of its own, as a known device has."""
        parts = self._parts
        attempt = Attempt(caller.address, login.email_hash, require_session(caller).bytes)
        await parts.throttle.admit(attempt)
        if not await parts.passwords.matches(password, login.password_hash):
            await parts.throttle.fail(attempt)
            raise rules.wrong_credentials()
        await parts.throttle.succeed(attempt)

    def _after(self, new: commands.NewPassword) -> None:
        self._forget(new.ended)
        if new.is_set:
            letter = self._parts.letters.password_changed()
            self._parts.errands.start(
                "mail_password_changed", self._parts.write_to(new.login.user_id, new.login.home_id, letter)
            )

    def _forget(self, session_ids: list[UUID]) -> None:
        for session_id in session_ids:
            self._parts.credentials.forget_session(session_id)


async def _say_nothing(tx: ApartTx, request: ForgotPasswordRequest) -> ForgotPasswordResponse:
    return ForgotPasswordResponse()
