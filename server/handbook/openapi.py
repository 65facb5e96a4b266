"""How is the REST face described to programs? As OpenAPI 3.1, made of the contract: every binding, and nothing else."""

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from handbook.model import TEMPLATE_FIELD, Binding, Call, Contract
from handbook.schemas import Schema, Schemas
from handbook.snippets.words import camel
from handbook.wording import must_be_given, say_access
from tallystick import __version__
from tallystick.v1.options_pb2 import CallerLevel

# As Envoy's transcoder turns codes of gRPC into statuses of HTTP.
HTTP = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "OUT_OF_RANGE": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "ABORTED": 409,
    "RESOURCE_EXHAUSTED": 429,
    "INTERNAL": 500,
    "DATA_LOSS": 500,
    "UNKNOWN": 500,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
ABOUT = """\
The same calls as over gRPC, as JSON.

- Integers of 64 bits, such as amounts, are strings. Enums are names, bytes are base64, moments are RFC 3339.
- What has its zero value is left out.
- What is neither in the path nor in a body is a parameter of the query. Unknown ones are refused; unknown fields of a body are ignored.
- An answer in several parts is JSON objects with a line for each, as they come.
- A failure has `code`, `message` and `details`, one of which is an `ErrorInfo` with a `reason`. Branch on the reason; messages may change.
- Every write carries a `requestId`: a repeat with the same one returns the first answer.
"""
STATUS: Schema = {
    "type": "object",
    "description": "Why a call failed: google.rpc.Status.",
    "required": ["code", "message"],
    "properties": {
        "code": {"type": "integer", "description": "The code of gRPC."},
        "message": {"type": "string", "description": "For people. It may change."},
        "details": {"type": "array", "items": {"$ref": "#/components/schemas/ErrorDetail"}},
    },
}


def compose_openapi(contract: Contract) -> dict[str, Any]:
    schemas = Schemas(contract)
    paths: dict[str, dict[str, Any]] = {}
    for call in contract.calls:
        for number, binding in enumerate(call.bindings):
            paths.setdefault(TEMPLATE_FIELD.sub(r"{\1}", binding.template), {})[binding.verb.lower()] = _operation(
                contract, schemas, call, binding, number
            )
    tags = [{"name": service.name, "description": service.comment} for service in contract.services]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tallystick",
            "version": __version__,
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "tags": tags,
        "paths": {path: paths[path] for path in sorted(paths)},
        "components": {
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An access token of Login or RefreshSession, or an access key.",
                }
            },
            "responses": {
                "Failure": {
                    "description": "The call failed.",
                    "content": _json({"$ref": "#/components/schemas/Status"}),
                }
            },
            "schemas": schemas.components() | {"Status": STATUS, "ErrorDetail": _error_detail(contract)},
        },
    }


def _operation(contract: Contract, schemas: Schemas, call: Call, binding: Binding, number: int) -> dict[str, Any]:
    request = call.method.input_type
    operation: dict[str, Any] = {
        "operationId": f"{call.method.containing_service.name}_{call.name}" + (f"_{number + 1}" if number else ""),
        "tags": [call.method.containing_service.name],
        "summary": call.summary.replace("\n", " "),
        "description": f"{call.comment.removeprefix(call.summary).strip()}\n\n{say_access(call.access)}.".strip(),
    }
    if call.access.caller == CallerLevel.CALLER_LEVEL_PUBLIC:
        operation["security"] = []
    parameters = list(_iter_parameters(contract, schemas, request, binding))
    operation |= {"parameters": parameters} if parameters else {}
    if binding.body:
        body = schemas.refer_to_body(request, set(binding.path_fields))
        operation["requestBody"] = {"required": True, "content": _json(body)}
    operation["responses"] = _responses(contract, schemas, call, binding)
    return operation


def _iter_parameters(
    contract: Contract, schemas: Schemas, request: Descriptor, binding: Binding
) -> Iterator[dict[str, Any]]:
    for path in binding.path_fields:
        field = _find(request, path)
        yield {
            "name": path,
            "in": "path",
            "required": True,
            **_described(contract, field),
            "schema": schemas.value(field),
        }
    if not binding.body:
        yield from _iter_query(contract, schemas, request, set(binding.path_fields))


def _iter_query(
    contract: Contract,
    schemas: Schemas,
    message: Descriptor,
    in_path: set[str],
    prefix: str = "",
    *,
    may_be_absent: bool = False,
) -> Iterator[dict[str, Any]]:
    for field in message.fields:
        path = f"{prefix}{field.name}"
        nested = field.message_type
        if path in in_path or (field.is_repeated and nested is not None):
            continue
        if nested is not None and not nested.full_name.startswith("google."):
            yield from _iter_query(contract, schemas, nested, in_path, f"{path}.", may_be_absent=True)
            continue
        required = {"required": True} if must_be_given(field) and not may_be_absent else {}
        schema = {key: value for key, value in schemas.field(field).items() if key != "description"}
        yield {"name": camel(path), "in": "query", **required, **_described(contract, field), "schema": schema}


def _find(message: Descriptor, path: str) -> FieldDescriptor:
    *outer, last = path.split(".")
    for name in outer:
        message = message.fields_by_name[name].message_type or message
    return message.fields_by_name[last]


def _described(contract: Contract, field: FieldDescriptor) -> dict[str, str]:
    comment = contract.comment_of(field.full_name)
    return {"description": comment} if comment else {}


def _responses(contract: Contract, schemas: Schemas, call: Call, binding: Binding) -> dict[str, Any]:
    answers: dict[str, Any] = {"200": _answer(schemas, call, binding)}
    by_status: dict[int, list[str]] = {}
    for reason in call.reasons:
        by_status.setdefault(HTTP[contract.reasons[reason].code], []).append(reason)
    for status in sorted(by_status):
        content = _json({"$ref": "#/components/schemas/Status"})
        answers[str(status)] = {
            "description": f"Reasons: {', '.join(by_status[status])}.",
            "content": content,
            "x-reasons": by_status[status],
        }
    return answers | {"default": {"$ref": "#/components/responses/Failure"}}


def _answer(schemas: Schemas, call: Call, binding: Binding) -> dict[str, Any]:
    output = call.method.output_type
    if binding.response_body or output.full_name == "google.api.HttpBody":
        return {
            "description": "The file as it is.",
            "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
        }
    summary = "The answer."
    if call.method.server_streaming:
        summary = (
            "The parts of the answer as they come, a line with a JSON object for each. The schema is that of one line."
        )
    return {"description": summary, "content": _json(schemas.refer(output))}


def _json(schema: Schema) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _error_detail(contract: Contract) -> Schema:
    lines = [f"- `{reason.name}`: {reason.comment}" for reason in contract.reasons.values()]
    reason = {"type": "string", "description": "\n".join(["Why, for programs.", "", *lines]), "examples": ["NOT_FOUND"]}
    violation = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in ("field", "description", "reason")},
    }
    return {
        "type": "object",
        "description": "One of google.rpc.ErrorInfo, BadRequest and RetryInfo; `@type` says which.",
        "required": ["@type"],
        "properties": {
            "@type": {"type": "string"},
            "reason": reason,
            "domain": {"type": "string"},
            "metadata": {"type": "object", "additionalProperties": {"type": "string"}},
            "fieldViolations": {"type": "array", "items": violation},
            "retryDelay": {"type": "string"},
        },
    }
