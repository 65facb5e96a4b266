"""Where does Prometheus read our metrics? On a port of its own, never the public one."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, start_http_server


@contextmanager
def serve_metrics(listen: tuple[str, int], registry: CollectorRegistry) -> Iterator[None]:
    """Serves the registry until the end. Port 0: nowhere."""
    host, port = listen
    if port == 0:
        yield
        return
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=registry)
    server, thread = start_http_server(port, host, registry)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
