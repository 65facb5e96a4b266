"""Calls from a shell: REST with curl, gRPC with grpcurl. `uuidgen` makes the request_id."""

import json
from typing import Any
from urllib.parse import quote, urlencode

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from handbook.model import TEMPLATE_FIELD, Call
from handbook.samples import REQUEST_ID
from handbook.snippets.words import camel
from tallystick.v1.options_pb2 import CallerLevel

MAKE_ID = "'$(uuidgen)'"
LOCAL = "127.0.0.1:8080"
LINE_MAX = 96


def write_curl(call: Call, request: Message) -> str:
    binding = call.bindings[0]
    body = MessageToDict(request)
    path = TEMPLATE_FIELD.sub(lambda match: quote(str(_take(body, match[1]))), binding.template)
    # Braces of a dotted name that is a path's own leave an empty message behind.
    body = {name: value for name, value in body.items() if value != {} or not binding.path_fields}
    query = urlencode(list(_flatten(body)), doseq=True) if body and not binding.body else ""
    address = f"$api{path}?{query}" if query else f"$api{path}"
    is_usual = binding.verb == ("POST" if binding.body else "GET")
    words = ["curl -s"] if is_usual else ["curl -s", f"-X {binding.verb}"]
    lines = [f'{" ".join(words)} "{address.replace(REQUEST_ID, "$(uuidgen)")}"']
    lines += [_header_of(call)] if _header_of(call) else []
    lines += [f"-d '{_as_json(body)}'"] if binding.body else []
    return _join(lines)


def write_grpcurl(call: Call, request: Message) -> str:
    body = MessageToDict(request)
    lines = ["grpcurl -plaintext"]
    lines += [_header_of(call)] if _header_of(call) else []
    lines += [f"-d '{_as_json(body)}'"] if body else []
    lines.append(f"{LOCAL} {call.method.containing_service.full_name}/{call.name}")
    return _join(lines)


def _header_of(call: Call) -> str:
    is_public = call.access.caller == CallerLevel.CALLER_LEVEL_PUBLIC
    return "" if is_public else '-H "authorization: Bearer $token"'


def _join(lines: list[str]) -> str:
    line = " ".join(lines)
    return line if len(line) <= LINE_MAX and "\n" not in line else " \\\n  ".join(lines)


def _as_json(body: dict[str, Any]) -> str:
    # The one quote that a shell's own would end at.
    text = _lay_out(body, LINE_MAX - 40).replace("'", "\\u0027")
    return text.replace("\n", "\n  ").replace(REQUEST_ID, MAKE_ID)


def _lay_out(value: Any, room: int) -> str:
    """JSON that opens only what does not fit on a line."""
    line = json.dumps(value, ensure_ascii=False)
    if len(line) <= room or not isinstance(value, dict | list):
        return line
    if isinstance(value, list):
        parts = [_lay_out(each, room - 2) for each in value]
    else:
        parts = [f"{json.dumps(name)}: {_lay_out(each, room - 2 - len(name))}" for name, each in value.items()]
    inner = ",\n".join(parts).replace("\n", "\n  ")
    return f"{{\n  {inner}\n}}" if isinstance(value, dict) else f"[\n  {inner}\n]"


def _take(body: dict[str, Any], path: str) -> Any:
    """Removes what is in the path of a call from what is beside it."""
    *outer, last = map(camel, path.split("."))
    for name in outer:
        body = body[name]
    return body.pop(last)


def _flatten(body: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for name, value in body.items():
        if isinstance(value, dict):
            pairs += _flatten(value, f"{prefix}{name}.")
        else:
            pairs.append((f"{prefix}{name}", _as_text(value)))
    return pairs


def _as_text(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value
