"""Does what a device shows while it is alone agree with the server, and is nothing lost when the two disagree? The SDK in Node, against
a real server."""

from pathlib import Path

from browser.stories import run_story
from tallystick.v1.error_reason_pb2 import ErrorReason
from up.stack import Stack


def test_what_a_device_shows_alone_is_what_the_server_makes_of_it(sdk: Path, stack: Stack) -> None:
    told = run_story("view", sdk, stack.url)
    assert told["count"] > 50
    assert told["beforeAndAfter"] == []
    assert told["sentAndAfter"] == []
    assert told["devices"] == []
    assert told["pending"] == 0
    assert told["verdict"] == "same"
    assert [reason for _, reason in told["tray"]] == [
        ErrorReason.ERROR_REASON_ACCOUNT_CLOSED,
        ErrorReason.ERROR_REASON_CATEGORY_KIND_MISMATCH,
        ErrorReason.ERROR_REASON_CURRENCY_MISMATCH,
        ErrorReason.ERROR_REASON_NO_BUDGET_PERIOD,
        ErrorReason.ERROR_REASON_CATEGORY_KIND_MISMATCH,
    ]


def test_so_it_is_in_the_home_of_its_user(sdk: Path, stack: Stack) -> None:
    told = run_story("home", sdk, stack.url)
    assert told["count"] > 5
    assert told["beforeAndAfter"] == []
    assert told["devices"] == []
    assert told["verdict"] == "same"
    assert told["tray"] == [
        ["markRead", ErrorReason.ERROR_REASON_NOT_FOUND],
        ["updateNotificationPreferences", ErrorReason.ERROR_REASON_INVALID_FIELD],
    ]


def test_what_is_refused_or_meets_another_change_or_comes_too_late_is_not_lost(sdk: Path, stack: Stack) -> None:
    assert run_story("refused", sdk, stack.url) == {
        # The one that was refused, and the one that it stood in the way of.
        "refused": [[True, False], [False, True]],
        "afterRetry": ["late", 0],
        "conflict": ["DELETES_CHANGED", "keep it"],
        "shownAtOnce": [0, True],
        "afterDecision": [0, True],
        "verdicts": ["same", "same"],
        "member": [1, "same"],
        "removed": [0, 1],
    }
