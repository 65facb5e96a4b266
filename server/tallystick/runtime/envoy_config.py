"""What Envoy is told: one listener for gRPC, grpc-web and REST, and our workers behind it."""

from pathlib import Path

from tallystick.runtime.envoy_replies import compose_local_replies
from tallystick.runtime.envoy_routes import TYPE, UPSTREAM, Config, compose_route_config
from tallystick.runtime.envoy_setup import MIB, EnvoySetup, require_safe_listener
from tallystick.runtime.routes import Routes

HEALTH_PATH = "/healthz"


def compose_config(setup: EnvoySetup) -> Config:
    require_safe_listener(setup)
    return {
        "admin": {"address": _admin_address(setup.admin)},
        "overload_manager": _overload_manager(setup),
        "static_resources": {"listeners": [_listener(setup)], "clusters": [_cluster(setup)]},
    }


def _admin_address(admin: Path | int) -> Config:
    if isinstance(admin, Path):
        return {"pipe": {"path": str(admin), "mode": 0o600}}
    return _socket_address("127.0.0.1", admin)


def _socket_address(address: str, port: int) -> Config:
    return {"socket_address": {"address": address, "port_value": port}}


def _overload_manager(setup: EnvoySetup) -> Config:
    # Without this monitor Envoy accepts connections without bound.
    monitor = {
        "@type": f"{TYPE}resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
        "max_active_downstream_connections": setup.connections_max,
    }
    name = "envoy.resource_monitors.global_downstream_max_connections"
    return {"resource_monitors": [{"name": name, "typed_config": monitor}]}


def _listener(setup: EnvoySetup) -> Config:
    manager = {"name": "envoy.filters.network.http_connection_manager", "typed_config": _http_manager(setup)}
    chain: Config = {"filters": [manager]}
    if setup.certificate is not None:
        chain["transport_socket"] = _tls(setup)
    return {
        "name": "public",
        "address": _socket_address(setup.listen_address, setup.listen_port),
        "per_connection_buffer_limit_bytes": MIB,
        "filter_chains": [chain],
    }


def _tls(setup: EnvoySetup) -> Config:
    pair = {
        "certificate_chain": {"filename": str(setup.certificate)},
        "private_key": {"filename": str(setup.private_key)},
    }
    versions = {"tls_minimum_protocol_version": "TLSv1_3", "tls_maximum_protocol_version": "TLSv1_3"}
    # Native gRPC takes h2; REST and grpc-web take either.
    common = {"tls_params": versions, "alpn_protocols": ["h2", "http/1.1"], "tls_certificates": [pair]}
    return {
        "name": "envoy.transport_sockets.tls",
        "typed_config": {
            "@type": f"{TYPE}transport_sockets.tls.v3.DownstreamTlsContext",
            "common_tls_context": common,
        },
    }


def _http_manager(setup: EnvoySetup) -> Config:
    return {
        "@type": f"{TYPE}filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "ingress",
        "codec_type": "AUTO",
        "server_name": "tallystick",
        # The server throttles by address, so the address must be the connection's and not the caller's claim.
        "use_remote_address": True,
        "xff_num_trusted_hops": setup.trusted_hops,
        # Nobody is "internal": a caller in the local network may not steer retries and timeouts by headers.
        "internal_address_config": {"unix_sockets": False},
        "normalize_path": True,
        "merge_slashes": True,
        "path_with_escaped_slashes_action": "REJECT_REQUEST",
        "always_set_request_id_in_response": True,
        "stream_idle_timeout": "300s",
        # Anything else would cut a long upload.
        "request_timeout": "0s",
        "request_headers_timeout": "10s",
        "drain_timeout": f"{setup.drain_time_s}s",
        "common_http_protocol_options": {
            # max_connection_duration stays absent: 0s validates, and then closes every connection at once.
            "idle_timeout": "3600s",
            "headers_with_underscores_action": "REJECT_REQUEST",
        },
        "http2_protocol_options": {
            "max_concurrent_streams": 100,
            "initial_stream_window_size": 256 * 1024,
            "initial_connection_window_size": MIB,
            # Finds mobile devices that went away without a word.
            "connection_keepalive": {"interval": "30s", "timeout": "10s"},
        },
        "access_log": [_access_log()],
        "local_reply_config": compose_local_replies(),
        "http_filters": _http_filters(setup),
        "route_config": compose_route_config(setup),
    }


