"""Which time limits, retries and origins each path of the contract gets in Envoy."""

import re
from typing import Any

from tallystick.runtime.envoy_setup import EnvoySetup
from tallystick.runtime.envoy_site import FILE_BYTES_MAX, compose_docs_first, compose_site_routes
from tallystick.runtime.routes import compose_path_regex

Config = dict[str, Any]

UPSTREAM = "api"
TYPE = "type.googleapis.com/envoy.extensions."

CORS_METHODS = "GET, PUT, PATCH, DELETE, POST, OPTIONS"
CORS_REQUEST_HEADERS = "authorization,content-type,x-grpc-web,x-user-agent,grpc-timeout,x-request-id"
# Without grpc-status-details-bin a browser never sees the reason of an error, without content-disposition not the name of a file.
CORS_RESPONSE_HEADERS = "grpc-status,grpc-message,grpc-status-details-bin,x-request-id,content-disposition"
CORS_MAX_AGE_S = 7200

# Exactly what Envoy takes for gRPC or grpc-web. Whatever else says so is JSON to the transcoder.
GRPC_CONTENT_TYPES = r"application/grpc([+;].*)?|application/grpc-web(-text)?(\+proto)?"

# Only what never reached a handler: a repeated write must be the client's decision.
RETRY_ON = "connect-failure,refused-stream,reset-before-request"


def compose_route_config(setup: EnvoySetup) -> Config:
    host: Config = {"name": "api", "domains": ["*"]}
    routes = _routes(setup)
    host |= {"routes": routes} if setup.docs is None else {"matcher": compose_docs_first(setup.docs, routes)}
    if setup.cors_origins:
        host["typed_per_filter_config"] = {"envoy.filters.http.cors": _cors(setup.cors_origins)}
    # The default is 4 KiB.
    return {"name": "api", "virtual_hosts": [host], "max_direct_response_body_size_bytes": FILE_BYTES_MAX}


def _routes(setup: EnvoySetup) -> list[Config]:
    """Files, then streams: the first match wins."""
    stream: Config = {"route": _compose_stream(setup)}
    unary: Config = {"route": _compose_unary(setup)}
    # The transcoder gathers a body before anything else can refuse it: one of 300 MiB took Envoy 1.6 GiB.
    # gRPC is not gathered: the server reads the length first, and refuses.
    bounded = {"typed_per_filter_config": {"envoy.filters.http.buffer": _buffer(setup.rest_request_max_bytes)}}
    streaming = setup.routes.streaming
    rest_streams = [template for method in streaming for template in method.rest_paths]
    return [
        *compose_site_routes(setup.site),
        *({"match": {"path": f"/{method.service}/{method.name}"}, **stream} for method in streaming),
        *({"match": _path_match(template), **stream, **bounded} for template in rest_streams),
        {"match": {"prefix": "/", "headers": [came_as_rest()]}, **unary, **bounded},
        {"match": {"prefix": "/"}, **unary},
    ]


def _path_match(template: str) -> Config:
    return {"safe_regex": {"regex": compose_path_regex(template)}}


def _compose_stream(setup: EnvoySetup) -> Config:
    return {
        "cluster": UPSTREAM,
        # The default covers the whole answer with 15 s.
        "timeout": "0s",
        "idle_timeout": seconds(setup.stream_idle_timeout_s),
        # The last resort: the server ends its streams well before, with a cursor to resume from.
        "max_stream_duration": {"max_stream_duration": seconds(setup.stream_duration_max_s)},
    }


def _compose_unary(setup: EnvoySetup) -> Config:
    limit = seconds(setup.unary_timeout_s)
    return {
        "cluster": UPSTREAM,
        # Beside `grpc_timeout_header_max` a `timeout` counts for nothing: callers without a deadline of their
        # own, such as every REST client, would have no limit at all.
        "max_stream_duration": {"max_stream_duration": limit, "grpc_timeout_header_max": limit},
        "retry_policy": {
            "retry_on": RETRY_ON,
            "num_retries": 2,
            "retry_back_off": {"base_interval": "0.05s", "max_interval": "0.5s"},
            # Otherwise the second attempt may go to the worker that just refused the first.
            "retry_host_predicate": [compose_other_host()],
            "host_selection_retry_max_attempts": 5,
        },
    }


def _buffer(max_bytes: int) -> Config:
    kind = f"{TYPE}filters.http.buffer.v3.BufferPerRoute"
    return {"@type": kind, "buffer": {"max_request_bytes": max_bytes}}


def came_as_rest() -> Config:
    """Whether a request is neither gRPC nor grpc-web."""
    return {
        "name": "content-type",
        "string_match": {"safe_regex": {"regex": GRPC_CONTENT_TYPES}},
        "invert_match": True,
        # Without the header there is nothing to compare, and the inverted match would say no.
        "treat_missing_header_as_empty": True,
    }


def compose_other_host() -> Config:
    name = "envoy.retry_host_predicates.previous_hosts"
    kind = f"{TYPE}retry.host.previous_hosts.v3.PreviousHostsPredicate"
    return {"name": name, "typed_config": {"@type": kind}}


def _cors(origins: tuple[str, ...]) -> Config:
    return {
        "@type": f"{TYPE}filters.http.cors.v3.CorsPolicy",
        "allow_origin_string_match": [_origin_match(origin) for origin in origins],
        "allow_methods": CORS_METHODS,
        "allow_headers": CORS_REQUEST_HEADERS,
        "expose_headers": CORS_RESPONSE_HEADERS,
        "max_age": str(CORS_MAX_AGE_S),
    }


def _origin_match(origin: str) -> Config:
    if "*" not in origin:
        return {"exact": origin}
    pieces = [re.escape(piece) for piece in origin.split("*")]
    return {"safe_regex": {"regex": "[^/]*".join(pieces)}}


def seconds(value: float) -> str:
    return f"{value:g}s"
