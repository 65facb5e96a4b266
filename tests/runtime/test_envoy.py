"""The real Envoy in front of a real worker: every kind of caller, every kind of refusal, a graceful end."""

import asyncio
import contextlib
import json
import socket
import ssl
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from runtime.probes import child_environment, free_port, is_alive, list_processes_naming, until
from runtime.sample_contract import Contract, compile_sample
from tallystick.runtime.children import Child, Program
from tallystick.runtime.envoy import compose_envoy_child, find_envoy, make_admin_socket, write_config
from tallystick.runtime.envoy_setup import MIB, EnvoySetup
from tallystick.runtime.readiness import compose_grpc_readiness
from tallystick.runtime.routes import load_routes

WORKER_SCRIPT = Path(__file__).with_name("worker.py")
APP = "https://app.example"


@dataclass(frozen=True)
class Front:
    """A running Envoy with one worker, and how to speak with it."""

    setup: EnvoySetup
    envoy: Program
    contract: Contract
    output: Path

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> HTTPResponse:
        with contextlib.closing(HTTPConnection("127.0.0.1", self.setup.listen_port, timeout=20)) as connection:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            # A body that is too large may be refused before it has been sent to its end.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, path, body or None, sent)
            answer = connection.getresponse()
            answer.content = answer.read()  # type: ignore[attr-defined]  # the body, kept with its answer
        return answer

    def web(self, method: str, payload: bytes, **headers: str) -> tuple[HTTPResponse, list[bytes]]:
        """A grpc-web call as a browser makes it: frames in, frames out, the last one the trailers."""
        frame = b"\0" + len(payload).to_bytes(4) + payload
        kind = "application/grpc-web+proto"
        answer = self.ask(
            "POST",
            f"/sample.v1.EchoService/{method}",
            frame,
            content_type=kind,
            x_grpc_web="1",
            origin=APP,
            **headers,
        )
        return answer, list(split_frames(content(answer)))

    def channel(self) -> grpc.Channel:
        return grpc.insecure_channel(
            f"127.0.0.1:{self.setup.listen_port}", options=[("grpc.max_send_message_length", 32 * MIB)]
        )

    def call(self, channel: grpc.Channel, method: str, kind: str = "unary_unary") -> Any:
        return getattr(channel, kind)(
            f"/sample.v1.EchoService/{method}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=self.contract.message(f"{method}Response").FromString,
        )


def content(answer: HTTPResponse) -> bytes:
    found: bytes = answer.content  # type: ignore[attr-defined]  # as above
    return found


def split_frames(body: bytes) -> Iterator[bytes]:
    while body:
        length = int.from_bytes(body[1:5])
        yield body[: 5 + length]
        body = body[5 + length :]


def compose_worker(port: int, descriptors: Path) -> Child:
    return Child(
        name=f"worker-{port}",
        argv=(sys.executable, str(WORKER_SCRIPT), str(port), str(descriptors)),
        env=child_environment,
        ready=compose_grpc_readiness(f"127.0.0.1:{port}"),
    )


def make_site(folder: Path) -> Path:
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>a page</title>")
    # More than Envoy hands out unless told.
    (folder / "assets" / "index-1a2b.js").write_text("//" + "x" * 300_000)
    return folder


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    place = tmp_path_factory.mktemp("front")
    descriptors = compile_sample(place)
    worker_port = free_port()
    setup = EnvoySetup(
        listen_port=free_port(),
        upstream_ports=(worker_port,),
        descriptor_path=descriptors,
        routes=load_routes(descriptors),
        admin=make_admin_socket(place),
        cors_origins=(APP, "http://localhost:*"),
        unary_timeout_s=1.0,
        site=make_site(place / "site"),
    )
    worker = Program(compose_worker(worker_port, descriptors))
    logged = compose_envoy_child(find_envoy(), write_config(setup, place), setup, concurrency=1)
    output = place / "envoy.log"
    envoy = Program(replace(logged, argv=("/bin/sh", "-c", f'exec "$@" >> {output}', "sh", *logged.argv)))

    async def start() -> None:
        await worker.start()
        await envoy.start()

    async def stop() -> None:
        await envoy.stop()
        await worker.stop()

    asyncio.run(start())
    yield Front(setup, envoy, Contract(descriptors), output)
    asyncio.run(stop())
    until(lambda: not list_processes_naming(str(place)), "everything has ended")


