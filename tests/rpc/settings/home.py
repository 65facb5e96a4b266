"""What do tests of settings stand on? Short ways to say what somebody asks of their home."""

from typing import Any

import grpc
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message

from people import BookOf, Client, Person, new_id, refusal_of
from tallystick_client.v1.auth_service_pb2 import CreateAccessKeyRequest
from tallystick_client.v1.identity_pb2 import AccessKeyScope
from tallystick_client.v1.settings_client_values_pb2 import (
    ClientValue,
    DeleteClientValueRequest,
    GetClientValueRequest,
    ListClientValuesRequest,
    PutClientValueRequest,
)
from tallystick_client.v1.settings_displays_pb2 import (
    BookThing,
    Display,
    ListDisplaysRequest,
    ResetDisplayRequest,
    UpdateDisplayRequest,
)
from tallystick_client.v1.settings_pb2 import GetSettingsRequest, Settings, UpdateSettingsRequest
from tallystick_client.v1.sync_service_pb2 import GetSyncStatusRequest


def settings_request(*paths: str, **fields: Any) -> UpdateSettingsRequest:
    mask = FieldMask(paths=paths) if paths else None
    values: dict[str, Any] = {"request_id": new_id(), "update_mask": mask}
    return UpdateSettingsRequest(**values | fields)


async def get(person: Client) -> Settings:
    settings: Settings = (await person.settings.GetSettings(GetSettingsRequest())).settings
    return settings


async def update(person: Client, *paths: str, **fields: Any) -> Settings:
    settings: Settings = (await person.settings.UpdateSettings(settings_request(*paths, **fields))).settings
    return settings


def thing_of(book: BookOf, thing_id: str = "") -> BookThing:
    """The book's account, or another thing."""
    return BookThing(book_id=book.id, thing_id=thing_id or book.account_id)


def display_request(thing: BookThing, *paths: str, **fields: Any) -> UpdateDisplayRequest:
    mask = FieldMask(paths=paths) if paths else None
    values: dict[str, Any] = {"request_id": new_id(), "thing": thing, "update_mask": mask}
    return UpdateDisplayRequest(**values | fields)


async def show(person: Client, thing: BookThing, *paths: str, **fields: Any) -> Display:
    display: Display = (await person.settings.UpdateDisplay(display_request(thing, *paths, **fields))).display
    return display


def reset_request(thing: BookThing) -> ResetDisplayRequest:
    return ResetDisplayRequest(request_id=new_id(), thing=thing)


async def displays_of(person: Client, book_id: str) -> list[Display]:
    return list((await person.settings.ListDisplays(ListDisplaysRequest(book_id=book_id))).displays)


def put_request(key: str, value: bytes = b"", **other: Any) -> PutClientValueRequest:
    values: dict[str, Any] = {"request_id": new_id(), "key": key, "value": value}
    return PutClientValueRequest(**values | other)


async def put(person: Client, key: str, value: bytes = b"", **other: Any) -> ClientValue:
    kept: ClientValue = (await person.settings.PutClientValue(put_request(key, value, **other))).client_value
    return kept


async def value_of(person: Client, key: str) -> ClientValue:
    kept: ClientValue = (await person.settings.GetClientValue(GetClientValueRequest(key=key))).client_value
    return kept


async def keys_of(person: Client, prefix: str = "") -> list[str]:
    asked = ListClientValuesRequest(prefix=prefix, page_size=200)
    return [each.key for each in (await person.settings.ListClientValues(asked)).client_values]


def delete_request(key: str) -> DeleteClientValueRequest:
    return DeleteClientValueRequest(request_id=new_id(), key=key)


async def key_for(book: BookOf) -> Client:
    """A program with an access key that may do everything in the book."""
    made = await book.person.auth.CreateAccessKey(
        CreateAccessKeyRequest(
            request_id=new_id(),
            name="key",
            book_ids=[book.id],
            scope=AccessKeyScope.ACCESS_KEY_SCOPE_WRITE,
            days=1,
        )
    )
    return book.person.client.with_token(made.secret)


async def is_for_sessions_only(book: BookOf, rpc: str, request: Message) -> None:
    """Neither an access key of the caller nor somebody who has not signed in gets an answer."""
    call = getattr((await key_for(book)).settings, rpc)
    assert (await refusal_of(call(request))).reason == "SCOPE_TOO_NARROW"
    call = getattr(Client(book.person.channel).settings, rpc)
    assert (await refusal_of(call(request))).reason == "NOT_SIGNED_IN"


async def keeps_the_promises_of_a_write(book: BookOf, rpc: str, request: Any, other: Any) -> Any:
    """The first call is answered; a repeat is answered alike; another body under its id is refused; and it takes a session."""
    await is_for_sessions_only(book, rpc, request)
    call = getattr(book.person.settings, rpc)
    first = await call(request)
    assert (await call(request)).SerializeToString(deterministic=True) == first.SerializeToString(deterministic=True)
    other.request_id = request.request_id
    reused = await refusal_of(call(other))
    assert (reused.code, reused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_ID_REUSED")
    return first


async def head_of(person: Person) -> int:
    """The version of the person's home: it rises with whatever is written there."""
    return int((await person.sync.GetSyncStatus(GetSyncStatusRequest(space_id=person.user.home_id))).head)
