"""Whatever comes between, a copy ends where the space is, and shows what it will be."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf.message import Message
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sdk_python.dice import SIDES, Things, throw
from sdk_python.pages import BANK, BOOK, account, category, expense, some_id
from sdk_python.plain_space import PlainSpace
from tallystick_client import Unavailable
from tallystick_client.offline import OfflineBook, Verdict
from tallystick_client.offline.commands import command_in, complete, wrap
from tallystick_client.offline.mirror import cursor_to_pull
from tallystick_client.v1.ledger_labels_pb2 import Tag
from tallystick_client.v1.ledger_pb2 import Account, Transaction
from tallystick_client.v1.sync_service_pb2 import PullRequest, PushRequest

KINDS: tuple[type[Any], ...] = (Account, Transaction, Tag)
# Few things, so that commands meet. An amount of nothing would be refused.
commands = st.builds(throw, st.just(Things()), st.integers(0, SIDES - 1), st.integers(0, 11), st.integers(1, 9))


@dataclass(frozen=True)
class Step:
    """What happens next, and how the next push fares."""

    name: str
    command: Message | None = None
    trouble: str = ""


steps = st.one_of(
    commands.map(lambda command: Step("do", command)),
    commands.map(lambda command: Step("do", command)),
    commands.map(lambda command: Step("somebody else does", command)),
    st.sampled_from(["", "before", "after"]).map(lambda trouble: Step("push", trouble=trouble)),
    st.sampled_from([Step("pull"), Step("crash"), Step("go back"), Step("start over"), Step("stop at a page")]),
)


def shown(book: OfflineBook) -> dict[str, Message]:
    """The view, without versions and times, which only the server gives."""
    found: dict[str, Message] = {}
    for kind in KINDS:
        for each in book.list(kind):
            each.version = 0
            each.ClearField("created_at")
            found[each.id] = each
    return found


def shown_there(space: PlainSpace) -> dict[str, Message]:
    found: dict[str, Message] = {}
    for deleted, message in space.state().values():
        if not deleted and isinstance(message, KINDS):
            each: Any = type(message).FromString(message.SerializeToString())
            each.version = 0
            each.ClearField("created_at")
            found[each.id] = each
    return found


def a_space() -> PlainSpace:
    space = PlainSpace(BOOK)
    space.put(account(), account(BANK, name="Bank"), category())
    space.put(expense(some_id(0x200)))
    return space


@given(st.lists(commands, max_size=12))
@settings(max_examples=60)
def test_what_is_shown_before_is_what_comes(made: list[Message]) -> None:
    """The rebase law: over its own effects, a copy shows the same as it did before them."""
    with tempfile.TemporaryDirectory(dir=_fast_folder()) as folder:
        space, book = a_space(), OfflineBook.open(Path(folder) / "book.db", BOOK)
        book.sync(space)
        for command in made:
            book.do(command)
        before = shown(book)
        while mutations := book.next_push():
            book.take_results(space.Push(PushRequest(space_id=BOOK, mutations=mutations)))
        assert shown(book) == before
        book.pull(space)
        assert shown(book) == before
        assert shown(book) == shown_there(space)
        assert book.verify(space) is Verdict.SAME
        book.close()


MADE = Step("do", throw(Things(), 0, 1, 1))


@given(st.lists(steps, max_size=20), st.integers(1, 4))
# Done, but not in the copy yet, when the space goes back: it must be done again.
@example([MADE, Step("push"), Step("go back")], 1)
@example([MADE, Step("push", trouble="after"), Step("pull"), Step("start over"), Step("crash")], 1)
@settings(max_examples=80)
def test_any_interleaving_ends_where_the_space_is(story: list[Step], page_size: int) -> None:
    with tempfile.TemporaryDirectory(dir=_fast_folder()) as folder:
        path = Path(folder) / "book.db"
        space, book = a_space(), OfflineBook.open(path, BOOK)
        space.page_size = page_size
        given_ids: list[str] = []
        for step in story:
            book = _play(step, space, book, path, given_ids)
        for _ in range(2):
            book.sync(space)
        assert book.waiting == 0
        assert shown(book) == shown_there(space)
        assert book.verify(space) is Verdict.SAME
        # Nothing that the app gave is lost: it was done, or is in the tray. What a space forgets of itself is not the device's to keep.
        parked = {each.request_id for each in book.tray()}
        assert set(given_ids) <= space.ever_done | parked
        if not any(step.name == "go back" for step in story):
            assert parked.isdisjoint(space.ever_done)
        book.close()


def _play(step: Step, space: PlainSpace, book: OfflineBook, path: Path, given_ids: list[str]) -> OfflineBook:
    match step.name:
        case "do":
            assert step.command is not None
            given_ids.append(book.do(step.command))
        case "somebody else does":
            assert step.command is not None
            mutation = wrap(step.command)
            complete(command_in(mutation), BOOK)
            space.do(mutation)
        case "push":
            space.trouble = [step.trouble]
            try:
                book.push(space)
            except Unavailable:
                assert step.trouble
            space.trouble = []
        case "pull":
            book.pull(space)
        case "stop at a page":
            request = PullRequest(space_id=BOOK, cursor=cursor_to_pull(book.place))
            book.take_page(next(space.Pull(request, timeout=1)))
        case "crash":
            book.close()
            return OfflineBook.open(path, BOOK)
        case "start over":
            book.start_over()
        case "go back":
            space.go_back(max(space.head - 2, 2))
    return book


def _fast_folder() -> str | None:
    """In memory, where there is such a place: what a crash leaves is another test's business."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None