def _access_log() -> Config:
    # The path without its query: REST puts filters there, and a log must not know what people search for.
    line = {
        "at": "%START_TIME%",
        "event": "http_request",
        "method": "%REQ(:METHOD)%",
        "path": "%PATH(NQ:ORIG_OR_PATH)%",
        "code": "%RESPONSE_CODE%",
        "grpc_status": "%GRPC_STATUS%",
        "flags": "%RESPONSE_FLAGS%",
        "details": "%RESPONSE_CODE_DETAILS%",
        "duration_ms": "%DURATION%",
        "request_id": "%REQ(X-REQUEST-ID)%",
        "peer": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
    }
    stdout = {
        "@type": f"{TYPE}access_loggers.stream.v3.StdoutAccessLog",
        "log_format": {"json_format": line},
    }
    return {"name": "envoy.access_loggers.stdout", "typed_config": stdout}


def _http_filters(setup: EnvoySetup) -> list[Config]:
    """The order matters: CORS and grpc-web wrap whatever a later filter answers by itself."""
    return [
        _filter(
            "health_check",
            "health_check.v3.HealthCheck",
            pass_through_mode=False,
            headers=[{"name": ":path", "string_match": {"exact": HEALTH_PATH}}],
            cluster_min_healthy_percentages={UPSTREAM: {"value": 1}},
        ),
        _filter("cors", "cors.v3.Cors"),
        _filter("grpc_web", "grpc_web.v3.GrpcWeb"),
        # Off, except where a route turns it on.
        {
            **_filter("buffer", "buffer.v3.Buffer", max_request_bytes=setup.rest_request_max_bytes),
            "disabled": True,
        },
        *_transcoder(setup),
        _filter("grpc_stats", "grpc_stats.v3.FilterConfig", **_method_statistics(setup.routes)),
        _filter("router", "router.v3.Router", suppress_envoy_headers=True),
    ]


def _filter(name: str, message: str, **fields: object) -> Config:
    return {
        "name": f"envoy.filters.http.{name}",
        "typed_config": {"@type": f"{TYPE}filters.http.{message}", **fields},
    }


def _transcoder(setup: EnvoySetup) -> list[Config]:
    if not setup.routes.rest_services:
        return []
    return [
        _filter(
            "grpc_json_transcoder",
            "grpc_json_transcoder.v3.GrpcJsonTranscoder",
            proto_descriptor=str(setup.descriptor_path),
            services=list(setup.routes.rest_services),
            convert_grpc_status=True,
            auto_mapping=False,
            # Unset, the limits are far below the 4 MiB of a message, and a long list is an error.
            max_request_body_size=setup.rest_request_max_bytes,
            max_response_body_size=setup.rest_response_max_bytes,
            print_options={"stream_newline_delimited": True},
            # Without the second, a path that nothing answers would reach the workers as if it were gRPC.
            request_validation_options={
                "reject_unknown_query_parameters": True,
                "reject_unknown_method": True,
            },
        )
    ]


def _method_statistics(routes: Routes) -> Config:
    # A list and not `stats_for_all_methods`, which lets callers invent metric names.
    services = [{"name": service, "method_names": routes.method_names(service)} for service in routes.services]
    return {
        "emit_filter_state": True,
        "enable_upstream_stats": True,
        "individual_method_stats_allowlist": {"services": services},
    }


def _cluster(setup: EnvoySetup) -> Config:
    endpoints = [
        {"endpoint": {"address": _socket_address(setup.upstream_address, port)}} for port in setup.upstream_ports
    ]
    options = {
        "@type": f"{TYPE}upstreams.http.v3.HttpProtocolOptions",
        "explicit_http_config": {
            "http2_protocol_options": {
                "initial_stream_window_size": 64 * 1024,
                "initial_connection_window_size": MIB,
                "max_concurrent_streams": 1000,
                "connection_keepalive": {"interval": "60s", "timeout": "10s"},
            }
        },
        "common_http_protocol_options": {"idle_timeout": "3600s"},
    }
    return {
        "name": UPSTREAM,
        "type": "STATIC",
        "connect_timeout": "1s",
        # One worker a port. One shared port (SO_REUSEPORT) would put a channel on one worker for good.
        "lb_policy": "LEAST_REQUEST",
        # Health decides alone. Outlier detection would let callers who provoke errors take a worker away, and
        # the panic threshold would send requests to workers that are known to be down.
        "common_lb_config": {"healthy_panic_threshold": {"value": 0}},
        "typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": options},
        "health_checks": [_health_check()],
        "circuit_breakers": {"thresholds": [_limits()]},
        "load_assignment": {"cluster_name": UPSTREAM, "endpoints": [{"lb_endpoints": endpoints}]},
    }


def _health_check() -> Config:
    return {
        "timeout": "1s",
        "interval": "2s",
        "no_traffic_interval": "2s",
        "unhealthy_interval": "0.5s",
        "unhealthy_threshold": 2,
        "healthy_threshold": 1,
        # The empty name asks for the whole worker.
        "grpc_health_check": {"service_name": ""},
    }


def _limits() -> Config:
    return {"max_connections": 1024, "max_requests": 10_000, "max_pending_requests": 1024, "max_retries": 3}
