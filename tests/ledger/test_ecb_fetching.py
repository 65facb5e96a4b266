"""Does a fetch bring a whole document of the European Central Bank, or an error?"""

import asyncio
import gzip
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import TypeAlias
from urllib.error import HTTPError

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tallystick.ledger.rates import ecb
from tallystick.ledger.rates.ecb import (
    ECB_URL,
    EcbRates,
    ProviderAnswerInvalid,
    ProviderUnavailable,
    RateProvider,
    parse_csv,
    parse_xml,
)
from tallystick.ledger.rates.rules import Quote

Answer: TypeAlias = Callable[[BaseHTTPRequestHandler], None]

DAILY, DAILY_CSV, HISTORY_CSV = (
    (Path(__file__).with_name("ecb") / name).read_bytes()
    for name in ("eurofxref-daily.xml", "eurofxref.csv", "eurofxref-hist.csv")
)
PATIENCE_S = 10.0


class Provider:
    """A server on loopback that answers as the test says."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.arrived = threading.Event()
        self.released = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                outer.arrived.set()
                try:
                    outer.answers[self.path](self)
                except (ConnectionError, ssl.SSLError):
                    self.close_connection = True  # the client has had enough, which is what some tests are about

            def log_message(self, *arguments: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.handle_error = lambda *about: None  # type: ignore[method-assign] # a client that hangs up is no news
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def speak_tls(self, certificate: Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = self.url.replace("http:", "https:")

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(PATIENCE_S)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    monkeypatch.setenv("no_proxy", "*")
    started = Provider()
    yield started
    started.close()


def answer(body: bytes, status: int = 200, length: int | None = None, **headers: str) -> Answer:
    """A response with all its headers. A `length` that is not the body's is a lie, and -1 leaves it out."""

    def respond(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        if length != -1:
            handler.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return respond


def redirect(to: str, status: int = 302) -> Answer:
    return answer(b"", status, Location=to)


async def fetch(provider: Provider, path: str = "/rates.xml", timeout_s: float = PATIENCE_S) -> list[Quote]:
    return await EcbRates(provider.url + path, timeout_s=timeout_s).fetch()


async def test_fetch_brings_what_the_document_says(provider: Provider) -> None:
    provider.answers = {"/rates.xml": answer(DAILY), "/rates.csv": answer(DAILY_CSV)}
    rates: RateProvider = EcbRates(provider.url + "/rates.xml")
    assert rates.name == "ECB"
    assert await rates.fetch() == await fetch(provider, "/rates.csv") == parse_xml(DAILY)


async def test_fetch_takes_a_body_without_a_length(provider: Provider) -> None:
    provider.answers = {"/rates.xml": answer(DAILY, length=-1)}
    assert len(await fetch(provider)) == 29


async def test_fetch_leaves_the_event_loop_free(provider: Provider) -> None:
    def respond_when_released(handler: BaseHTTPRequestHandler) -> None:
        assert provider.released.wait(PATIENCE_S)
        answer(DAILY)(handler)

    provider.answers = {"/rates.xml": respond_when_released}
    fetching = asyncio.create_task(fetch(provider))
    assert await asyncio.to_thread(provider.arrived.wait, PATIENCE_S)
    assert not fetching.done()
    provider.released.set()
    assert len(await fetching) == 29


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 502, 503])
async def test_t26_fetch_of_a_provider_that_fails_is_unavailable(provider: Provider, status: int) -> None:
    provider.answers = {"/rates.xml": answer(DAILY, status)}
    with pytest.raises(ProviderUnavailable, match=str(status)) as unavailable:
        await fetch(provider)
    assert isinstance(unavailable.value.__cause__, HTTPError)
    assert unavailable.value.__cause__.closed


async def test_t26_fetch_from_nobody_is_unavailable(provider: Provider) -> None:
    provider.close()
    with pytest.raises(ProviderUnavailable):
        await fetch(provider)


async def test_t26_fetch_of_a_provider_that_hangs_up_is_unavailable(provider: Provider) -> None:
    provider.answers = {"/rates.xml": lambda handler: None, "/odd.xml": lambda handler: write(handler, b"\0\0\0\r\n")}
    with pytest.raises(ProviderUnavailable):
        await fetch(provider)
    with pytest.raises(ProviderUnavailable):
        await fetch(provider, "/odd.xml")


async def test_t26_fetch_of_a_provider_that_says_nothing_is_unavailable(provider: Provider) -> None:
    provider.answers = {"/rates.xml": lambda handler: wait(provider)}
    with pytest.raises(ProviderUnavailable, match="timed out"):
        await fetch(provider, timeout_s=0.2)


async def test_t26_fetch_of_a_body_that_drips_is_unavailable(provider: Provider) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        answer(b"", length=10**6)(handler)
        while not provider.released.wait(0.02):
            handler.wfile.write(b" ")

    provider.answers = {"/rates.xml": drip}
    with pytest.raises(ProviderUnavailable, match="too long"):
        await fetch(provider, timeout_s=0.3)


