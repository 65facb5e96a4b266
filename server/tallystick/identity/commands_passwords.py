"""What shall happen to a password and to what hangs on it? Run inside one transaction apart from the spaces."""

from dataclasses import dataclass, field
from uuid import UUID

from tallystick.identity import queries, rules, writes
from tallystick.identity.commands import compose_mail_token, lock_login, use_mail_token
from tallystick.identity.commands_sessions import end_sessions
from tallystick.identity.rules import MailPurpose
from tallystick.store.apart import ApartTx
from tallystick.v1.auth_service_pb2 import (
    ChangePasswordRequest,
    ChangePasswordResponse,
    DeleteMeRequest,
    DeleteMeResponse,
    ForgotPasswordRequest,
    ForgotPasswordResponse,
    ResetPasswordRequest,
    ResetPasswordResponse,
    SendVerificationRequest,
    SendVerificationResponse,
)


@dataclass(slots=True, repr=False)
class Posting:
    """A token on its way into a mail. `login` is there once the token is kept."""

    token: str
    login: queries.Login | None = None


async def add_reset_token(tx: ApartTx, request: ForgotPasswordRequest, posting: Posting) -> ForgotPasswordResponse:
    login = await lock_login(tx, tx.scope)
    if login:
        tx.write(compose_mail_token(posting.token, tx.scope, MailPurpose.RESET, login.password_version, tx.now))
        tx.audit(tx.scope, "password_reset_requested")
        posting.login = login
    return ForgotPasswordResponse()


async def add_verify_token(tx: ApartTx, request: SendVerificationRequest, posting: Posting) -> SendVerificationResponse:
    login = await lock_login(tx, tx.scope)
    if login and not login.email_verified:
        tx.write(compose_mail_token(posting.token, tx.scope, MailPurpose.VERIFY, login.password_version, tx.now))
        posting.login = login
    return SendVerificationResponse()


@dataclass(slots=True, repr=False)
class NewPassword:
    """A new password, hashed, for the login as it was when the old one or the mail's token was looked at."""

    login: queries.Login
    hash: str
    own_session_id: UUID | None = None
    ended: list[UUID] = field(default_factory=list)
    is_set: bool = False


async def reset_password(tx: ApartTx, request: ResetPasswordRequest, new: NewPassword) -> ResetPasswordResponse:
    login = await lock_login(tx, new.login.user_id)
    if login is None:
        raise rules.invalid_mail_token()
    await use_mail_token(tx, request.token, MailPurpose.RESET, login)
    tx.write(writes.SET_PASSWORD(of_user=login.user_id, new_hash=new.hash))
    # Whoever knew the old password may have made devices known with it.
    tx.write(writes.DROP_DEVICES(of_user=login.user_id))
    tx.audit(login.user_id, "password_reset")
    new.ended += await end_sessions(tx, login.user_id)
    new.is_set = True
    return ResetPasswordResponse()


async def change_password(tx: ApartTx, request: ChangePasswordRequest, new: NewPassword) -> ChangePasswordResponse:
    login = await lock_login(tx, tx.scope)
    if login is None or login.password_hash != new.login.password_hash or new.own_session_id is None:
        raise rules.wrong_credentials()
    tx.write(writes.SET_PASSWORD(of_user=tx.scope, new_hash=new.hash))
    tx.audit(tx.scope, "password_changed")
    new.ended += await end_sessions(tx, tx.scope, spared=new.own_session_id)
    new.is_set = True
    return ChangePasswordResponse()


async def erase_login(
    tx: ApartTx, request: DeleteMeRequest, login: queries.Login, answer_scopes: list[UUID]
) -> DeleteMeResponse:
    """Ends the login for good. From here on the erasure can only go forward; who finishes it does not matter."""
    locked = await lock_login(tx, tx.scope)
    if locked is None or locked.password_hash != login.password_hash:
        raise rules.wrong_credentials()
    tx.write(writes.ERASE_LOGIN(of_user=tx.scope, now=tx.now))
    for drop in writes.DROP_ALL_OF_USER:
        tx.write(drop(of_user=tx.scope))
    tx.write(writes.ERASE_ANSWERS(scopes=answer_scopes))
    tx.audit(tx.scope, "erased")
    return DeleteMeResponse()
