"""What Envoy is told, looked at without running it, and asked of Envoy itself."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from runtime.sample_contract import compile_sample
from tallystick.runtime.envoy import find_envoy, validate_config, write_config
from tallystick.runtime.envoy_config import compose_config
from tallystick.runtime.envoy_setup import EnvoySetup
from tallystick.runtime.errors import ConfigurationRefused, PlaintextOffLoopback, ProgramMissing
from tallystick.runtime.routes import load_routes


@pytest.fixture
def setup(tmp_path: Path) -> EnvoySetup:
    descriptors = compile_sample(tmp_path)
    return EnvoySetup(
        listen_port=8080,
        upstream_ports=(50051, 50052),
        descriptor_path=descriptors,
        routes=load_routes(descriptors),
        admin=tmp_path / "admin.sock",
        cors_origins=("https://app.example", "http://localhost:*"),
    )


def http_manager(config: dict[str, Any]) -> dict[str, Any]:
    [chain] = config["static_resources"]["listeners"][0]["filter_chains"]
    manager: dict[str, Any] = chain["filters"][0]["typed_config"]
    return manager


def test_envoy_accepts_the_configuration(setup: EnvoySetup, tmp_path: Path) -> None:
    asyncio.run(validate_config(find_envoy(), write_config(setup, tmp_path)))


def test_envoy_accepts_a_contract_without_rest_and_origins(setup: EnvoySetup, tmp_path: Path) -> None:
    hidden = tuple(replace(method, rest_paths=()) for method in setup.routes.methods)
    bare = replace(setup, routes=replace(setup.routes, methods=hidden), cors_origins=())
    asyncio.run(validate_config(find_envoy(), write_config(bare, tmp_path)))


def test_a_configuration_envoy_rejects_is_reported(setup: EnvoySetup, tmp_path: Path) -> None:
    broken = replace(setup, descriptor_path=tmp_path / "absent.binpb")
    with pytest.raises(ConfigurationRefused):
        asyncio.run(validate_config(find_envoy(), write_config(broken, tmp_path)))


def test_the_configuration_is_written_whole(setup: EnvoySetup, tmp_path: Path) -> None:
    path = write_config(setup, tmp_path)
    assert json.loads(path.read_text()) == compose_config(setup)
    assert [found.name for found in tmp_path.iterdir() if found.name.startswith("envoy.json")] == ["envoy.json"]


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.1.5", "::"])
def test_plaintext_off_loopback_is_refused(setup: EnvoySetup, address: str) -> None:
    with pytest.raises(PlaintextOffLoopback):
        compose_config(replace(setup, listen_address=address))


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "127.0.0.9"])
def test_plaintext_on_loopback_is_allowed(setup: EnvoySetup, address: str) -> None:
    compose_config(replace(setup, listen_address=address))


def test_tls_is_version_1_3_only(setup: EnvoySetup, tmp_path: Path) -> None:
    config = compose_config(
        replace(setup, listen_address="0.0.0.0", certificate=tmp_path / "c.pem", private_key=tmp_path / "k.pem")
    )
    [chain] = config["static_resources"]["listeners"][0]["filter_chains"]
    versions = chain["transport_socket"]["typed_config"]["common_tls_context"]["tls_params"]
    assert set(versions.values()) == {"TLSv1_3"}


def test_filters_stand_in_the_order_that_browsers_need(setup: EnvoySetup) -> None:
    names = [entry["name"].rpartition(".")[2] for entry in http_manager(compose_config(setup))["http_filters"]]
    assert names == [
        "health_check",
        "cors",
        "grpc_web",
        "buffer",
        "grpc_json_transcoder",
        "grpc_stats",
        "router",
    ]


def test_only_streams_are_without_a_time_limit_and_only_calls_are_retried(setup: EnvoySetup) -> None:
    [host] = http_manager(compose_config(setup))["route_config"]["virtual_hosts"]
    *streams, rest_calls, everything_else = host["routes"]
    assert [route["match"] for route in streams] == [
        {"path": "/sample.v1.EchoService/Count"},
        {"path": "/sample.v1.EchoService/Collect"},
        {"safe_regex": {"regex": "/v1/echo/rooms/[^/]+:count"}},
    ]
    for route in streams:
        assert route["route"]["timeout"] == "0s"
        assert route["route"]["idle_timeout"] == "90s"
        assert "retry_policy" not in route["route"]
    assert everything_else["match"] == {"prefix": "/"}
    assert rest_calls["route"] == everything_else["route"]
    limits = everything_else["route"]["max_stream_duration"]
    assert limits == {"max_stream_duration": "30s", "grpc_timeout_header_max": "30s"}
    assert everything_else["route"]["retry_policy"]["retry_on"] == "connect-failure,refused-stream,reset-before-request"


def test_every_worker_is_an_endpoint_with_a_health_check(setup: EnvoySetup) -> None:
    [cluster] = compose_config(setup)["static_resources"]["clusters"]
    [group] = cluster["load_assignment"]["endpoints"]
    ports = [entry["endpoint"]["address"]["socket_address"]["port_value"] for entry in group["lb_endpoints"]]
    assert ports == [50051, 50052]
    assert cluster["lb_policy"] == "LEAST_REQUEST"
    assert cluster["health_checks"][0]["grpc_health_check"] == {"service_name": ""}


def test_the_access_log_has_no_query_strings(setup: EnvoySetup) -> None:
    [log] = http_manager(compose_config(setup))["access_log"]
    line = log["typed_config"]["log_format"]["json_format"]
    assert line["path"] == "%PATH(NQ:ORIG_OR_PATH)%"
    assert not [value for value in line.values() if "X-ENVOY-ORIGINAL-PATH" in value]


def test_composing_names_no_connection_age_of_zero(setup: EnvoySetup) -> None:
    # Written as 0s it validates, and then closes every connection at once.
    assert "max_connection_duration" not in json.dumps(compose_config(setup))


def test_an_absent_envoy_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProgramMissing) as missing:
        find_envoy(tmp_path / "envoy")
    assert missing.value.setting == "TALLYSTICK_ENVOY_BIN"


def test_pages_are_found_by_their_path_before_and_beside_all_routes(setup: EnvoySetup, tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    (docs / "api").mkdir(parents=True)
    (docs / "api" / "index.html").write_text("<!doctype html>")
    with_docs = replace(setup, docs=docs)
    [plain] = http_manager(compose_config(setup))["route_config"]["virtual_hosts"]
    [host] = http_manager(compose_config(with_docs))["route_config"]["virtual_hosts"]
    assert set(host["matcher"]["matcher_tree"]["exact_match_map"]["map"]) == {
        "/docs",
        "/docs/api/",
        "/docs/api/index.html",
    }
    assert host["matcher"]["on_no_match"]["action"]["typed_config"]["routes"] == plain["routes"]
    asyncio.run(validate_config(find_envoy(), write_config(with_docs, tmp_path)))
