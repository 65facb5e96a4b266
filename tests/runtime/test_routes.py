"""What is read from a contract: services, streams and their REST spellings."""

import re
from pathlib import Path

import pytest

from runtime.sample_contract import compile_sample
from tallystick.runtime.routes import Method, compose_path_regex, load_routes


def test_routes_tell_services_streams_and_rest_paths(tmp_path: Path) -> None:
    routes = load_routes(compile_sample(tmp_path))
    assert routes.services == ("sample.v1.EchoService", "sample.v1.HiddenService")
    assert routes.rest_services == ("sample.v1.EchoService",)
    assert routes.method_names("sample.v1.EchoService") == ["Echo", "Count", "Collect"]
    assert routes.methods[0] == Method(
        service="sample.v1.EchoService",
        name="Echo",
        streaming=False,
        rest_paths=("/v1/echo/{name}", "/v1/echo/{name}"),
    )
    assert [method.name for method in routes.streaming] == ["Count", "Collect"]


@pytest.mark.parametrize(
    ("template", "matching", "other"),
    [
        ("/v1/sync:watch", "/v1/sync:watch", "/v1/syncs:watch"),
        ("/v1/books/{book_id}/changes:pull", "/v1/books/b-1/changes:pull", "/v1/books/b/1/changes:pull"),
        ("/v1/{name=rooms/*}:count", "/v1/rooms/r:count", "/v1/halls/r:count"),
        ("/v1/{name=rooms/*/beds/**}", "/v1/rooms/r/beds/a/b", "/v1/rooms/r/beds"),
        ("/v1/files/**", "/v1/files/a/b.c", "/v1/file/a"),
        ("/v1/a.b/*", "/v1/a.b/c", "/v1/aXb/c"),
    ],
)
def test_a_path_template_matches_its_paths_and_no_others(template: str, matching: str, other: str) -> None:
    pattern = re.compile(compose_path_regex(template))
    assert pattern.fullmatch(matching)
    assert not pattern.fullmatch(other)
