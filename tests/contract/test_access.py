"""Does the contract say of every call what the gate and the door need?"""

from pathlib import Path

import pytest
from google.api import annotations_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor, FileDescriptor, MethodDescriptor
from grpc_health.v1 import health_pb2

from tallystick import contract
from tallystick.gate import validation
from tallystick.v1 import error_reason_pb2, options_pb2
from tallystick.v1.options_pb2 import CallerLevel, Sensitivity

METHODS = [method for service in contract.services() for method in service.methods]
# Calls that answer a question and are named by it.
ASKING = {
    *("Convert", "PreviewTemplate", "PreviewRule", "VerifyBook", "Pull", "Watch"),
    *("Export", "DownloadExport"),
    *("SearchGroups", "PreviewSplit", "SuggestSettlements", "VerifyGroup"),
    *("DownloadFile", "ServeFile"),
}
# A repeat of it asks again.
PINGING = {"TestWebhook", "VerifyBackup"}
# A repeat is known by what it brings.
BRINGING = {"UploadPart", "Upload"}
# Carries requests that have each their own.
CARRYING = {"Push"}
EACH = pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)


@EACH
def test_every_rpc_says_who_may_call_and_how_sensitive_it_is(method: MethodDescriptor) -> None:
    """If you are here because this failed, you added an RPC without access options. To fix: add
    `option (access) = {caller: …, role: …, sensitivity: …};` to it (see options.proto), then `make gen`."""
    access = method.GetOptions().Extensions[options_pb2.access]
    assert access.caller != CallerLevel.CALLER_LEVEL_UNSPECIFIED
    assert access.sensitivity != Sensitivity.SENSITIVITY_UNSPECIFIED


@EACH
def test_every_rpc_has_a_rest_path_under_v1(method: MethodDescriptor) -> None:
    # REST has no such calls: each has a twin that is made of unary ones.
    if method.client_streaming:
        return
    rule = method.GetOptions().Extensions[annotations_pb2.http]
    path = next((value for _, value in rule.ListFields() if isinstance(value, str) and value.startswith("/")), "")
    assert path.startswith("/v1/")


@EACH
def test_every_rpc_that_names_a_space_says_the_least_role(method: MethodDescriptor) -> None:
    """A request with a book_id or a required space_id acts inside that space, so the door must know the role."""
    fields = method.input_type.fields_by_name
    # These make the space, or take it as a filter; their services check the role themselves.
    if method.name in {"CreateBook", "ListInvitations", "CreateAccessKey", "ListBooks", "CreateGroup", "JoinGroup"}:
        return
    if method.name == "ListDisplays":
        return
    names_space = not {"book_id", "space_id", "group_id"}.isdisjoint(fields.keys()) or method.client_streaming
    assert bool(method.GetOptions().Extensions[options_pb2.access].role) == names_space


@EACH
def test_every_write_has_a_request_id_and_every_get_or_list_has_none(method: MethodDescriptor) -> None:
    is_read = method.name.startswith(("Get", "List")) or method.name in ASKING | CARRYING | PINGING | BRINGING
    assert ("request_id" in method.input_type.fields_by_name) != is_read


@EACH
def test_every_list_is_paged(method: MethodDescriptor) -> None:
    # Bounded by their own limits: at most 100 each.
    if not method.name.startswith("List") or method.name in {"ListSessions", "ListAccessKeys", "ListTargets"}:
        return
    assert {"page_size", "page_token"} <= set(method.input_type.fields_by_name)
    assert "next_page_token" in method.output_type.fields_by_name


def test_every_secret_is_marked_sensitive() -> None:
    """If you are here because this failed, you added a field whose name says that it is secret or private. To fix: mark it
    `[(sensitive) = true]`, so that it never reaches a log."""
    private = ("password", "token", "secret", "email", "display_name", "note", "payee", "minor", "code")
    unmarked = [
        field.full_name
        for file in contract.SERVICE_FILES
        for message in _messages(file)
        for field in message.fields
        if field.name.endswith(private)
        and not field.name.endswith(("page_token", "password_version"))
        and field.type in (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_INT64)
        and not contract.is_sensitive(field.GetOptions())
    ]
    assert unmarked == []


def test_every_rule_of_the_contract_compiles() -> None:
    validation.warm()


def test_a_request_message_belongs_to_one_rpc_only() -> None:
    assert len(contract.rpcs_by_request()) == len(METHODS)


def test_b11_no_field_anywhere_is_a_floating_point_number() -> None:
    floats = (FieldDescriptor.TYPE_FLOAT, FieldDescriptor.TYPE_DOUBLE)
    found = [
        field.full_name
        for file in contract.SERVICE_FILES
        for message in _messages(file)
        for field in message.fields
        if field.type in floats
    ]
    assert found == []


def test_every_reason_is_raised_somewhere_and_named_in_the_contract() -> None:
    top = Path(__file__).parents[2]
    code = "".join(
        path.read_text() for path in (top / "server" / "tallystick").rglob("*.py") if "/v1/" not in path.as_posix()
    )
    names = [
        name for name in error_reason_pb2.ErrorReason.DESCRIPTOR.values_by_name if not name.endswith("_UNSPECIFIED")
    ]
    assert [name for name in names if name not in code] == []


def test_a_contract_without_access_options_is_refused() -> None:
    method = health_pb2.DESCRIPTOR.services_by_name["Health"].methods_by_name["Check"]
    with pytest.raises(contract.ContractIncomplete):
        contract._read_rpc(method)  # type: ignore[arg-type]  # the same class by its other name


def _messages(file: FileDescriptor) -> list[Descriptor]:
    """Every message that a file speaks of, its own and those of the contract's other files."""
    seen: dict[str, Descriptor] = {}

    def visit(one: FileDescriptor) -> None:
        for message in one.message_types_by_name.values():
            seen[message.full_name] = message
        for dependency in one.dependencies:
            if dependency.package == "tallystick.v1":
                visit(dependency)

    visit(file)
    return list(seen.values())
