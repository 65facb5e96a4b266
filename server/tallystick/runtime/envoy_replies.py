"""How the errors that Envoy itself answers look to a REST client: like the server's own."""

from typing import Any

from tallystick.runtime.envoy_routes import came_as_rest

# HTTP status -> google.rpc.Code, a reason of the contract, and words that a person can act on. The words of a bad request are Envoy's
# own: they name the unknown parameter, or where the JSON is wrong.
REPLIES = {
    400: (3, "MALFORMED_REQUEST", "%LOCAL_REPLY_BODY%"),
    404: (12, "MALFORMED_REQUEST", "There is no such method."),
    405: (12, "MALFORMED_REQUEST", "There is no such method."),
    408: (4, "DEADLINE_EXCEEDED", "The request took too long."),
    413: (8, "MESSAGE_TOO_LARGE", "The request body is too large."),
    415: (3, "MALFORMED_REQUEST", "The content type is not supported."),
    429: (8, "QUOTA_EXCEEDED", "Too many requests."),
    503: (14, "SHUTTING_DOWN", "The server is not available at the moment."),
    504: (4, "DEADLINE_EXCEEDED", "The server did not answer in time."),
}
UNKNOWN = (2, "INTERNAL", "Envoy could not answer the request.")
ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
DOMAIN = "tallystick"


def compose_local_replies() -> dict[str, Any]:
    """`google.rpc.Status` as JSON, except for gRPC and grpc-web, which carry the status in headers."""
    mappers = [_mapper(_status_is(http), *reply) for http, reply in REPLIES.items()]
    return {"mappers": [*mappers, _mapper(None, *UNKNOWN)]}


def _mapper(condition: dict[str, Any] | None, code: int, reason: str, message: str) -> dict[str, Any]:
    info = {"@type": ERROR_INFO, "reason": reason, "domain": DOMAIN}
    body = {"code": code, "message": message, "details": [info]}
    conditions = [_is_for_rest(), condition if condition is not None else _is_an_error()]
    return {
        "filter": {"and_filter": {"filters": conditions}},
        "body_format_override": {"json_format": body},
    }


def _is_for_rest() -> dict[str, Any]:
    """Not gRPC, or only because the transcoder has made it so: then it kept the original path."""
    transcoded = {"name": "x-envoy-original-path", "present_match": True}
    return {"or_filter": {"filters": [{"header_filter": {"header": h}} for h in (came_as_rest(), transcoded)]}}


def _is_an_error() -> dict[str, Any]:
    return _compare("GE", 400)


def _status_is(http: int) -> dict[str, Any]:
    return _compare("EQ", http)


def _compare(operator: str, http: int) -> dict[str, Any]:
    value = {"default_value": http, "runtime_key": f"tallystick.replies.{operator.lower()}_{http}"}
    return {"status_code_filter": {"comparison": {"op": operator, "value": value}}}
