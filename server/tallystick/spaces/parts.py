"""What does every call of the spaces work with? The store, and what identity offers: who somebody is, attempts, mail."""

from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from tallystick.identity.keyed import Keyed
from tallystick.identity.throttle_rules import Attempt
from tallystick.spaces.codes import Codes
from tallystick.spaces.queries import Names
from tallystick.store.apart import Apart
from tallystick.store.pages import Pages
from tallystick.store.store import Store


class Throttle(Protocol):
    """Counts attempts and mails, and refuses those that come too early."""

    async def admit(self, attempt: Attempt) -> None: ...
    async def succeed(self, attempt: Attempt) -> None: ...
    async def fail(self, attempt: Attempt) -> None: ...
    async def admit_mail(self, address: str, account: bytes) -> None: ...


class Mail(Protocol):
    """Sends mails."""

    async def send(self, to: str, subject: str, body: str) -> None: ...


class Errands(Protocol):
    """Does after the answer what the answer does not wait for."""

    def start(self, name: str, work: Coroutine[Any, Any, None]) -> None: ...


class Settings(Protocol):
    """What an operator can choose."""

    @property
    def public_url(self) -> str: ...


class IdentityParts(Protocol):
    """Identity's parts, as far as the spaces need them."""

    @property
    def keyed(self) -> Keyed: ...
    @property
    def throttle(self) -> Throttle: ...
    @property
    def mail(self) -> Mail: ...
    @property
    def errands(self) -> Errands: ...
    @property
    def settings(self) -> Settings: ...


class Identity(Protocol):
    """Users, their sessions and keys, as the app has assembled them."""

    @property
    def parts(self) -> IdentityParts: ...


@dataclass(frozen=True, slots=True)
class Parts:
    """The spaces' parts."""

    store: Store
    apart: Apart
    pages: Pages
    names: Names
    codes: Codes
    identity: IdentityParts
