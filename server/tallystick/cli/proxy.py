"""How is Envoy configured where `up` does not start it? Its configuration and the contract, written into a folder."""

import argparse
import shutil
from importlib.resources import files
from pathlib import Path

from tallystick.config import Config
from tallystick.listen import is_loopback
from tallystick.runtime.envoy import write_config
from tallystick.runtime.envoy_setup import EnvoySetup
from tallystick.runtime.routes import load_routes

DESCRIPTORS = Path(str(files("tallystick") / "v1" / "contract.binpb"))
LOCAL_ORIGINS = ("http://localhost:*", "http://127.0.0.1:*")
ADMIN_PORT = 9901


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="the folder that Envoy will read")


def run(config: Config, options: argparse.Namespace) -> int:
    folder: Path = options.folder
    descriptors = folder / DESCRIPTORS.name
    shutil.copyfile(DESCRIPTORS, descriptors)
    ports = [config.listen[1] + number for number in range(config.workers)]
    path = write_config(compose_setup(config, ports, ADMIN_PORT, descriptors), folder)
    # Envoy runs as another user in a container of its own.
    path.chmod(0o644)
    descriptors.chmod(0o644)
    print(f"Start Envoy with: envoy -c {path}")
    return 0


def compose_setup(config: Config, ports: list[int], admin: Path | int, descriptors: Path) -> EnvoySetup:
    """What Envoy must know of the servers behind it, and of the world before it."""
    host, port = config.http_listen
    return EnvoySetup(
        listen_address=host,
        listen_port=port,
        upstream_ports=tuple(ports),
        descriptor_path=descriptors,
        routes=load_routes(descriptors),
        admin=admin,
        certificate=Path(config.tls_certificate) if config.tls_certificate else None,
        private_key=Path(config.tls_key) if config.tls_key else None,
        site=config.site if config.site and config.site.is_dir() else None,
        docs=config.docs if config.docs and config.docs.is_dir() else None,
        cors_origins=(*config.cors_origins, *(LOCAL_ORIGINS if is_loopback(host) else ())),
    )
