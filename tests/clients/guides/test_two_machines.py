"""Do two installations with one database work as one? As the guide to scaling out has it: with one keyring, and one place for files."""

from collections.abc import Iterator

import grpc
import pytest

from clients.people import Book
from clients.rest import Rest
from runtime.probes import open_directory
from tallystick.runtime.roles import APP, OWNER
from tallystick_client.v1.sync_service_pb2 import WatchRequest
from tallystick_client.v1.sync_service_pb2_grpc import SyncServiceStub
from up.stack import Stack

NEWS_TIMEOUT_S = 60


class SecondMachine(Stack):
    """Its own `up`, with its own Envoy and server, and nothing of its own that must be kept."""

    first: Stack

    def environment(self) -> dict[str, str]:
        dsns = self.first.dsns()
        return super().environment() | {
            "DATABASE_URL": dsns[APP],
            "MIGRATION_DATABASE_URL": dsns[OWNER],
            "TALLYSTICK_KEYRING_FILE": str(self.first.data_dir / "keyring.json"),
            "TALLYSTICK_FILES_DIR": str(self.first.data_dir / "files"),
        }


@pytest.fixture(scope="module")
def second(stack: Stack) -> Iterator[Stack]:
    with open_directory() as place:
        machine = SecondMachine(place)
        machine.first = stack
        try:
            machine.start()
            yield machine
            assert machine.stop() == 0, machine.log()
        finally:
            machine.close()


def test_what_one_wrote_the_other_reads_and_a_repeat_there_does_nothing_again(book: Book, second: Stack) -> None:
    there = Rest(second, book.token)
    path = f"/v1/books/{book.id}/transactions"
    expense = book.expense()
    here = book.rest.post(path, **expense)
    assert there.post(path, **expense).json == here.json
    assert there.get(f"{path}/{here.json['transaction']['id']}").json["transaction"] == here.json["transaction"]


def test_who_watches_at_one_hears_of_what_the_other_writes(book: Book, second: Stack) -> None:
    metadata = (("authorization", f"Bearer {book.token}"),)
    with grpc.insecure_channel(second.address) as channel:
        news = SyncServiceStub(channel).Watch(WatchRequest(), metadata=metadata, timeout=NEWS_TIMEOUT_S)
        assert next(each for each in news if each.HasField("heartbeat"))
        written = book.rest.post(f"/v1/books/{book.id}/transactions", **book.expense())
        version = int(written.json["transaction"]["version"])
        assert next(each for each in news if each.behind.space_id == book.id and each.behind.head >= version)
        news.cancel()
