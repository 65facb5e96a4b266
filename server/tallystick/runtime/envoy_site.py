"""How does a visitor with a browser get the page and the documentation? Envoy hands out files by itself, beside the calls."""

import mimetypes
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Config = dict[str, Any]

INDEX = "index.html"
# What a build names by its content never changes; whatever else does, is asked for again.
HASHED = "assets/"
# Documentation is the same until the next version; a page of it may be a little old.
DOCS_CACHING = "public, max-age=600"
FILE_BYTES_MAX = 4 * 1024 * 1024
DOCS_PREFIX = "/docs"
_ROUTE = "type.googleapis.com/envoy.config.route.v3."
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
    return [
        route
        for name, path in _iter_files(site)
        for route in _routes_of(path, ("/", f"/{name}") if name == INDEX else (f"/{name}",), _caching_of(name))
    ]


def compose_docs_first(docs: Path, routes: list[Config]) -> Config:
    """Pages by their whole path, before all routes. They are hundreds: in the list of routes every call would be held against each."""
    pages = {
        route["match"]["path"]: route
        for name, path in _iter_files(docs)
        for route in _routes_of(path, _docs_paths(name), DOCS_CACHING)
    }
    pages[DOCS_PREFIX] = {
        "match": {"path": DOCS_PREFIX},
        "redirect": {"path_redirect": f"{DOCS_PREFIX}/", "response_code": "PERMANENT_REDIRECT"},
        "typed_per_filter_config": _NO_TRANSCODER,
    }
    path = {"@type": "type.googleapis.com/envoy.type.matcher.v3.HttpRequestHeaderMatchInput", "header_name": ":path"}
    return {
        "matcher_tree": {
            "input": {"name": "path", "typed_config": path},
            "exact_match_map": {"map": {name: _action("Route", route) for name, route in pages.items()}},
        },
        "on_no_match": _action("RouteList", {"routes": routes}),
    }


def _action(kind: str, what: Config) -> Config:
    return {"action": {"name": kind, "typed_config": {"@type": f"{_ROUTE}{kind}", **what}}}


def _docs_paths(name: str) -> tuple[str, ...]:
    paths = (f"{DOCS_PREFIX}/{name}",)
    return (*paths, f"{DOCS_PREFIX}/{name.removesuffix(INDEX)}") if name.rpartition("/")[2] == INDEX else paths


def _iter_files(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.stat().st_size <= FILE_BYTES_MAX:
            yield path.relative_to(folder).as_posix(), path


def _caching_of(name: str) -> str:
    return "public, max-age=31536000, immutable" if name.startswith(HASHED) else "no-cache"


def _routes_of(path: Path, paths: tuple[str, ...], caching: str) -> list[Config]:
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    charset = "; charset=utf-8" if kind.startswith("text/") else ""
    headers = {"content-type": f"{kind}{charset}", "cache-control": caching, **_HEADERS}
    answer: Config = {
        "direct_response": {"status": 200, "body": {"inline_bytes": b64encode(path.read_bytes()).decode()}},
        "response_headers_to_add": [_header(name, value) for name, value in headers.items()],
        "typed_per_filter_config": _NO_TRANSCODER,
    }
    return [{"match": {"path": each, "headers": [_is_asking()]}, **answer} for each in paths]


def _header(name: str, value: str) -> Config:
    return {"header": {"key": name, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}


def _is_asking() -> Config:
    return {"name": ":method", "string_match": {"safe_regex": {"regex": "GET|HEAD"}}}
