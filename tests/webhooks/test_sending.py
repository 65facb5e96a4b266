"""Does a delivery end, whatever the target does? Against real servers on loopback, over HTTP and HTTPS."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Sequence
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from tallystick.errors import InvalidInput
from tallystick.webhooks import sending
from tallystick.webhooks.addresses import Address
from tallystick.webhooks.sending import ANSWER_BYTES_MAX, Sender, look_up
from webhooks.desk import DELIVERED, FAILURES
from webhooks.receiver import LOOPBACK, NAME, Answer, Receiver, make_certificate, raw, receiving, silent, status

SHORT_S = 0.5
PATIENCE_S = 5.0
BODY = b'{"ping":true}'


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as opened:
        yield opened


class Names:
    """Who answers about names, and how often it was asked."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> list[Address]:
        self.asked.append(host)
        found = self._answers[min(len(self.asked), len(self._answers)) - 1]
        return [ip_address(each) for each in found]


async def post(url: str, sender: Sender | None = None, body: bytes = BODY) -> tuple[int, int]:
    """The status of the answer, and the problem."""
    return await (sender or Sender(LOOPBACK, deadline_s=SHORT_S)).post(url, {"X-One": "1"}, body)


async def test_it_arrives_whole(receiver: Receiver) -> None:
    outcome = await post(receiver.url + "?key=a%20b")
    assert outcome == (200, DELIVERED)
    (received,) = receiver.received
    assert (received.line, received.body) == ("POST /hook?key=a%20b HTTP/1.1", BODY)
    assert received.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert received.headers["x-one"] == "1"


HEAD = b"HTTP/1.1 200 OK\r\n"
BROKEN, STATUS, TIMEOUT = (
    FAILURES.DELIVERY_PROBLEM_BROKEN,
    FAILURES.DELIVERY_PROBLEM_STATUS,
    FAILURES.DELIVERY_PROBLEM_TIMEOUT,
)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(status(204), (204, DELIVERED), id="nothing to say"),
        pytest.param(raw(b"HTTP/1.0 200\r\n\r\n"), (200, DELIVERED), id="as short as can be"),
        pytest.param(
            raw(b"HTTP/1.1 103 Early\r\nA: b\r\n\r\n" + HEAD + b"\r\n"), (200, DELIVERED), id="informal first"
        ),
        pytest.param(
            raw(HEAD + b"Content-Length: 9\r\n\r\n", for_ever=b"", every_s=0), (200, DELIVERED), id="cut body"
        ),
        pytest.param(raw(HEAD + b"\r\n", for_ever=b"x", every_s=0.05), (200, DELIVERED), id="body that drips"),
        pytest.param(status(500), (500, STATUS), id="fault"),
        pytest.param(status(404), (404, STATUS), id="not there"),
        pytest.param(status(410, b"gone"), (410, STATUS), id="gone"),
        pytest.param(silent, (0, TIMEOUT), id="silent"),
        pytest.param(raw(for_ever=b"H", every_s=0.05), (0, TIMEOUT), id="drips"),
        pytest.param(raw(HEAD, for_ever=b"A: b\r\n", every_s=0.02), (0, TIMEOUT), id="headers never end"),
        pytest.param(raw(HEAD, for_ever=b"A: b\r\n" * 1000), (0, BROKEN), id="headers without end, fast"),
        pytest.param(raw(HEAD + b"A: ", for_ever=b"b" * 4096), (0, BROKEN), id="one header without end"),
        pytest.param(raw(b""), (0, BROKEN), id="hangs up"),
        pytest.param(raw(HEAD), (0, BROKEN), id="hangs up in the middle"),
        pytest.param(raw(b"220 mail.example.com ESMTP\r\n\r\n"), (0, BROKEN), id="another protocol"),
        pytest.param(raw(b"HTTP/2 200\r\n\r\n"), (0, BROKEN), id="another version"),
        pytest.param(raw(b"\0\xff\0\r\n\r\n"), (0, BROKEN), id="noise"),
    ],
)
async def test_every_answer_has_an_outcome(receiver: Receiver, answer: Answer, expected: tuple[int, int]) -> None:
    receiver.answer = answer
    began = time.monotonic()
    assert await post(receiver.url) == expected
    assert time.monotonic() - began < PATIENCE_S


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(receiver: Receiver, code: int) -> None:
    receiver.answer = status(code, b"", f"Location: {receiver.url}/moved")
    assert await post(receiver.url) == (code, FAILURES.DELIVERY_PROBLEM_REDIRECT)
    assert len(receiver.received) == 1


