"""What would somebody send? A request for each call that its own rules accept, with plausible values.

A request gets what its path names and what samples.toml asks for; then protovalidate says what is missing still, until nothing is.
"""

import hashlib
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import protovalidate
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from handbook.model import Call, kind_of
from tallystick.v1 import validate_pb2

# What fields are called -> what somebody would say there. The last part of a name counts where the whole is not here.
VALUES: dict[str, Any] = tomllib.loads((Path(__file__).parent / "samples.toml").read_text())
REPAIRS_MAX = 30
REQUEST_ID = "0198a3c4-7b00-7000-8000-00000000f001"
NUMBERS = {
    FieldDescriptor.CPPTYPE_INT32,
    FieldDescriptor.CPPTYPE_INT64,
    FieldDescriptor.CPPTYPE_UINT32,
    FieldDescriptor.CPPTYPE_UINT64,
}


class NoSample(Exception):
    """No plausible request was found. To fix: say in samples.toml what the named field may hold."""


def compose_request(call: Call) -> Message:
    """The request of an example."""
    request = GetMessageClass(call.method.input_type)()
    for binding in call.bindings[:1]:
        for path in binding.path_fields:
            _fill(request, path.split("."))
    also = _also_of(kind_of(request))
    for path in also:
        _fill(request, path.split("."))
    if also and "update_mask" in request.DESCRIPTOR.fields_by_name:
        request.update_mask.paths.extend(path.rpartition(".")[2] for path in also)  # type: ignore[attr-defined]  # asked above
    return repair(request)


def _also_of(request: Descriptor) -> list[str]:
    """What is shown beside what must be there. An example of a change changes something."""
    given: list[str] | None = VALUES["also"].get(request.name)
    if given is not None:
        return given
    usual = VALUES["changes"] if "update_mask" in request.fields_by_name else []
    return [name for name in usual if name in request.fields_by_name][:1]


def repair(message: Message) -> Message:
    """Fills what the rules of a message miss."""
    for _ in range(REPAIRS_MAX):
        violations = _validator().collect_violations(message)
        if not violations:
            return message
        violated = violations[0].proto
        path = [element.field_name for element in violated.field.elements] if violated.field else []
        if not path or not _fill(message, path):
            raise NoSample(f"{message.DESCRIPTOR.full_name}: {violated}")
    raise NoSample(f"{message.DESCRIPTOR.full_name}: {_validator().collect_violations(message)}")


def rules_of(field: FieldDescriptor) -> validate_pb2.FieldRules:
    return field.GetOptions().Extensions[validate_pb2.field]


@cache
def _validator() -> protovalidate.Validator:
    return protovalidate.Validator()


def _fill(message: Message, path: list[str]) -> bool:
    """Gives the field at the end of a path a value. A oneof that must be set is named instead of a field."""
    name, *deeper = path
    within = kind_of(message)
    if name in within.oneofs_by_name:
        name = VALUES["oneofs"].get(f"{within.name}.{name}", within.oneofs_by_name[name].fields[0].name)
    field = within.fields_by_name[name]
    if field.is_repeated:
        return _fill_repeated(message, field, deeper)
    if field.message_type is not None:
        inner = getattr(message, name)
        inner.SetInParent()
        if deeper:
            return _fill(inner, deeper)
        _fill_message(inner)
        return True
    before = getattr(message, name)
    setattr(message, name, sample_of(field))
    return bool(getattr(message, name) != before) or field.has_presence


def _fill_repeated(message: Message, field: FieldDescriptor, deeper: list[str]) -> bool:
    values = getattr(message, field.name)
    if len(values):
        return bool(deeper) and _fill(values[0], deeper)
    if field.message_type is not None:
        _fill_message(values.add())
    else:
        values.append(sample_of(field))
    return True


def _fill_message(message: Message) -> None:
    given = VALUES["messages"].get(message.DESCRIPTOR.name)
    for name, value in (given or {}).items():
        field = kind_of(message).fields_by_name[name]
        if field.is_repeated:
            getattr(message, name).extend(value)
        else:
            setattr(message, name, _as_number(field, value))
    for path in VALUES["also"].get(message.DESCRIPTOR.name, []):
        _fill(message, path.split("."))


def _as_number(field: FieldDescriptor, value: Any) -> Any:
    return field.enum_type.values_by_name[value].number if field.enum_type is not None else value


def sample_of(field: FieldDescriptor) -> Any:
    """A value for one field, or for one item of a repeated one."""
    rules = rules_of(field)
    rules = rules.repeated.items if field.is_repeated else rules
    given = _given(field)
    if given is not None:
        return given.encode() if field.type == FieldDescriptor.TYPE_BYTES else _as_number(field, given)
    if field.enum_type is not None:
        allowed = set(rules.enum.__getattribute__("in")) or {value.number for value in field.enum_type.values}
        return min(number for number in allowed if number and number not in rules.enum.not_in)
    if field.cpp_type in NUMBERS:
        return 1
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return True
    if field.type == FieldDescriptor.TYPE_BYTES:
        return b"0123456789abcdef0123456789abcdef"[: rules.bytes.len or None]
    return _sample_text(field, rules)


def _given(field: FieldDescriptor) -> Any:
    within = field.containing_type
    full = VALUES["fields"].get(f"{within.name}.{field.name}" if within else field.name)
    return full if full is not None else VALUES["fields"].get(field.name)


def _sample_text(field: FieldDescriptor, rules: validate_pb2.FieldRules) -> str:
    if field.name == "request_id":
        return REQUEST_ID
    if rules.string.uuid or field.name.endswith(("_id", "_ids")):
        return sample_id(field.name)
    if rules.string.email:
        return "ann@example.com"
    if rules.string.pattern:
        return next(str(text) for text in VALUES["texts"] if re.search(rules.string.pattern, text))
    return "Example text"


def sample_id(name: str) -> str:
    """The same for the same kind of thing everywhere."""
    kind = name.removesuffix("s").removesuffix("_id").rpartition("_")[2]
    return f"0198a3c4-7b00-7000-8000-{hashlib.sha256(kind.encode()).hexdigest()[:12]}"
