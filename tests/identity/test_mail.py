"""How a mail leaves the house."""

import email
import socket
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tallystick.identity.errands import Errands
from tallystick.identity.mail import Mail, Smtp, compose

NewServer: TypeAlias = Callable[..., "SmtpServer"]


async def test_send_writes_one_private_file_for_each_mail_in_the_order_of_sending(tmp_path: Path) -> None:
    mail = Mail(tmp_path / "mail", "Tallystick <tallystick@example.com>")
    for n in range(3):
        await mail.send("ann@example.com", f"Number {n}", "Grüße\n")
    paths = sorted((tmp_path / "mail").iterdir())
    assert [email.message_from_bytes(path.read_bytes())["Subject"] for path in paths] == [
        "Number 0",
        "Number 1",
        "Number 2",
    ]
    assert {path.suffix for path in paths} == {".eml"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}
    assert stat.S_IMODE((tmp_path / "mail").stat().st_mode) == 0o700


@pytest.mark.parametrize("field", ["to", "subject"])
def test_compose_refuses_a_line_break_that_would_add_a_header(field: str) -> None:
    fields = {"to": "ann@example.com", "subject": "Hello"} | {field: "x@example.com\nBcc: everybody@example.com"}
    with pytest.raises(ValueError, match="Header"):
        compose("us@example.com", fields["to"], fields["subject"], "body")


class SmtpServer:
    """Takes mails as an SMTP server on loopback does, or refuses them."""

    def __init__(self, replies: tuple[str, ...] = ()) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.mails: list[bytes] = []
        self._refusals = list(replies)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as file:
                self._talk(file)

    def _talk(self, file: Any) -> None:
        def say(line: str) -> None:
            file.write(line.encode() + b"\r\n")
            file.flush()

        say("220 here")
        while line := file.readline():
            verb = line[:4].upper()
            if verb == b"RCPT" and self._refusals:
                say(self._refusals.pop(0))
            elif verb == b"DATA":
                say("354 go on")
                lines = []
                while (text := file.readline()) != b".\r\n":
                    lines.append(text)
                self.mails.append(b"".join(lines))
                say("250 taken")
            elif verb == b"QUIT":
                say("221 bye")
                return
            else:
                say("250 fine")

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)


@pytest.fixture
def new_server() -> Iterator[NewServer]:
    made: list[SmtpServer] = []

    def make(*replies: str) -> Any:
        made.append(SmtpServer(replies))
        return made[-1]

    yield make
    for server in made:
        server.close()


async def test_send_hands_the_mail_to_the_smtp_server(tmp_path: Path, new_server: NewServer) -> None:
    server = new_server()
    mail = Mail(tmp_path, "us@example.com", Smtp("127.0.0.1", server.port))
    await mail.send("ann@example.com", "Hello", "token\n")
    assert b"token" in server.mails[0]
    assert list(tmp_path.iterdir()) == []


async def test_send_tries_again_what_was_refused_for_now_and_not_what_was_refused_for_good(
    tmp_path: Path, new_server: NewServer, capsys: pytest.CaptureFixture[str]
) -> None:
    for_now, for_good = new_server("450 later"), new_server("550 never", "550 never")
    await Mail(tmp_path, "us@example.com", Smtp("127.0.0.1", for_now.port), retry_s=0).send(
        "ann@example.com", "Hello", "x"
    )
    assert len(for_now.mails) == 1
    await Mail(tmp_path, "us@example.com", Smtp("127.0.0.1", for_good.port), retry_s=0).send(
        "ann@example.com", "Hello", "x"
    )
    assert for_good.mails == []
    assert "ann@example.com" not in capsys.readouterr().out


async def test_send_tells_the_log_and_nobody_else_that_there_is_no_server(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    await Mail(tmp_path, "us@example.com", Smtp("127.0.0.1", port), retry_s=0).send("ann@example.com", "Hello", "x")
    assert capsys.readouterr().out.count("mail_failed") == 3


async def test_errands_go_on_after_one_fails_and_drain_waits_for_all(capsys: pytest.CaptureFixture[str]) -> None:
    errands, done = Errands(), []

    async def fail() -> None:
        raise RuntimeError("no")

    async def work() -> None:
        done.append(1)

    for _ in range(3):
        errands.start("fail", fail())
        errands.start("work", work())
    await errands.drain()
    assert len(done) == 3
    assert capsys.readouterr().out.count("errand_failed") == 3
    await errands.close()
