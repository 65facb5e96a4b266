"""What does the contract say about its own calls? Read once from the descriptors; every other file asks here."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from google.protobuf.descriptor import Descriptor, MethodDescriptor, ServiceDescriptor
from google.protobuf.descriptor_pb2 import FieldOptions
from google.protobuf.message import Message

from tallystick.v1 import (
    auth_service_pb2,
    backup_service_pb2,
    budget_service_pb2,
    export_service_pb2,
    file_service_pb2,
    group_service_pb2,
    import_service_pb2,
    ledger_service_pb2,
    notification_service_pb2,
    options_pb2,
    report_service_pb2,
    settings_service_pb2,
    space_service_pb2,
    status_service_pb2,
    sync_service_pb2,
    webhook_service_pb2,
)
from tallystick.v1.options_pb2 import Access, CallerLevel, Sensitivity

# Adding a service to the contract means adding its file here; everything else is derived.
SERVICE_FILES = (
    auth_service_pb2.DESCRIPTOR,
    space_service_pb2.DESCRIPTOR,
    ledger_service_pb2.DESCRIPTOR,
    budget_service_pb2.DESCRIPTOR,
    group_service_pb2.DESCRIPTOR,
    report_service_pb2.DESCRIPTOR,
    settings_service_pb2.DESCRIPTOR,
    notification_service_pb2.DESCRIPTOR,
    sync_service_pb2.DESCRIPTOR,
    file_service_pb2.DESCRIPTOR,
    export_service_pb2.DESCRIPTOR,
    webhook_service_pb2.DESCRIPTOR,
    import_service_pb2.DESCRIPTOR,
    backup_service_pb2.DESCRIPTOR,
    status_service_pb2.DESCRIPTOR,
)


@dataclass(frozen=True, slots=True)
class Rpc:
    """One call of the contract and the rules it carries."""

    path: str
    name: str
    service: str
    access: Access
    request_type: Descriptor
    # Whether the answer is a stream, and whether the request is one.
    is_streaming: bool
    is_gathering: bool
    is_write: bool


class ContractIncomplete(Exception):
    """A call carries no complete access options. The server does not start with such a contract."""


def services() -> Iterator[ServiceDescriptor]:
    for file in SERVICE_FILES:
        yield from file.services_by_name.values()


def service_names() -> tuple[str, ...]:
    return tuple(service.full_name for service in services())


@cache
def rpcs() -> dict[str, Rpc]:
    """Every call by its path, such as "/tallystick.v1.LedgerService/CreateBook"."""
    return {rpc.path: rpc for service in services() for rpc in map(_read_rpc, service.methods)}


@cache
def rpcs_by_request() -> dict[str, Rpc]:
    """Every call by the full name of its request message: each request belongs to exactly one call."""
    return {rpc.request_type.full_name: rpc for rpc in rpcs().values()}


def access_of(request: Message) -> Access:
    return rpcs_by_request()[request.DESCRIPTOR.full_name].access


def is_sensitive(field_options: FieldOptions) -> bool:
    return bool(field_options.Extensions[options_pb2.sensitive])


def _read_rpc(method: MethodDescriptor) -> Rpc:
    access = method.GetOptions().Extensions[options_pb2.access]
    path = f"/{method.containing_service.full_name}/{method.name}"
    if (
        access.caller == CallerLevel.CALLER_LEVEL_UNSPECIFIED
        or access.sensitivity == Sensitivity.SENSITIVITY_UNSPECIFIED
    ):
        raise ContractIncomplete(
            f"{path} does not say who may call it. To fix: give the rpc `option (access) = {{caller: …, sensitivity: …}}` "
            "in its .proto file (see options.proto), then run `make gen`."
        )
    return Rpc(
        path=path,
        name=method.name,
        service=method.containing_service.full_name,
        access=access,
        request_type=method.input_type,
        is_streaming=method.server_streaming,
        is_gathering=method.client_streaming,
        is_write=access.writes or "request_id" in method.input_type.fields_by_name,
    )
