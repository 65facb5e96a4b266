"""How are the rules of the contract said in words? `(buf.validate.field)`, and who may call."""

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from handbook.samples import rules_of
from tallystick.v1 import options_pb2, validate_pb2
from tallystick.v1.options_pb2 import Access, CallerLevel
from tallystick.v1.role_pb2 import Role

CALLERS = {
    CallerLevel.CALLER_LEVEL_PUBLIC: "Anybody, without a token",
    CallerLevel.CALLER_LEVEL_SIGNED_IN: "Whoever is signed in, by session or by an access key whose scope covers the call",
    CallerLevel.CALLER_LEVEL_SESSION: "Whoever is signed in, by session; an access key is refused",
}
ROLES = {
    Role.ROLE_VIEWER: "any member of the space",
    Role.ROLE_EDITOR: "an editor or owner of the space",
    Role.ROLE_OWNER: "an owner of the space",
}
PATTERNS = {
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}$": "a day as YYYY-MM-DD",
    "^[A-Z]{3}$": "three capital letters",
    "^#[0-9A-Fa-f]{6}$": "a color as #RRGGBB",
}
BOUNDS = (("gte", "at least"), ("gt", "above"), ("lte", "at most"), ("lt", "below"))


def say_access(access: Access) -> str:
    role = ROLES.get(access.role)
    return CALLERS[access.caller] + (f"; {role}" if role else "")


def is_sensitive(field: FieldDescriptor) -> bool:
    return bool(field.GetOptions().Extensions[options_pb2.sensitive])


def must_be_given(field: FieldDescriptor) -> bool:
    """Whether the value that an absent field has breaks the field's rules."""
    rules = rules_of(field)
    if rules.required:
        return True
    if rules.ignore or field.has_presence:
        return False
    if field.is_repeated:
        return bool(rules.repeated.min_items)
    kind = rules.WhichOneof("type")
    return kind is not None and _refuses_zero(kind, getattr(rules, kind))


def _refuses_zero(kind: str, rules: Any) -> bool:
    if kind == "string":
        return bool(rules.uuid or rules.email or rules.min_len or (rules.pattern and not _fits_empty(rules.pattern)))
    if kind == "bytes":
        return bool(rules.len or rules.min_len)
    if kind == "enum":
        return 0 in rules.not_in or (bool(_within(rules)) and 0 not in _within(rules))
    return bool((rules.HasField("gte") and rules.gte > 0) or (rules.HasField("gt") and rules.gt >= 0))


def _fits_empty(pattern: str) -> bool:
    return pattern.startswith("^$|") or pattern.endswith(("?$", "*$"))


def _within(rules: Any) -> list[Any]:
    return list(getattr(rules, "in"))


def say_rules(field: FieldDescriptor) -> list[str]:
    """Each rule of a field as a few words."""
    rules = rules_of(field)
    said = list(_iter_rules(field, rules))
    if said and rules.ignore == validate_pb2.IGNORE_IF_ZERO_VALUE:
        said.append("or nothing")
    return said


def _iter_rules(field: FieldDescriptor, rules: validate_pb2.FieldRules) -> Iterator[str]:
    kind = rules.WhichOneof("type")
    if kind == "repeated":
        yield from _iter_repeated(field, rules.repeated)
    elif kind == "string":
        yield from _iter_string(rules.string)
    elif kind == "bytes":
        yield from _iter_sizes(rules.bytes, "bytes")
    elif kind == "enum":
        yield from _iter_enum(field, rules.enum)
    elif kind is not None:
        yield from _iter_bounds(getattr(rules, kind))
    for rule in rules.cel:
        yield rule.message


def _iter_string(rules: validate_pb2.StringRules) -> Iterator[str]:
    if rules.uuid:
        yield "a UUID"
    if rules.email:
        yield "an e-mail address"
    if rules.HasField("pattern"):
        yield PATTERNS.get(rules.pattern) or f"matches `{rules.pattern}`"
    yield from _iter_sizes(rules, "letters")
    if rules.HasField("max_bytes"):
        yield f"at most {rules.max_bytes} bytes"


def _iter_sizes(rules: Any, unit: str) -> Iterator[str]:
    if rules.HasField("len"):
        yield f"{rules.len} {unit}"
    if rules.HasField("min_len") and rules.HasField("max_len"):
        yield f"{rules.min_len} to {rules.max_len} {unit}"
    elif rules.HasField("min_len"):
        yield f"at least {rules.min_len} {unit if rules.min_len > 1 else unit.removesuffix('s')}"
    elif rules.HasField("max_len"):
        yield f"at most {rules.max_len} {unit if rules.max_len > 1 else unit.removesuffix('s')}"


def _iter_enum(field: FieldDescriptor, rules: validate_pb2.EnumRules) -> Iterator[str]:
    values = field.enum_type.values_by_number if field.enum_type else {}
    if _within(rules):
        yield "one of " + ", ".join(f"`{values[number].name}`" for number in _within(rules))
    if rules.not_in:
        yield "not " + ", ".join(f"`{values[number].name}`" for number in rules.not_in)


def _iter_bounds(rules: Any) -> Iterator[str]:
    if rules.HasField("gte") and rules.HasField("lte"):
        yield f"{rules.gte} to {rules.lte}"
        return
    for name, words in BOUNDS:
        if rules.HasField(name):
            yield f"{words} {getattr(rules, name)}"


def _iter_repeated(field: FieldDescriptor, rules: validate_pb2.RepeatedRules) -> Iterator[str]:
    if rules.min_items and rules.max_items:
        yield f"{rules.min_items} to {rules.max_items} of them"
    elif rules.min_items or rules.max_items:
        yield f"at least {rules.min_items} of them" if rules.min_items else f"at most {rules.max_items} of them"
    if rules.unique:
        yield "no two alike"
    for words in _iter_rules(field, rules.items):
        yield f"each {words}"
