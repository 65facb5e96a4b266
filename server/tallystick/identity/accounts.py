"""How does a person come to have an account, and prove that its address is theirs? The way around the commands: throttles, hashes, mail."""

from functools import partial

import psycopg

from tallystick.caller import Caller
from tallystick.errors import Duplicate
from tallystick.identity import commands, queries, rules
from tallystick.identity.commands_passwords import Posting, add_verify_token
from tallystick.identity.keyed import MAIL_PREFIX, hash_token, new_token
from tallystick.identity.parts import Parts
from tallystick.identity.passwords import require_hashable
from tallystick.identity.rules import MailPurpose
from tallystick.identity.throttle_rules import Attempt
from tallystick.store.apart import ApartTx
from tallystick.v1.auth_service_pb2 import (
    RegisterRequest,
    RegisterResponse,
    SendVerificationRequest,
    SendVerificationResponse,
    UpdateMeRequest,
    UpdateMeResponse,
    VerifyEmailRequest,
    VerifyEmailResponse,
)
from tallystick.v1.space_pb2 import SpaceKind

_EMAIL_TAKEN = "uq_login_email_hash"


class Accounts:
    """Registering, verifying the address, and changing what one says about oneself."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def register(self, request: RegisterRequest, address: str) -> RegisterResponse:
        parts = self._parts
        rules.require_display_name(request.display_name)
        rules.require_time_zone(request.time_zone)
        require_hashable("password", request.password)
        user_id, home_id = rules.user_id_of(request.request_id), rules.home_id_of(request.request_id)
        email_hash = parts.keyed.hash_email(request.email)
        is_repeat = await parts.is_answered(home_id, request)
        if not is_repeat:
            await parts.throttle.admit_mail(address, email_hash)
        # The request is answered before it is known whether the address is taken: afterwards another body under the same id is
        # refused in both cases, or the refusal itself would tell who has an account.
        origin = parts.origin(request, address, user_id=user_id)
        await parts.apart.write(home_id, request, _claim, RegisterResponse, origin=origin)
        if is_repeat and await parts.apart.fetch(queries.IS_REGISTERED(user_id=user_id)):
            return RegisterResponse()
        new = commands.NewUser(
            user_id=user_id,
            home_id=home_id,
            email_hash=email_hash,
            password_hash=await parts.passwords.hash("password", request.password),
            mail_token=new_token(MAIL_PREFIX),
            origin=origin,
        )
        if await self._is_taken(request, new, address):
            if not is_repeat:
                parts.errands.start("mail_address_taken", self._tell_owner(email_hash))
        elif new.is_made:
            letter = parts.letters.verify(new.mail_token)
            mailing = parts.mail.send(request.email.strip(), letter.subject, letter.body)
            parts.errands.start("mail_verification", mailing)
        return RegisterResponse()

    async def _is_taken(self, request: RegisterRequest, new: commands.NewUser, address: str) -> bool:
        """Makes user and home, unless the address is taken or another call with this request_id was faster."""
        try:
            await self._parts.store.found(
                Caller(new.user_id, new.home_id, None, address),
                SpaceKind.SPACE_KIND_HOME,
                new.home_id,
                rules.require_display_name(request.display_name),
                request,
                partial(commands.register, new=new),
                RegisterResponse,
            )
        except Duplicate:
            new.is_made = False
        except psycopg.errors.UniqueViolation as violation:
            if violation.diag.constraint_name != _EMAIL_TAKEN:
                raise
            # A registration that goes through waits for the disk once more than one that is undone. So does this.
            await self._parts.throttle.touch(address)
            return True
        return False

    async def _tell_owner(self, email_hash: bytes) -> None:
        login = await self._parts.find_login(email_hash)
        if login:
            await self._parts.write_to(login.user_id, login.home_id, self._parts.letters.taken())

    async def verify_email(self, request: VerifyEmailRequest, address: str) -> VerifyEmailResponse:
        parts = self._parts
        attempt = Attempt(address, hash_token(request.token))
        await parts.throttle.admit_address(address)
        found = await parts.find_mail_token(hash_token(request.token))
        login = await parts.find_login_of(found.user_id) if found else None
        if found is None or login is None or found.purpose != MailPurpose.VERIFY:
            await parts.throttle.admit(attempt)
            await parts.throttle.fail(attempt)
            raise rules.invalid_mail_token()
        caller = Caller(login.user_id, login.home_id, None, address)
        command = partial(commands.verify_email, origin=parts.origin(request, address, user_id=login.user_id))
        return await parts.store.write(caller, login.home_id, request, command, VerifyEmailResponse)

    async def send_verification(self, request: SendVerificationRequest, caller: Caller) -> SendVerificationResponse:
        parts = self._parts
        if not await parts.is_answered(caller.user_id, request):
            await parts.throttle.admit_mail(caller.address, caller.user_id.bytes)
        posting = Posting(new_token(MAIL_PREFIX))
        response = await parts.apart.write(
            caller.user_id,
            request,
            partial(add_verify_token, posting=posting),
            SendVerificationResponse,
            origin=parts.origin(request, caller.address, caller),
        )
        if posting.login:
            letter = parts.letters.verify(posting.token)
            parts.errands.start("mail_verification", parts.write_to(caller.user_id, caller.home_id, letter))
        return response

    async def update_me(self, request: UpdateMeRequest, caller: Caller) -> UpdateMeResponse:
        return await self._parts.store.write(caller, caller.home_id, request, commands.update_me, UpdateMeResponse)


async def _claim(tx: ApartTx, request: RegisterRequest) -> RegisterResponse:
    return RegisterResponse()
