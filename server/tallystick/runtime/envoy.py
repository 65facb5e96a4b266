"""How Envoy is found, given its configuration, started as our child and drained before it stops."""

import asyncio
import importlib.util
import json
import os
import signal
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from tallystick.runtime.children import Child
from tallystick.runtime.envoy_config import compose_config
from tallystick.runtime.envoy_setup import EnvoySetup
from tallystick.runtime.errors import ConfigurationRefused, ProgramMissing
from tallystick.runtime.process import spawn
from tallystick.runtime.readiness import compose_http_readiness, http_request
from tallystick.runtime.socket_dir import make_socket_dir

PACKAGE = "envoy"
SETTING = "TALLYSTICK_ENVOY_BIN"
CONFIG_FILE = "envoy.json"
ADMIN_SOCKET = "envoy.sock"
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
VALIDATE_TIMEOUT_S = 30.0
DRAIN_INTERVAL_S = 0.1
STOP_TIMEOUT_S = 5.0
# Beyond the drain itself, for the answers of the admin interface.
DRAIN_SLACK_S = 5.0
ACTIVE_REQUESTS = "http.ingress.downstream_rq_active"


def find_envoy(program: Path | None = None) -> Path:
    """The ELF inside the wheel. Its Python entry point would stand between us and Envoy's pid."""
    if program is None:
        spec = importlib.util.find_spec(PACKAGE)
        if spec is None or not spec.submodule_search_locations:
            raise ProgramMissing(Path("envoy"), SETTING)
        program = Path(spec.submodule_search_locations[0]) / "_bin" / "envoy"
    if not os.access(program, os.X_OK):
        raise ProgramMissing(program, SETTING)
    return program


def write_config(setup: EnvoySetup, runtime_dir: Path) -> Path:
    """Written whole or not at all, because Envoy may be restarted at any moment."""
    path = runtime_dir / CONFIG_FILE
    text = json.dumps(compose_config(setup), indent=2)
    with tempfile.NamedTemporaryFile("w", dir=runtime_dir, prefix=CONFIG_FILE, delete=False) as partial:
        partial.write(text)
    Path(partial.name).replace(path)
    return path


def make_admin_socket(runtime_dir: Path) -> Path:
    """A path for the admin interface that is short enough for the kernel and closed to others."""
    return make_socket_dir(runtime_dir, None) / ADMIN_SOCKET


async def validate_config(program: Path, config: Path) -> None:
    """Ask Envoy itself; it also reads the descriptor set and the certificate."""
    with tempfile.TemporaryFile() as said:
        child = spawn(
            [str(program), "--mode", "validate", "-c", str(config)],
            env=ENVIRONMENT,
            death_signal=signal.SIGKILL,
            output=said,
        )
        try:
            await child.wait_at_most(VALIDATE_TIMEOUT_S)
        finally:
            code = await child.stop()
        if code != 0:
            said.seek(0)
            raise ConfigurationRefused(said.read().decode(errors="replace"))


def compose_envoy_child(
    program: Path, config: Path, setup: EnvoySetup, *, concurrency: int, log_level: str = "warning"
) -> Child:
    argv = (
        str(program),
        *("-c", str(config)),
        *("--concurrency", str(concurrency)),
        *("--drain-time-s", str(setup.drain_time_s)),
        *("--log-level", log_level),
        # Otherwise a line of the access log may wait for ten seconds.
        *("--file-flush-interval-msec", "1000"),
        # It shares memory by a number that two installations on one machine would have in common.
        "--disable-hot-restart",
    )
    return Child(
        name="envoy",
        argv=argv,
        env=lambda: ENVIRONMENT,
        ready=compose_http_readiness(setup.admin, "/ready"),
        drain=compose_drain(setup.admin),
        drain_timeout_s=setup.drain_time_s + DRAIN_SLACK_S,
        stop_timeout_s=STOP_TIMEOUT_S,
    )


def compose_drain(admin: Path | int) -> Callable[[], Awaitable[None]]:
    """Tell load balancers, then clients, that we go, and wait until nobody is being served."""

    async def drain() -> None:
        await http_request(admin, "POST", "/healthcheck/fail")
        await http_request(admin, "POST", "/drain_listeners?graceful")
        while True:
            if await get_active_requests(admin) == 0:
                return
            await asyncio.sleep(DRAIN_INTERVAL_S)

    return drain


async def get_active_requests(admin: Path | int) -> int:
    _, body = await http_request(admin, "GET", f"/stats?format=json&filter=^{ACTIVE_REQUESTS}$")
    [statistic] = json.loads(body)["stats"]
    return int(statistic["value"])