def test_native_grpc_is_answered(front: Front) -> None:
    with front.channel() as channel:
        answer = front.call(channel, "Echo")(front.contract.message("EchoRequest")(text="hello"), timeout=5)
    assert answer.text == "hello"


def test_native_grpc_health_is_answered(front: Front) -> None:
    port = front.setup.listen_port

    async def ask_for_health() -> bool:
        return await compose_grpc_readiness(f"127.0.0.1:{port}")()

    assert asyncio.run(ask_for_health())


def test_grpc_web_is_answered_with_trailers_and_origin(front: Front) -> None:
    payload = front.contract.message("EchoRequest")(text="hello").SerializeToString()
    answer, frames = front.web("Echo", payload)
    assert answer.status == 200
    assert answer.getheader("access-control-allow-origin") == APP
    assert "grpc-status-details-bin" in str(answer.getheader("access-control-expose-headers"))
    assert front.contract.message("EchoResponse").FromString(frames[0][5:]).text == "hello"
    assert b"grpc-status:0" in frames[-1].replace(b" ", b"")


def test_grpc_web_streams_message_by_message(front: Front) -> None:
    payload = front.contract.message("CountRequest")(until=3).SerializeToString()
    _, frames = front.web("Count", payload)
    numbers = [front.contract.message("CountResponse").FromString(frame[5:]).number for frame in frames[:-1]]
    assert numbers == [1, 2, 3]


def test_rest_is_answered_from_the_same_contract(front: Front) -> None:
    answer = front.ask("POST", "/v1/echo/you", b'{"text":"hello"}', content_type="application/json")
    assert json.loads(content(answer))["text"] == "hello"
    assert json.loads(content(front.ask("GET", "/v1/echo/you?text=bye")))["text"] == "bye"
    assert answer.getheader("x-request-id")
    assert answer.getheader("x-envoy-upstream-service-time") is None


def test_rest_errors_carry_the_code_of_the_server(front: Front) -> None:
    answer = front.ask("GET", "/v1/echo/you?text=missing")
    assert answer.status == 404
    assert json.loads(content(answer))["code"] == grpc.StatusCode.NOT_FOUND.value[0]


def test_a_stream_outlives_the_time_limit_of_a_call_in_every_spelling(front: Front) -> None:
    # The whole stream takes 1.2 s, a call may take 1 s.
    request = front.contract.message("CountRequest")(until=4, pause_ms=300)
    with front.channel() as channel:
        numbers = [answer.number for answer in front.call(channel, "Count", "unary_stream")(request)]
    assert numbers == [1, 2, 3, 4]
    answer = front.ask("GET", "/v1/echo/rooms/one:count?until=4&pauseMs=300")
    assert [json.loads(line)["number"] for line in content(answer).splitlines()] == [1, 2, 3, 4]


def test_a_call_is_cut_at_its_time_limit_in_every_spelling(front: Front) -> None:
    answer = front.ask("GET", "/v1/echo/you?text=slow")
    assert (answer.status, json.loads(content(answer))["code"]) == (
        504,
        grpc.StatusCode.DEADLINE_EXCEEDED.value[0],
    )
    request = front.contract.message("EchoRequest")(text="slow")
    for timeout_s in (None, 20):
        with front.channel() as channel, pytest.raises(grpc.RpcError) as refused:
            front.call(channel, "Echo")(request, timeout=timeout_s)
        assert refused.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED


def test_healthz_speaks_for_the_workers(front: Front) -> None:
    assert front.ask("GET", "/healthz").status == 200


def test_the_address_of_the_caller_cannot_be_claimed(front: Front) -> None:
    answer = front.ask("GET", "/v1/echo/you", x_forwarded_for="203.0.113.9")
    # What was claimed stays, for a proxy of ours that stands in front. Of a caller on this machine Envoy writes one of its addresses.
    claimed, seen = json.loads(content(answer))["forwardedFor"].replace(" ", "").split(",")
    assert claimed == "203.0.113.9"
    assert seen != claimed


