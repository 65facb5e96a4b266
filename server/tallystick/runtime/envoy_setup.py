"""What must be known before Envoy can be configured, and which of it is refused."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from tallystick.runtime.errors import PlaintextOffLoopback
from tallystick.runtime.routes import Routes

MIB = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class EnvoySetup:
    listen_port: int
    upstream_ports: tuple[int, ...]
    descriptor_path: Path
    routes: Routes
    # A Unix socket, which only this account can open, or a loopback port, which every local user can.
    admin: Path | int
    listen_address: str = "127.0.0.1"
    certificate: Path | None = None
    private_key: Path | None = None
    upstream_address: str = "127.0.0.1"
    # Exact origins, or with * for a part: http://localhost:*
    cors_origins: tuple[str, ...] = ()
    # How many proxies of our own stand in front and add to x-forwarded-for.
    trusted_hops: int = 0
    unary_timeout_s: float = 30.0
    stream_idle_timeout_s: float = 90.0
    stream_duration_max_s: float = 1800.0
    # JSON needs more room than the same message in protobuf (base64), whose limit of 4 MiB the server holds.
    rest_request_max_bytes: int = 6 * MIB
    rest_response_max_bytes: int = 16 * MIB
    connections_max: int = 10_000
    # A folder of files for browsers.
    site: Path | None = None
    # Another one, handed out under /docs/.
    docs: Path | None = None
    drain_time_s: int = 10


def require_safe_listener(setup: EnvoySetup) -> None:
    has_tls = setup.certificate is not None and setup.private_key is not None
    if not has_tls and not ipaddress.ip_address(setup.listen_address).is_loopback:
        raise PlaintextOffLoopback(setup.listen_address)
