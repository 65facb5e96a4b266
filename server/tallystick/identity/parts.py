"""What does every call of identity work with? The store, and identity's own parts, put together in one place."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from google.protobuf.message import Message

from tallystick.caller import Caller
from tallystick.clock import Clock
from tallystick.identity import queries
from tallystick.identity.credentials import Credentials
from tallystick.identity.errands import Errands
from tallystick.identity.keyed import Keyed
from tallystick.identity.letters import Letter, Letters
from tallystick.identity.mail import Mail
from tallystick.identity.passwords import COST_DEFAULT, Passwords
from tallystick.identity.signing import SigningKeys
from tallystick.identity.throttle import Throttle
from tallystick.identity.throttle_rules import Limits
from tallystick.identity.tokens import AccessTokens
from tallystick.store.apart import Apart
from tallystick.store.audit import Origin
from tallystick.store.store import Store
from tallystick.v1.auth_service_pb2 import GetMeRequest
from tallystick.v1.identity_pb2 import User


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator can choose."""

    access_token_s: float = 15 * 60
    refresh_token_s: float = 7 * 86_400
    # For how long the reply to a refresh can be asked for again.
    lost_reply_s: float = 60
    # How long an ended session may go on in other processes.
    session_check_s: float = 30
    bcrypt_cost: int = COST_DEFAULT
    require_verified_email: bool = False
    # Names us in tokens, and starts the links in mails.
    public_url: str = "http://127.0.0.1:8080"


@dataclass(frozen=True, slots=True)
class Parts:
    """Identity's parts."""

    store: Store
    apart: Apart
    clock: Clock
    settings: Settings
    keyed: Keyed
    passwords: Passwords
    throttle: Throttle
    signing: SigningKeys
    tokens: AccessTokens
    credentials: Credentials
    errands: Errands
    mail: Mail
    letters: Letters

    @classmethod
    def assemble(
        cls, store: Store, apart: Apart, mail: Mail, settings: Settings | None = None, limits: Limits | None = None
    ) -> "Parts":
        chosen = settings or Settings()
        keyed = Keyed(store.keys.keyring)
        life = timedelta(seconds=chosen.access_token_s)
        signing = SigningKeys(store, token_life=life)
        tokens = AccessTokens(signing, store.clock, chosen.public_url, life)
        return cls(
            store=store,
            apart=apart,
            clock=store.clock,
            settings=chosen,
            keyed=keyed,
            passwords=Passwords(chosen.bcrypt_cost),
            throttle=Throttle(store, keyed, limits),
            signing=signing,
            tokens=tokens,
            credentials=Credentials(store, apart, tokens, timedelta(seconds=chosen.session_check_s)),
            errands=Errands(),
            mail=mail,
            letters=Letters(chosen.public_url),
        )

    async def close(self) -> None:
        """Lets errands end and stops the threads that hash passwords."""
        await self.errands.close()
        self.passwords.close()

    async def find_login(self, email_hash: bytes) -> queries.Login | None:
        rows = await self.apart.fetch(queries.LOGIN_BY_EMAIL(email_hash=email_hash))
        return queries.Login(*rows[0]) if rows else None

    async def find_login_of(self, user_id: UUID) -> queries.Login | None:
        rows = await self.apart.fetch(queries.LOGIN_OF_USER(user_id=user_id))
        return queries.Login(*rows[0]) if rows else None

    async def find_mail_token(self, token_hash: bytes) -> queries.MailToken | None:
        rows = await self.apart.fetch(queries.MAIL_TOKEN(token_hash=token_hash))
        return queries.MailToken(*rows[0]) if rows else None

    async def is_answered(self, scope: UUID, request: Message) -> bool:
        """Whether this is a repeat, which no throttle should count and no password needs to open."""
        request_id = UUID(request.request_id)  # type: ignore[attr-defined]  # every request of a write has one
        return bool(await self.apart.fetch(queries.ANSWERED(scope=scope, request_id=request_id)))

    async def profile_of(self, user_id: UUID, home_id: UUID) -> User:
        return await queries.get_me(self.store, Caller(user_id, home_id, None, ""), GetMeRequest())

    async def write_to(self, user_id: UUID, home_id: UUID, letter: Letter) -> None:
        """Mails a user, at the address as they typed it. An errand."""
        user = await self.profile_of(user_id, home_id)
        await self.mail.send(user.email, letter.subject, letter.body)

    def origin(
        self, request: Message, address: str, caller: Caller | None = None, user_id: UUID | None = None
    ) -> Origin:
        """Who does it, from where: for the audit chain."""
        return Origin(
            caller.user_id if caller else user_id,
            caller.session_id if caller else None,
            UUID(request.request_id),  # type: ignore[attr-defined]  # as above
            self.store.hash_address(address),
        )
