"""Who are the people in tests of signing in? Visitors at addresses of their own, and the mails they get."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any, TypeAlias

import grpc

from people import PASSWORD, Client, Person, new_id
from tallystick_client.v1 import auth_service_pb2 as pb


def new_address() -> str:
    """An address in a network that nobody else in these tests has: throttles count by network."""
    return f"2001:db8:{token_hex(2)}:{token_hex(2)}::1"


@dataclass
class Visitor(Client):
    """Somebody at an address of their own, who has not signed in."""

    open_channel: grpc.aio.Channel
    address: str = field(default_factory=new_address)

    def __post_init__(self) -> None:
        super().__init__(self.open_channel, ("x-forwarded-for", self.address))

    async def register(self, name: str = "Ann", **other: Any) -> str:
        """Makes an account, and returns its address."""
        fields: dict[str, Any] = {
            "request_id": new_id(),
            "email": f"{name.lower()}-{token_hex(6)}@example.com",
            "password": PASSWORD,
            "display_name": name,
        }
        request = pb.RegisterRequest(**fields | other)
        await self.auth.Register(request)
        return request.email

    async def login(self, address: str, password: str = PASSWORD, **other: Any) -> pb.LoginResponse:
        fields: dict[str, Any] = {
            "request_id": new_id(),
            "email": address,
            "password": password,
            "device_name": "phone",
        }
        response: pb.LoginResponse = await self.auth.Login(pb.LoginRequest(**fields | other))
        return response

    async def sign_in(self, address: str, password: str = PASSWORD, **other: Any) -> Person:
        answer = await self.login(address, password, **other)
        person = Person(self, address, password, answer.user, answer.tokens, answer.device_token)
        Client.__init__(person, self.open_channel, *self.metadata, *person.metadata)
        return person

    async def sign_up(self, name: str = "Ann") -> Person:
        return await self.sign_in(await self.register(name))


NewVisitor: TypeAlias = Callable[[], Visitor]
Audit: TypeAlias = Callable[[str], Awaitable[list[str]]]
Rows: TypeAlias = Callable[..., Awaitable[list[tuple[Any, ...]]]]