async def test_t26_fetch_of_half_a_body_is_unavailable(provider: Provider) -> None:
    body = HISTORY_CSV
    half = body[: body.index(b"2009")]
    chunked = answer(b"%x\r\n%s\r\n" % (len(half), half), length=-1, Transfer_Encoding="chunked")
    provider.answers = {"/rates.csv": answer(half, length=len(body)), "/chunked.csv": chunked}
    assert parse_csv(half)  # so that it is the length alone that gives it away
    for path in provider.answers:
        with pytest.raises(ProviderUnavailable):
            await fetch(provider, path)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>Sign in to the hotel's network</body></html>",
        gzip.compress(b"<Cube/>"),
        DAILY[:-100],
        DAILY_CSV,
    ],
    ids=["nothing", "page", "packed", "half", "csv"],
)
async def test_t26_fetch_of_wrong_content_is_invalid(provider: Provider, body: bytes) -> None:
    provider.answers = {"/rates.xml": answer(body, length=-1)}
    with pytest.raises(ProviderAnswerInvalid):
        await fetch(provider)


async def test_fetch_takes_no_more_than_it_can_hold(provider: Provider) -> None:
    sent = 0

    def pour(handler: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        answer(DAILY, length=-1)(handler)
        while not provider.released.is_set():
            sent += handler.wfile.write(b" " * 100_000)

    provider.answers = {"/rates.xml": pour, "/long.xml": answer(b" " * (ecb.BODY_BYTES_MAX + 1))}
    for path in provider.answers:
        with pytest.raises(ProviderAnswerInvalid, match="longer"):
            await fetch(provider, path)
    assert sent < 10 * ecb.BODY_BYTES_MAX


async def test_fetch_follows_the_bank_to_another_of_its_addresses(provider: Provider) -> None:
    provider.answers = {"/rates.xml": redirect("/moved.xml", 301), "/moved.xml": answer(DAILY)}
    assert len(await fetch(provider)) == 29
    assert provider.asked == ["/rates.xml", "/moved.xml"]


async def test_fetch_does_not_wait_for_the_rest_of_an_answer_that_sends_it_on(provider: Provider) -> None:
    def linger(handler: BaseHTTPRequestHandler) -> None:
        answer(b"", 302, length=10**9, Location="/moved.xml")(handler)
        wait(provider)

    provider.answers = {"/rates.xml": linger, "/moved.xml": answer(DAILY)}
    assert len(await fetch(provider)) == 29


@pytest.mark.parametrize(
    ("to", "because"),
    [
        ("http://provider.test/rates.xml", "not safe"),
        ("http://127.0.0.1.provider.test/", "not safe"),
        ("http://127.0.0.1@provider.test/", "not safe"),
        ("https://127.0.0.1:9/rates.xml", "not safe"),
        ("ftp://127.0.0.1/rates.xml", "not safe"),
        ("file:///etc/hostname", "not allowed"),
        ("data:text/xml,<a/>", "not allowed"),
        ("http://[", "Invalid"),
        ("http://127.0.0.1:none/", "port"),
        ("/rates.xml", "infinite loop"),
    ],
)
async def test_fetch_follows_nobody_anywhere_else(provider: Provider, to: str, because: str) -> None:
    provider.answers = {"/rates.xml": redirect(to)}
    with pytest.raises(ProviderUnavailable, match=because):
        await fetch(provider)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://provider.test/rates.xml",
            "http://127.0.0.1@provider.test/",
            "http://localhost.provider.test/",
            "http:///rates.xml",
        ),
        *("file:///etc/hostname", "ftp://127.0.0.1/rates.xml", "//127.0.0.1/rates.xml", "rates.xml", ""),
    ],
)
def test_rates_come_over_https_unless_from_this_machine(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        EcbRates(url)


def test_rates_come_from_the_bank_unless_told_otherwise() -> None:
    assert EcbRates()._url == ECB_URL
    assert ECB_URL.startswith("https://www.ecb.europa.eu/")


async def test_fetch_believes_no_certificate_that_nobody_vouches_for(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path / "server.pem")
    provider.speak_tls(certificate)
    provider.answers = {"/rates.xml": answer(DAILY)}
    with pytest.raises(ProviderUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
        await fetch(provider)
    assert provider.asked == []
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert len(await fetch(provider)) == 29


def write(handler: BaseHTTPRequestHandler, raw: bytes) -> None:
    handler.wfile.write(raw)


def wait(provider: Provider) -> None:
    provider.released.wait(PATIENCE_S)


def make_certificate(path: Path) -> Path:
    """A certificate for 127.0.0.1 that vouches for itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "provider")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return path
