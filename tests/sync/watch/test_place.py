"""What is told of a head that a stream does not lead to."""

from dataclasses import replace
from uuid import uuid4

from tallystick.sync.cursor import Cursor, Head
from tallystick.sync.watcher import BEHIND_EVERY_S, Place
from tallystick.v1.sync_pb2 import ResetReason

SPACE_ID = uuid4()
HEAD = Head(uuid4(), 5, 1)
AT_HEAD = Cursor.at(SPACE_ID, HEAD, HEAD.seq)


def told(place: Place, head: Head) -> str | None:
    event = place.tell(SPACE_ID, head, 100.0)
    return event.WhichOneof("event") if event else None


def test_a_space_without_a_copy_is_announced_once_and_then_its_newer_heads() -> None:
    place, newer = Place(None), replace(HEAD, seq=6)
    assert [told(place, head) for head in (HEAD, HEAD, newer, newer)] == ["added", None, "behind", None]


def test_a_copy_that_is_behind_gets_news_alone_from_then_on() -> None:
    place, newer = Place(replace(AT_HEAD, seq=4)), replace(HEAD, seq=6)
    followed = place.follows
    assert [told(place, head) for head in (HEAD, HEAD, newer, newer)] == ["behind", None, "behind", None]
    assert (followed, place.follows) == (True, False)
    assert place.cursor == replace(AT_HEAD, seq=4)


def test_nothing_is_told_of_a_copy_at_the_head() -> None:
    place = Place(AT_HEAD)
    assert told(place, HEAD) is None
    assert place.follows
    assert place.quiet_until == 0


def test_a_copy_that_cannot_go_on_is_told_so_once_and_has_no_cursor_any_more() -> None:
    moved = replace(HEAD, sight_revision=2)
    for place in (Place(AT_HEAD), Place(AT_HEAD, told=5)):
        event = place.tell(SPACE_ID, moved, 100.0)
        assert event is not None
        assert event.reset.reason == ResetReason.RESET_REASON_ACCESS
        assert (place.cursor, place.quiet_until) == (None, 100.0 + BEHIND_EVERY_S)
        assert told(place, moved) is None
        assert told(place, replace(moved, seq=6)) == "behind"
