"""What was promised survives `kill -9`, and two processes share a file. Real processes, killed wherever they are."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from people import BookOf
from sdk_python import killed
from sdk_python.devices import Device
from sdk_python.pages import BOOK, furnished
from tallystick_client import each
from tallystick_client.offline import OfflineBook, Verdict
from tallystick_client.offline.commands import command_in
from tallystick_client.v1.ledger_pb2 import Transaction
from tallystick_client.v1.ledger_service_pb2 import ListTransactionsRequest

TOP = Path(__file__).resolve().parents[2]
START_TIMEOUT_S = 30.0


class App:
    """The program of `killed.py`, running."""

    def __init__(self, path: Path, space_id: str = BOOK, **settings: str) -> None:
        python_path = os.pathsep.join(str(TOP / part) for part in ("sdk/python", "tests", "server"))
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", killed.__file__, str(path), space_id, json.dumps(settings)],
            env=os.environ | {"PYTHONPATH": python_path},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.promised: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        # What a killed process has written to the end of the line was promised.
        self.promised.extend(line.strip() for line in self._process.stdout if line.endswith("\n"))

    def until_promised(self, count: int) -> None:
        ends_at = time.monotonic() + START_TIMEOUT_S
        while len(self.promised) < count and time.monotonic() < ends_at and self._process.poll() is None:
            time.sleep(0.005)

    def kill(self) -> str:
        """Ends it at once, and returns what it complained of before."""
        self._process.send_signal(signal.SIGKILL)
        assert self._process.stderr is not None
        assert self._process.stdout is not None
        with self._process.stderr, self._process.stdout:
            complaints = self._process.stderr.read()
            self._reader.join()
        self._process.wait()
        return complaints


@contextmanager
def running(*words: Path | str, **settings: str) -> Iterator[App]:
    app = App(Path(words[0]), *[str(word) for word in words[1:]], **settings)
    try:
        yield app
    finally:
        assert app.kill() == ""


def waiting_in(book: OfflineBook) -> list[str]:
    return [command_in(mutation).transaction_id for mutation in book.next_push()]


def test_what_was_promised_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "book.db"
    made = OfflineBook.open(path, BOOK)
    made.take_page(furnished())
    made.close()
    promised: list[str] = []
    for turn in range(5):
        with running(path) as app:
            app.until_promised(1 + turn)
            time.sleep(random.uniform(0, 0.02))
        promised += app.promised
        book = OfflineBook.open(path, BOOK)
        found = [each.id for each in book.list(Transaction)]
        book.close()
        assert set(promised) <= set(found)
        # At most the one that it was killed at was not promised yet.
        assert len(found) <= len(promised) + 1 + turn
    assert len(promised) >= 15


def test_two_processes_share_a_file(tmp_path: Path) -> None:
    path = tmp_path / "book.db"
    with running(path) as one, running(path) as other:
        # Also who opens it first, and makes it, is left to chance.
        one.until_promised(20)
        other.until_promised(20)
        book = OfflineBook.open(path, BOOK)
        seen = book.waiting
        book.close()
    promised = one.promised + other.promised
    assert seen >= 40
    book = OfflineBook.open(path, BOOK)
    places = waiting_in(book)[:40]
    assert len(set(places)) == 40
    assert book.waiting >= len(promised)
    book.close()


async def test_what_was_promised_arrives_once_whenever_it_is_killed(phone: Device, home: BookOf, address: str) -> None:
    settings = {"address": address, "token": home.person.tokens.access_token, "account_id": home.account_id}

    def story() -> list[str]:
        promised: list[str] = []
        for turn in range(6):
            with running(phone.path, home.id, **settings) as app:
                app.until_promised(4 + turn)
                time.sleep(random.uniform(0, 0.1))
            promised += app.promised
        phone.sync()
        assert phone.book.waiting == 0
        assert phone.book.tray() == []
        assert phone.book.verify(phone.client) is Verdict.SAME
        assert set(promised) <= {each.id for each in phone.book.list(Transaction)}
        return promised

    promised = await asyncio.to_thread(story)
    listed = await asyncio.to_thread(
        lambda: [
            found.id
            for found in each(
                phone.client.ledger.ListTransactions, ListTransactionsRequest(book_id=home.id, page_size=200)
            )
        ]
    )
    assert len(set(listed)) == len(listed)
    assert set(promised) <= set(listed)
    assert len(listed) <= len(promised) + 6


async def test_two_processes_that_sync_do_not_get_in_each_others_way(phone: Device, home: BookOf, address: str) -> None:
    settings = {"address": address, "token": home.person.tokens.access_token, "account_id": home.account_id}

    def story() -> list[str]:
        with running(phone.path, home.id, **settings) as one, running(phone.path, home.id, **settings) as other:
            for app in (one, other):
                app.until_promised(12)
        phone.sync()
        assert phone.book.waiting == 0
        assert phone.book.tray() == []
        assert phone.book.verify(phone.client) is Verdict.SAME
        return one.promised + other.promised

    promised = await asyncio.to_thread(story)
    assert len(promised) >= 24
    assert set(promised) <= {each.id for each in phone.book.list(Transaction)}
