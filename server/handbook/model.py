"""What is there to document? Calls, messages, enums and reasons, each with what the contract says of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from google.api import annotations_pb2, http_pb2
from google.protobuf.descriptor import (
    Descriptor,
    EnumDescriptor,
    FieldDescriptor,
    FileDescriptor,
    MethodDescriptor,
    ServiceDescriptor,
)
from google.protobuf.message import Message

from handbook.comments import read_comments
from tallystick.contract import services
from tallystick.v1 import error_reason_pb2, options_pb2
from tallystick.v1.options_pb2 import Access

VERBS = ("get", "put", "post", "delete", "patch")
REASON_PREFIX = "ERROR_REASON_"
SHOUTED = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*\b")
# A call that fails as others of its service do names them instead of reasons.
FAILS_AS = re.compile(r"(?:fails as|fails with: as) ((?:[A-Z]\w+(?:, | and )?)+)", re.IGNORECASE)
TEMPLATE_FIELD = re.compile(r"\{([^}=]+)(?:=[^}]*)?\}")
# Services whose stubs the SDKs do not name in the plural.
SINGULAR = ("auth", "ledger", "settings", "sync", "status")
OWN_PACKAGE = "tallystick.v1"


@dataclass(frozen=True)
class Binding:
    """One way to make a call over REST."""

    verb: str
    template: str
    body: str
    response_body: str

    @property
    def path_fields(self) -> tuple[str, ...]:
        return tuple(TEMPLATE_FIELD.findall(self.template))


@dataclass(frozen=True)
class Call:
    """One rpc, and what the contract says of it."""

    method: MethodDescriptor
    stub: str
    access: Access
    bindings: tuple[Binding, ...]
    comment: str
    reasons: tuple[str, ...]

    @property
    def name(self) -> str:
        return str(self.method.name)

    @property
    def summary(self) -> str:
        return self.comment.partition("\n\n")[0]


@dataclass(frozen=True)
class Service:
    descriptor: ServiceDescriptor
    stub: str
    comment: str
    calls: tuple[Call, ...]

    @property
    def name(self) -> str:
        return str(self.descriptor.name)


@dataclass(frozen=True)
class Reason:
    """Why a call fails. `code` is the family, such as NOT_FOUND."""

    name: str
    code: str
    comment: str


class Contract:
    """All of it. Made once."""

    def __init__(self) -> None:
        self.comments = read_comments()
        self.reasons = {reason.name: reason for reason in self._iter_reasons()}
        self.services = tuple(map(self._read_service, services()))

    def comment_of(self, name: str) -> str:
        return self.comments.get(name, "")

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        return tuple(call for service in self.services for call in service.calls)

    @cached_property
    def files(self) -> tuple[FileDescriptor, ...]:
        """The files of the contract that any service needs, by name."""
        found: dict[str, FileDescriptor] = {}

        def visit(file: FileDescriptor) -> None:
            if file.package == OWN_PACKAGE and file.name not in found:
                found[file.name] = file
                for imported in file.dependencies:
                    visit(imported)

        for service in self.services:
            visit(service.descriptor.file)
        visit(error_reason_pb2.DESCRIPTOR)
        return tuple(found[name] for name in sorted(found))

    @cached_property
    def own_of_calls(self) -> dict[str, tuple[Call, str]]:
        """The requests and answers by full name: they are shown with their call."""
        return {
            message.full_name: (call, part)
            for call in self.calls
            for message, part in ((call.method.input_type, "request"), (call.method.output_type, "response"))
            if message.file.package == OWN_PACKAGE
        }

    def messages_of(self, file: FileDescriptor) -> Iterator[Descriptor]:
        """Those of a file that are not shown with a call, nested ones after what they are nested in."""
        for message in file.message_types_by_name.values():
            yield from (each for each in _with_nested(message) if each.full_name not in self.own_of_calls)

    def enums_of(self, file: FileDescriptor) -> Iterator[EnumDescriptor]:
        yield from file.enum_types_by_name.values()
        for message in file.message_types_by_name.values():
            for each in _with_nested(message):
                yield from each.enum_types

    def calls_failing_with(self, reason: str) -> list[Call]:
        return [call for call in self.calls if reason in call.reasons]

    def _iter_reasons(self) -> Iterator[Reason]:
        enum = error_reason_pb2.ErrorReason.DESCRIPTOR
        for value in enum.values:
            if value.number:
                comment = self.comment_of(f"{enum.full_name}.{value.name}")
                code = comment.partition(":")[0]
                yield Reason(value.name.removeprefix(REASON_PREFIX), code if SHOUTED.fullmatch(code) else "", comment)

    def _read_service(self, service: ServiceDescriptor) -> Service:
        stem = service.file.name.rpartition("/")[2].removesuffix("_service.proto")
        stub = stem if stem in SINGULAR else f"{stem}s"
        calls = tuple(self._read_call(method, stub) for method in service.methods)
        return Service(service, stub, self.comment_of(service.full_name), calls)

    def _read_call(self, method: MethodDescriptor, stub: str) -> Call:
        options = method.GetOptions()
        comment = self.comment_of(method.full_name)
        told = "\n".join([comment, *self._comments_of_models(method, comment)])
        named = dict.fromkeys(word for word in SHOUTED.findall(told) if word in self.reasons)
        bindings = tuple(_iter_bindings(options.Extensions[annotations_pb2.http]))
        return Call(method, stub, options.Extensions[options_pb2.access], bindings, comment, tuple(named))

    def _comments_of_models(self, method: MethodDescriptor, comment: str) -> Iterator[str]:
        for names in FAILS_AS.findall(comment.replace("\n", " ")):
            for name in re.findall(r"\w+", names):
                other = method.containing_service.methods_by_name.get(name)
                if other is not None:
                    yield self.comment_of(other.full_name)


def _iter_bindings(rule: http_pb2.HttpRule) -> Iterator[Binding]:
    for verb in VERBS:
        if getattr(rule, verb):
            yield Binding(verb.upper(), getattr(rule, verb), rule.body, rule.response_body)
    for more in rule.additional_bindings:
        yield from _iter_bindings(more)


def is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and bool(field.message_type.GetOptions().map_entry)


def kind_of(message: Message) -> Descriptor:
    """Its descriptor. The stubs know two classes of them that are one."""
    return cast("Descriptor", message.DESCRIPTOR)


def _with_nested(message: Descriptor) -> Iterator[Descriptor]:
    yield message
    for nested in message.nested_types:
        if not nested.GetOptions().map_entry:
            yield from _with_nested(nested)
