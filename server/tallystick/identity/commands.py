"""What shall happen to a user's own words and their address? Run inside the write door of the home."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tallystick import masks
from tallystick.identity import profiles, queries, rules, writes
from tallystick.identity.keyed import hash_token
from tallystick.identity.rules import MAIL_TTL, MailPurpose
from tallystick.identity.tables import PROFILE
from tallystick.store import audit
from tallystick.store.apart import ApartTx
from tallystick.store.audit import AuditNote, Origin
from tallystick.store.statements import Call
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.auth_service_pb2 import (
    RegisterRequest,
    RegisterResponse,
    UpdateMeRequest,
    UpdateMeResponse,
    VerifyEmailRequest,
    VerifyEmailResponse,
)
from tallystick.v1.identity_pb2 import User


@dataclass(slots=True, repr=False)
class NewUser:
    """What a registration needs besides its request, and whether it made the user or found them made."""

    user_id: UUID
    home_id: UUID
    email_hash: bytes
    password_hash: str
    mail_token: str
    origin: Origin
    is_made: bool = False


async def register(tx: WriteTx, request: RegisterRequest, new: NewUser) -> RegisterResponse:
    """The first commit of the home. The login is in the same one: a user has both or neither."""
    profile = User(
        id=str(new.user_id),
        email=request.email.strip(),
        display_name=rules.require_display_name(request.display_name),
        home_id=str(new.home_id),
        locale=request.locale or rules.LOCALE_DEFAULT,
        time_zone=rules.require_time_zone(request.time_zone),
        created_at=to_timestamp(tx.now),
    )
    tx.add(PROFILE, profile)
    tx.beside(
        writes.ADD_LOGIN(
            user_id=new.user_id,
            home_id=new.home_id,
            email_hash=new.email_hash,
            email_verified=False,
            password_hash=new.password_hash,
            password_version=1,
            created_at=tx.now,
        )
    )
    tx.beside(compose_mail_token(new.mail_token, new.user_id, MailPurpose.VERIFY, 1, tx.now))
    for call in audit.compose_calls(new.user_id, (), [AuditNote("registered")], new.origin, tx.now):
        tx.beside(call)
    new.is_made = True
    return RegisterResponse()


async def verify_email(tx: WriteTx, request: VerifyEmailRequest, origin: Origin) -> VerifyEmailResponse:
    user_id = tx.caller.user_id
    login = await lock_login(tx, user_id)
    if login is None:
        raise rules.invalid_mail_token()
    await use_mail_token(tx, request.token, MailPurpose.VERIFY, login)
    profile = tx.require(PROFILE, await tx.fetch(queries.PROFILE_OF_HOME(space_id=tx.space_id)))
    verified = User()
    verified.CopyFrom(profile)
    verified.email_verified = True
    if not profile.email_verified:
        tx.put(PROFILE, profile, verified)
    tx.beside(writes.SET_VERIFIED(of_user=user_id))
    head = await tx.fetch(audit.HEAD(scope_id=user_id))
    for call in audit.compose_calls(user_id, head, [AuditNote("email_verified")], origin, tx.now):
        tx.beside(call)
    return VerifyEmailResponse()


async def update_me(tx: WriteTx, request: UpdateMeRequest) -> UpdateMeResponse:
    names = masks.touched(request.update_mask.paths, request, rules.CHANGEABLE)
    rows, since = await tx.fetch_all(profiles.ask(tx), profiles.ask_since(tx, masks.base_version(request)))
    return UpdateMeResponse(user=profiles.change(tx, profiles.read(tx, rows), request, names, since))


async def lock_login(tx: WriteTx | ApartTx, user_id: UUID) -> queries.Login | None:
    """The login, held until the commit, so that nobody else appends to the user's audit chain. None: there is none any more."""
    rows = await tx.fetch(queries.LOCK_LOGIN(user_id=user_id))
    return queries.Login(*rows[0]) if rows else None


async def use_mail_token(tx: WriteTx | ApartTx, token: str, purpose: MailPurpose, login: queries.Login) -> None:
    """Uses up a token from a mail. Of many calls at once only one succeeds."""
    token_hash = hash_token(token)
    rows = await tx.fetch(queries.MAIL_TOKEN(token_hash=token_hash))
    found = queries.MailToken(*rows[0]) if rows else None
    if found is None or not _is_good(found, purpose, login):
        raise rules.invalid_mail_token()
    if not await tx.fetch(writes.USE_MAIL_TOKEN(of_token=token_hash, now=tx.now)):
        raise rules.invalid_mail_token()


def compose_mail_token(
    token: str, user_id: UUID, purpose: MailPurpose, password_version: int, now: datetime
) -> Call[()]:
    return writes.ADD_MAIL_TOKEN(
        token_hash=hash_token(token),
        user_id=user_id,
        purpose=purpose,
        password_version=password_version,
        expires_at=now + MAIL_TTL[purpose],
        created_at=now,
    )


def _is_good(found: queries.MailToken, purpose: MailPurpose, login: queries.Login) -> bool:
    """For this user, this purpose, and the password that was in force when it was sent."""
    return (found.user_id, found.purpose, found.password_version) == (login.user_id, purpose, login.password_version)