@pytest.mark.parametrize(
    ("path", "status"), [("/v1/nowhere", 404), ("/v1/echo/you?nosuch=1", 400), ("/v1/echo%2Fyou", 400)]
)
def test_what_is_not_in_the_contract_is_refused_as_json(front: Front, path: str, status: int) -> None:
    answer = front.ask("GET", path)
    assert answer.status == status
    assert set(json.loads(content(answer))) >= {"code", "message"}


@pytest.mark.parametrize("path", ["/", "/index.html"])
def test_a_visitor_gets_the_page_and_nothing_from_elsewhere(front: Front, path: str) -> None:
    answer = front.ask("GET", path)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert content(answer) == (front.setup.site / "index.html").read_bytes() if front.setup.site else b""
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-cache"


def test_what_a_build_names_by_its_content_is_kept_for_ever(front: Front) -> None:
    answer = front.ask("GET", "/assets/index-1a2b.js")
    assert (answer.status, len(content(answer))) == (200, 300_002)
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize(("method", "path"), [("GET", "/assets/other.js"), ("GET", "/assets/"), ("POST", "/")])
def test_there_is_no_page_but_those(front: Front, method: str, path: str) -> None:
    assert front.ask(method, path).status == 404


def test_a_service_without_rest_paths_has_no_rest(front: Front) -> None:
    answer = front.ask("POST", "/sample.v1.HiddenService/Whisper", b"{}", content_type="application/json")
    assert answer.status == 404


def test_a_body_over_the_limit_gets_a_clear_error_in_every_spelling(front: Front) -> None:
    exhausted = grpc.StatusCode.RESOURCE_EXHAUSTED
    large = "x" * (5 * MIB)
    request = front.contract.message("EchoRequest")(text=large)
    with front.channel() as channel, pytest.raises(grpc.RpcError) as refused:
        front.call(channel, "Echo")(request, timeout=10)
    assert refused.value.code() == exhausted

    answer, frames = front.web("Echo", request.SerializeToString())
    trailers = b"".join(frames).replace(b" ", b"")
    assert answer.getheader("grpc-status") == "8" or b"grpc-status:8" in trailers

    # The server refuses what is too large for it, Envoy what it will not even read to its end.
    for text, status in ((large, 429), (large * 2, 413)):
        body = json.dumps({"text": text}).encode()
        rest = front.ask("POST", "/v1/echo/you", body, content_type="application/json")
        assert rest.status == status
        assert json.loads(content(rest))["code"] == exhausted.value[0]


@pytest.mark.parametrize(
    ("method", "path", "content_type"),
    [
        ("POST", "/v1/echo/you", "application/grpcx"),
        ("POST", "/v1/echo/you", "application/grpc-webx"),
        ("POST", "/v1/echo/you", "APPLICATION/GRPC"),
        ("GET", "/v1/echo/rooms/one:count", "application/json"),
    ],
)
def test_no_spelling_makes_envoy_gather_a_body_without_bound(
    front: Front, method: str, path: str, content_type: str
) -> None:
    body = json.dumps({"text": "x" * (10 * MIB)}).encode()
    assert front.ask(method, path, body, content_type=content_type).status == 413


def test_a_body_below_the_limit_passes_in_rest_both_ways(front: Front) -> None:
    body = json.dumps({"text": "x" * (3 * MIB)}).encode()
    answer = front.ask("POST", "/v1/echo/you", body, content_type="application/json")
    assert len(json.loads(content(answer))["text"]) == 3 * MIB


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (APP, True),
        ("http://localhost:5173", True),
        ("http://localhost.evil.example", False),
        ("https://other.example", False),
    ],
)
def test_only_named_origins_are_allowed(front: Front, origin: str, allowed: bool) -> None:
    answer = front.ask(
        "OPTIONS",
        "/sample.v1.EchoService/Echo",
        origin=origin,
        access_control_request_method="POST",
        access_control_request_headers="authorization,x-grpc-web",
    )
    assert answer.getheader("access-control-allow-origin") == (origin if allowed else None)
    if allowed:
        assert "authorization" in str(answer.getheader("access-control-allow-headers"))


def test_the_access_log_tells_the_path_and_not_the_question(front: Front) -> None:
    front.ask("GET", "/v1/echo/logged?text=secret-question")
    until(lambda: "/v1/echo/logged" in front.output.read_text(), "the line is written")
    lines = [json.loads(line) for line in front.output.read_text().splitlines()]
    assert "/v1/echo/logged" in [line["path"] for line in lines]
    assert "secret-question" not in front.output.read_text()


