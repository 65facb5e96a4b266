"""What shall happen to access keys? Run inside one transaction apart from the spaces."""

from datetime import timedelta
from uuid import UUID

from tallystick.errors import NotVisible
from tallystick.identity import queries, rules, writes
from tallystick.identity.commands import lock_login
from tallystick.identity.keyed import ACCESS_KEY_PREFIX, Keyed, hash_token, new_token
from tallystick.store.apart import ApartTx
from tallystick.times import to_timestamp
from tallystick.v1.auth_service_pb2 import (
    CreateAccessKeyRequest,
    CreateAccessKeyResponse,
    RevokeAccessKeyRequest,
    RevokeAccessKeyResponse,
)
from tallystick.v1.identity_pb2 import AccessKey


async def create_access_key(tx: ApartTx, request: CreateAccessKeyRequest, keyed: Keyed) -> CreateAccessKeyResponse:
    if await lock_login(tx, tx.scope) is None:
        raise NotVisible
    book_ids = [UUID(book_id) for book_id in request.book_ids]
    found = await tx.fetch(queries.BOOKS_AMONG(user_id=tx.scope, ids=book_ids))
    if {book_id for (book_id,) in found} != set(book_ids):
        raise NotVisible
    if len(await tx.fetch(queries.LIVE_ACCESS_KEYS(user_id=tx.scope, now=tx.now))) >= rules.ACCESS_KEYS_MAX:
        raise rules.too_many_access_keys()
    key_id, secret = tx.new_id(), new_token(ACCESS_KEY_PREFIX)
    expires_at = tx.now + timedelta(days=request.days)
    tx.write(
        writes.ADD_ACCESS_KEY(
            id=key_id,
            user_id=tx.scope,
            secret_hash=hash_token(secret),
            name_sealed=keyed.seal_name(key_id, request.name),
            book_ids=book_ids,
            scope=request.scope,
            expires_at=expires_at,
            created_at=tx.now,
        )
    )
    tx.audit(tx.scope, "access_key_created", key_id)
    key = AccessKey(
        id=str(key_id),
        name=request.name,
        book_ids=request.book_ids,
        scope=request.scope,
        created_at=to_timestamp(tx.now),
        expires_at=to_timestamp(expires_at),
    )
    return CreateAccessKeyResponse(access_key=key, secret=secret)


async def revoke_access_key(tx: ApartTx, request: RevokeAccessKeyRequest) -> RevokeAccessKeyResponse:
    await lock_login(tx, tx.scope)
    key_id = UUID(request.access_key_id)
    found = await tx.fetch(queries.ACCESS_KEY_OF_USER(id=key_id, user_id=tx.scope))
    if not found:
        raise NotVisible
    if found[0][1] is None:
        tx.write(writes.REVOKE_ACCESS_KEY(of_key=key_id, of_user=tx.scope, now=tx.now))
        tx.audit(tx.scope, "access_key_revoked", key_id)
    return RevokeAccessKeyResponse()
