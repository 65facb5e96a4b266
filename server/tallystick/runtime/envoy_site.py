"""How does a visitor with a browser get the page? Envoy hands out a few small files by itself, beside the calls."""

import mimetypes
from base64 import b64encode
from pathlib import Path
from typing import Any

Config = dict[str, Any]

INDEX = "index.html"
# What a build names by its content never changes; whatever else does, is asked for again.
HASHED = "assets/"
FILE_BYTES_MAX = 1024 * 1024
_HEADERS = {
    "content-security-policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
_NO_TRANSCODER = {
    "envoy.filters.http.grpc_json_transcoder": {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.grpc_json_transcoder.v3.GrpcJsonTranscoder",
        # No services: otherwise it answers that there is no such method.
        "proto_descriptor_bin": "",
    }
}


def compose_site_routes(site: Path | None) -> list[Config]:
    """A route for each file of a folder. The files are part of the configuration: Envoy needs no rights to the folder."""
    if site is None:
        return []
    files = sorted(path for path in site.rglob("*") if path.is_file() and path.stat().st_size <= FILE_BYTES_MAX)
    return [route for path in files for route in _routes_of(path, path.relative_to(site).as_posix())]


def _routes_of(path: Path, name: str) -> list[Config]:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    charset = "; charset=utf-8" if kind.startswith("text/") else ""
    caching = "public, max-age=31536000, immutable" if name.startswith(HASHED) else "no-cache"
    headers = {"content-type": f"{kind}{charset}", "cache-control": caching, **_HEADERS}
    answer: Config = {
        "direct_response": {"status": 200, "body": {"inline_bytes": b64encode(path.read_bytes()).decode()}},
        "response_headers_to_add": [_header(name, value) for name, value in headers.items()],
        "typed_per_filter_config": _NO_TRANSCODER,
    }
    paths = ("/", f"/{name}") if name == INDEX else (f"/{name}",)
    return [{"match": {"path": each, "headers": [_is_asking()]}, **answer} for each in paths]


def _header(name: str, value: str) -> Config:
    return {"header": {"key": name, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}


def _is_asking() -> Config:
    return {"name": ":method", "string_match": {"safe_regex": {"regex": "GET|HEAD"}}}
