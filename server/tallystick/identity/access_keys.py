"""How does a program get a credential narrower than its owner's? Made, listed and revoked here."""

from functools import partial
from uuid import UUID

from tallystick.caller import Caller
from tallystick.identity import commands_keys as commands
from tallystick.identity import queries
from tallystick.identity.parts import Parts
from tallystick.times import to_timestamp
from tallystick.v1.auth_service_pb2 import (
    CreateAccessKeyRequest,
    CreateAccessKeyResponse,
    ListAccessKeysResponse,
    RevokeAccessKeyRequest,
    RevokeAccessKeyResponse,
)
from tallystick.v1.identity_pb2 import AccessKey


class AccessKeys:
    """A user's access keys."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def create(self, request: CreateAccessKeyRequest, caller: Caller) -> CreateAccessKeyResponse:
        return await self._parts.apart.write(
            caller.user_id,
            request,
            partial(commands.create_access_key, keyed=self._parts.keyed),
            CreateAccessKeyResponse,
            origin=self._parts.origin(request, caller.address, caller),
            is_secret=True,
        )

    async def list(self, caller: Caller) -> ListAccessKeysResponse:
        parts = self._parts
        rows = await parts.apart.fetch(queries.LIVE_ACCESS_KEYS(user_id=caller.user_id, now=parts.clock.now()))
        return ListAccessKeysResponse(
            access_keys=[
                AccessKey(
                    id=str(key_id),
                    name=parts.keyed.open_name(key_id, name_sealed),
                    book_ids=[str(book_id) for book_id in book_ids],
                    scope=scope,
                    created_at=to_timestamp(created_at),
                    expires_at=to_timestamp(expires_at),
                    last_used_at=to_timestamp(last_used_at) if last_used_at else None,
                )
                for key_id, name_sealed, book_ids, scope, created_at, expires_at, last_used_at in rows
            ]
        )

    async def revoke(self, request: RevokeAccessKeyRequest, caller: Caller) -> RevokeAccessKeyResponse:
        response = await self._parts.apart.write(
            caller.user_id,
            request,
            commands.revoke_access_key,
            RevokeAccessKeyResponse,
            origin=self._parts.origin(request, caller.address, caller),
        )
        self._parts.credentials.forget_key(UUID(request.access_key_id))
        return response
