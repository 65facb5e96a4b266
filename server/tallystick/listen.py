"""Where is the server heard? TLS 1.3 wherever it can be reached from outside; plaintext on loopback only."""

from ipaddress import ip_address
from pathlib import Path

import grpc

from tallystick.config import BadSettings, Config
from tallystick.gate.validation import WIRE_BYTES_MAX

SERVER_OPTIONS = (
    # Two servers on one port would share its calls at random, and one would go unseen; fail loudly instead.
    ("grpc.so_reuseport", 0),
    ("grpc.max_receive_message_length", WIRE_BYTES_MAX),
    ("grpc.max_send_message_length", WIRE_BYTES_MAX),
    # Mobile clients and the proxy ping to find dead peers. The default tolerates one ping in five minutes and then says GOAWAY.
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.max_connection_age_ms", 30 * 60_000),
    # Longer than any stream lives (TALLYSTICK_WATCH_LIFETIME_S and a tenth): they end themselves, with a cursor.
    ("grpc.max_connection_age_grace_ms", 25 * 60_000),
)


def add_port(server: grpc.aio.Server, config: Config) -> int:
    """Binds the configured address and returns the port, which the system chose if 0 was asked for."""
    host, port = config.listen
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if config.tls_certificate:
        return server.add_secure_port(address, _credentials(config))
    if not is_loopback(host):
        raise BadSettings(
            f"TALLYSTICK_LISTEN: {host} can be reached from outside, so it needs TALLYSTICK_TLS_CERTIFICATE and TALLYSTICK_TLS_KEY"
        )
    return server.add_insecure_port(address)


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _credentials(config: Config) -> grpc.ServerCredentials:
    key, chain = Path(config.tls_key).read_bytes(), Path(config.tls_certificate).read_bytes()
    return grpc.ssl_server_credentials([(key, chain)])
