"""How does a list go on where its last page ended? By a token that only the same caller can use, and only for the same query."""

import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.message import Message

from tallystick.caller import Caller
from tallystick.errors import InvalidInput
from tallystick.store.entity import Entity
from tallystick.store.keyring import NONCE_BYTES, Keyring
from tallystick.store.tx import ReadTx
from tallystick.v1.error_reason_pb2 import ErrorReason

M = TypeVar("M", bound=Message)
T = TypeVar("T")

PAGE_SIZE_DEFAULT = 50
PAGE_SIZE_MAX = 200


class Pages:
    """Makes and reads page tokens. The position inside is encrypted: clients cannot build on what it holds."""

    def __init__(self, keyring: Keyring) -> None:
        self._key = AESGCM(keyring.derive(b"page tokens"))

    def token(self, caller: Caller, request: Message, *position: str) -> str:
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._key.encrypt(nonce, json.dumps(position).encode(), _query(caller, request))
        return urlsafe_b64encode(nonce + sealed).decode().rstrip("=")

    def position(self, caller: Caller, request: Any) -> Sequence[str] | None:
        """Where the page starts. None: at the beginning."""
        if not request.page_token:
            return None
        try:
            raw = urlsafe_b64decode(request.page_token + "=" * (-len(request.page_token) % 4))
            plain = self._key.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _query(caller, request))
        except (ValueError, InvalidTag) as foreign:
            raise InvalidInput.of_field(
                "page_token", "was not made for this query", ErrorReason.ERROR_REASON_INVALID_PAGE_TOKEN
            ) from foreign
        position: list[str] = json.loads(plain)
        return position


def page_size(requested: int) -> int:
    return min(requested, PAGE_SIZE_MAX) or PAGE_SIZE_DEFAULT


def _query(caller: Caller, request: Any) -> bytes:
    query = type(request)()
    query.CopyFrom(request)
    query.page_token = ""
    query.page_size = 0
    name: str = request.DESCRIPTOR.full_name
    return caller.user_id.bytes + name.encode() + b"\0" + bytes(query.SerializeToString(deterministic=True))


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some things in order, and the position of the last one when more follow."""

    items: list[T]
    last: tuple[str, ...]


def page_of(
    tx: ReadTx,
    entity: Entity[M],
    rows: Sequence[tuple[UUID, int, bytes]],
    size: int,
    position: Callable[[M], tuple[str, ...]],
) -> Page[M]:
    """A page from one row more than it shows: that row says whether more follow."""
    items = [tx.open(entity, row) for row in rows[:size]]
    return Page(items, position(items[-1]) if len(rows) > size else ())
