"""What do templates need of a call, a message or an enum? Plain values, with all links made."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from handbook.markdown import Markdown, color
from handbook.model import Call, Contract, is_map
from handbook.places import Places, page_of_call, short_name
from handbook.samples import compose_request
from handbook.snippets import snippets_of
from handbook.snippets.words import REQUEST_ID
from handbook.wording import is_sensitive, must_be_given, say_access, say_rules

SCALARS = {
    FieldDescriptor.TYPE_BOOL: "bool",
    FieldDescriptor.TYPE_INT32: "int32",
    FieldDescriptor.TYPE_UINT32: "uint32",
    FieldDescriptor.TYPE_INT64: "int64",
    FieldDescriptor.TYPE_UINT64: "uint64",
    FieldDescriptor.TYPE_FIXED64: "fixed64",
    FieldDescriptor.TYPE_DOUBLE: "double",
    FieldDescriptor.TYPE_STRING: "string",
    FieldDescriptor.TYPE_BYTES: "bytes",
}
STREAMS = {(False, True): "The answer comes in parts.", (True, False): "The request is sent in parts."}


@dataclass(frozen=True)
class Pages:
    contract: Contract
    places: Places
    markdown: Markdown

    def call(self, call: Call, root: str) -> dict[str, Any]:
        method = call.method
        snippets = [
            {"key": each.key, "title": each.title, "html": color(each.code, each.lexer)}
            for each in snippets_of(call, compose_request(call))
        ]
        return {
            "name": call.name,
            "path": f"/{method.containing_service.full_name}/{call.name}",
            "summary": self.markdown.line(call.summary, root, call.name),
            "rest": self.markdown.comment(call.comment.removeprefix(call.summary).strip(), root, call.name),
            "access": say_access(call.access),
            "bindings": call.bindings,
            "stream": STREAMS.get((method.client_streaming, method.server_streaming), ""),
            "units": call.access.quota_units or 1,
            "has_request_id": REQUEST_ID in method.input_type.fields_by_name,
            "reasons": [self.reason(name, root) for name in call.reasons],
            "snippets": snippets,
            "request": self.message(method.input_type, root, "request"),
            "response": self.message(method.output_type, root, "response"),
        }

    def reason(self, name: str, root: str) -> dict[str, Any]:
        reason = self.contract.reasons[name]
        words = reason.comment.removeprefix(f"{reason.code}: ")
        words = words[:1].upper() + words[1:]
        calls = [(call.name, page_of_call(call)) for call in self.contract.calls_failing_with(name)]
        return {"name": name, "code": reason.code, "words": self.markdown.line(words, root, name), "calls": calls}

    def message(self, message: Descriptor, root: str, anchor: str = "") -> dict[str, Any]:
        name = short_name(message)
        fields = [self.field(field, root, anchor or name) for field in message.fields]
        return {
            "anchor": anchor or name,
            "name": name,
            "own": bool(self.places.of(message)),
            "comment": self.markdown.comment(self.contract.comment_of(message.full_name), root, name),
            "fields": fields,
            "users": self._users(message),
        }

    def enum(self, enum: EnumDescriptor, root: str) -> dict[str, Any]:
        values = [
            {
                "name": value.name,
                "number": value.number,
                "comment": self.markdown.line(self._comment(enum, value.name), root),
            }
            for value in enum.values
        ]
        name = short_name(enum)
        comment = self.markdown.comment(self.contract.comment_of(enum.full_name), root, name)
        return {"anchor": name, "name": name, "comment": comment, "values": values, "users": self._users(enum)}

    def field(self, field: FieldDescriptor, root: str, within: str) -> dict[str, Any]:
        kind = None if is_map(field) else field.message_type or field.enum_type
        oneof = field.containing_oneof
        is_choice = oneof is not None and len(oneof.fields) > 1
        return {
            "anchor": f"{within}.{field.name}",
            "name": field.name,
            "type": short_name(kind) if kind is not None else _plain_type(field),
            "place": "" if kind is None else self.places.of(kind),
            "repeated": field.is_repeated and not is_map(field),
            "optional": field.has_presence and field.message_type is None and not is_choice,
            "required": must_be_given(field),
            "oneof": oneof.name if oneof is not None and is_choice else "",
            "sensitive": is_sensitive(field),
            "rules": [self.markdown.line(words, root) for words in say_rules(field)],
            "comment": self.markdown.comment(self.contract.comment_of(field.full_name), root),
        }

    def _comment(self, enum: EnumDescriptor, value: str) -> str:
        return self.contract.comment_of(f"{enum.full_name}.{value}")

    def _users(self, kind: Descriptor | EnumDescriptor) -> list[tuple[str, str]]:
        """The calls that send it or answer with it, directly."""
        return self._direct_users.get(kind.full_name, [])

    @cached_property
    def _direct_users(self) -> dict[str, list[tuple[str, str]]]:
        found: dict[str, list[tuple[str, str]]] = {}
        for call in self.contract.calls:
            pair = (call.name, page_of_call(call))
            for message in (call.method.input_type, call.method.output_type):
                for field in message.fields:
                    kind = field.message_type or field.enum_type
                    if kind is not None and pair not in found.setdefault(kind.full_name, []):
                        found[kind.full_name].append(pair)
        return found


def _plain_type(field: FieldDescriptor) -> str:
    if not is_map(field) or field.message_type is None:
        return SCALARS[field.type]
    key, value = (field.message_type.fields_by_name[part] for part in ("key", "value"))
    return f"map of {SCALARS[key.type]} to {SCALARS[value.type]}"