async def test_of_gigabytes_no_more_is_read_than_it_takes(receiver: Receiver) -> None:
    written = 0

    async def pour(received: object, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        writer.write(HEAD + b"Content-Length: 9999999999\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()
            written += 65536

    receiver.answer = pour
    assert await post(receiver.url) == (200, DELIVERED)
    # What the system holds between the two is not ours to bound.
    assert written < ANSWER_BYTES_MAX + 16 * 2**20


async def test_a_target_that_reads_nothing_is_too_slow() -> None:
    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await done.wait()
        finally:
            writer.transport.abort()

    done = asyncio.Event()
    server = await asyncio.start_server(deaf, "127.0.0.1", 0, limit=1)
    port = server.sockets[0].getsockname()[1]
    try:
        assert await post(f"http://127.0.0.1:{port}/", body=b"x" * 32 * 2**20) == (0, TIMEOUT)
    finally:
        done.set()
        server.close()
        await server.wait_closed()


async def test_nobody_there() -> None:
    async with receiving() as gone:
        url = gone.url
    assert await post(url) == (0, FAILURES.DELIVERY_PROBLEM_UNREACHABLE)


async def test_the_certificate_must_be_good_for_the_name(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path / "good.pem")
    async with receiving(certificate) as receiver:
        names = Names(["127.0.0.1"])
        believing = Sender(LOOPBACK, resolve=names, certificates=str(certificate))
        assert await post(f"https://{NAME}:{receiver.port}/", believing) == (200, DELIVERED)
        assert await post(receiver.url, believing) == (200, DELIVERED)
        assert receiver.received[0].headers["host"] == f"{NAME}:{receiver.port}"
        tls = FAILURES.DELIVERY_PROBLEM_TLS
        assert await post(f"https://other.test:{receiver.port}/", believing) == (0, tls)
        assert await post(receiver.url) == (0, tls)
        assert len(receiver.received) == 2


async def test_a_certificate_that_has_run_out_is_not_believed(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path / "old.pem", days=-1)
    async with receiving(certificate) as receiver:
        believing = Sender(LOOPBACK, certificates=str(certificate))
        assert await post(receiver.url, believing) == (0, FAILURES.DELIVERY_PROBLEM_TLS)


async def test_a_target_that_does_not_encrypt_is_refused() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    assert await post(f"https://127.0.0.1:{port}/") == (0, FAILURES.DELIVERY_PROBLEM_TLS)
    server.close()
    await server.wait_closed()


async def test_a_handshake_that_never_ends_is_too_slow() -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.read()
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    assert await post(f"https://127.0.0.1:{port}/") == (0, TIMEOUT)
    server.close()
    await server.wait_closed()


async def test_nothing_is_connected_to_that_is_not_allowed(receiver: Receiver) -> None:
    refused = (0, FAILURES.DELIVERY_PROBLEM_TARGET_REFUSED)
    for allowed in ((), (ip_network("10.0.0.0/8"),)):
        sender = Sender(allowed, resolve=Names(["127.0.0.1"]))
        assert await post(receiver.url, sender) == refused
        assert await post(f"https://{NAME}:{receiver.port}/", sender) == refused
        assert await post(f"http://[::ffff:127.0.0.1]:{receiver.port}/", sender) == refused
    assert receiver.connections == 0


async def test_without_encryption_only_in_allowed_networks(receiver: Receiver) -> None:
    sender = Sender(LOOPBACK, resolve=Names(["93.184.215.14"]))
    assert await post(f"http://{NAME}/", sender) == (0, FAILURES.DELIVERY_PROBLEM_TARGET_REFUSED)


async def test_a_name_that_changes_its_mind_gains_nothing(receiver: Receiver) -> None:
    """It is asked once for each delivery, and judged by what is connected to."""
    names = Names(["93.184.215.14"], ["127.0.0.1"])
    sender = Sender((), resolve=names)
    url = f"https://{NAME}:{receiver.port}/"
    await sender.require_allowed(url)
    assert await post(url, sender) == (0, FAILURES.DELIVERY_PROBLEM_TARGET_REFUSED)
    assert (names.asked, receiver.connections) == ([NAME, NAME], 0)


async def test_the_address_that_was_judged_is_the_one_that_is_connected_to(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected: list[str] = []
    open_connection = asyncio.open_connection

    async def watch(host: str, *others: object, **options: object) -> object:
        connected.append(host)
        return await open_connection(host, *others, **options)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(asyncio, "open_connection", watch)
    names = Names(["10.0.0.1", "127.0.0.1"])
    assert await post(f"http://{NAME}:{receiver.port}/", Sender(LOOPBACK, resolve=names)) == (200, DELIVERED)
    assert (connected, names.asked) == (["127.0.0.1"], [NAME])


async def test_another_address_is_tried_when_nobody_is_at_the_first(receiver: Receiver) -> None:
    names = Names(["127.0.0.2", "127.0.0.1"])
    assert await post(f"http://{NAME}:{receiver.port}/", Sender(LOOPBACK, resolve=names)) == (200, DELIVERED)


async def test_a_name_that_nobody_knows_is_no_address() -> None:
    async def unknown(host: str, port: int) -> list[Address]:
        raise OSError("no such name")

    sender = Sender(LOOPBACK, resolve=unknown)
    assert await post(f"https://{NAME}/", sender) == (0, FAILURES.DELIVERY_PROBLEM_NAME_NOT_FOUND)
    # It may be known when something is to be delivered.
    await sender.require_allowed(f"https://{NAME}/")


async def test_a_name_that_takes_too_long_is_too_slow() -> None:
    async def slow(host: str, port: int) -> list[Address]:
        await asyncio.Event().wait()
        raise AssertionError("nobody wakes it")

    assert await post(f"https://{NAME}/", Sender(LOOPBACK, resolve=slow, deadline_s=SHORT_S)) == (0, TIMEOUT)


async def test_the_system_reads_odd_spellings_and_they_are_refused() -> None:
    assert await look_up("127.1", 443) == [ip_address("127.0.0.1")]
    for host in ("127.1", "2130706433", "0x7f.1", "017700000001", "127.0.0.1.", "0"):
        with pytest.raises(InvalidInput):
            await Sender(()).require_allowed(f"https://{host}/")


async def test_so_many_at_once_and_no_more(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "AT_ONCE", 3)
    receiver.answer = silent
    sender = Sender(LOOPBACK, deadline_s=SHORT_S)
    await asyncio.gather(*(post(receiver.url, sender) for _ in range(3)), return_exceptions=True)
    assert receiver.connections == 3
    posting = [asyncio.create_task(post(receiver.url, sender)) for _ in range(7)]
    await asyncio.sleep(SHORT_S / 2)
    assert receiver.connections == 6
    assert set(await asyncio.gather(*posting)) == {(0, TIMEOUT)}


def test_the_certificates_of_the_system_are_believed_unless_told_otherwise() -> None:
    assert Sender(())._tls.verify_mode == ssl.CERT_REQUIRED
    assert Sender(())._tls.check_hostname