def test_the_admin_interface_is_closed_to_other_accounts(front: Front) -> None:
    assert isinstance(front.setup.admin, Path)
    assert front.setup.admin.stat().st_mode & 0o777 == 0o600
    assert front.setup.admin.parent.stat().st_mode & 0o777 == 0o700


def test_a_worker_that_is_down_is_unavailable_and_never_retried_into_a_second_write(front: Front) -> None:
    nobody = replace(front.setup, listen_port=free_port(), upstream_ports=(free_port(),))
    place = front.output.parent / "lonely"
    place.mkdir()
    lonely = replace(nobody, admin=make_admin_socket(place))
    envoy = Program(compose_envoy_child(find_envoy(), write_config(lonely, place), lonely, concurrency=1))
    asyncio.run(envoy.start())
    try:
        other = replace(front, setup=lonely)
        assert other.ask("GET", "/healthz").status == 503
        rest = other.ask("GET", "/v1/echo/you")
        assert (rest.status, json.loads(content(rest))["code"]) == (503, grpc.StatusCode.UNAVAILABLE.value[0])
        with other.channel() as channel, pytest.raises(grpc.RpcError) as refused:
            other.call(channel, "Echo")(other.contract.message("EchoRequest")(), timeout=5)
        assert refused.value.code() == grpc.StatusCode.UNAVAILABLE
    finally:
        asyncio.run(envoy.stop())


def test_a_graceful_stop_lets_a_running_stream_finish(front: Front) -> None:
    place = front.output.parent / "graceful"
    place.mkdir()
    setup = replace(front.setup, listen_port=free_port(), admin=make_admin_socket(place))
    envoy = Program(compose_envoy_child(find_envoy(), write_config(setup, place), setup, concurrency=1))
    asyncio.run(envoy.start())
    pid = envoy.pid
    other = replace(front, setup=setup, envoy=envoy)
    numbers: list[int] = []
    begun = threading.Event()

    def read() -> None:
        request = front.contract.message("CountRequest")(until=5, pause_ms=200)
        with other.channel() as channel:
            for answer in other.call(channel, "Count", "unary_stream")(request):
                numbers.append(answer.number)
                begun.set()

    reader = threading.Thread(target=read)
    reader.start()
    assert begun.wait(10)
    asyncio.run(envoy.stop())
    reader.join(10)
    assert numbers == [1, 2, 3, 4, 5]
    assert not is_alive(pid)


def make_certificate(place: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (place / "server.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    unlocked = serialization.NoEncryption()
    (place / "server.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, unlocked)
    )
    return place / "server.pem", place / "server.key"


def test_tls_1_3_serves_rest_and_native_grpc_and_tls_1_2_is_refused(front: Front) -> None:
    place = front.output.parent / "tls"
    place.mkdir()
    certificate, key = make_certificate(place)
    setup = replace(
        front.setup,
        listen_port=free_port(),
        listen_address="0.0.0.0",
        certificate=certificate,
        private_key=key,
        admin=make_admin_socket(place),
    )
    envoy = Program(compose_envoy_child(find_envoy(), write_config(setup, place), setup, concurrency=1))
    asyncio.run(envoy.start())
    try:
        trust = ssl.create_default_context(cafile=str(certificate))
        connection = HTTPSConnection("localhost", setup.listen_port, context=trust, timeout=10)
        connection.request("GET", "/v1/echo/you")
        assert connection.getresponse().status == 200
        connection.close()
        credentials = grpc.ssl_channel_credentials(certificate.read_bytes())
        with grpc.secure_channel(f"localhost:{setup.listen_port}", credentials) as channel:
            request = front.contract.message("EchoRequest")(text="sealed")
            assert front.call(channel, "Echo")(request, timeout=5).text == "sealed"
        trust.maximum_version = ssl.TLSVersion.TLSv1_2
        with (
            socket.create_connection(("127.0.0.1", setup.listen_port), 10) as plain,
            pytest.raises(ssl.SSLError),
        ):
            trust.wrap_socket(plain, server_hostname="localhost")
    finally:
        asyncio.run(envoy.stop())
