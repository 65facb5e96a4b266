"""What do people see who use the demo page with and without a network? A real browser, Envoy, server and PostgreSQL."""

from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any
from urllib.request import urlopen

import pytest

from browser.stories import run_story
from up.stack import Stack

SOON_MS = 1_000
# A blank region has one or two; text and lines are smoothed at their edges.
FEW_COLORS = 12

Tell = Callable[..., Any]


@pytest.fixture
def tell(sdk: Path, chromium: str, stack: Stack) -> Tell:
    """What came of a story. Nothing may break in a page, nor be forbidden by its policy."""

    def tell_story(name: str, *words: Path) -> Any:
        told = run_story(name, sdk, chromium, f"{stack.url}/", *words)
        assert told.pop("problems") == []
        return told

    return tell_story


def test_what_was_spent_without_a_network_is_on_the_other_device_soon_after_it_is_back(tell: Tell) -> None:
    told = tell("offline")
    figures = (
        f"after offline {told['afterOfflineMs']:.0f} ms, live {median(told['liveMs']):.0f} ms from the first key on"
    )
    print(figures)  # noqa: T201 - `pytest -s` tells how soon soon is
    assert told["afterOfflineMs"] < SOON_MS
    assert median(told["liveMs"]) < SOON_MS


def test_two_who_change_one_amount_decide_which_it_is(tell: Tell) -> None:
    told = tell("conflict")
    for conflict in told["decided"]:
        assert "amounts" in conflict
        assert all(amount in conflict for amount in ("€10.00", "€11.00", "€12.00"))


def test_a_browser_that_dies_without_a_network_loses_nothing(tell: Tell) -> None:
    assert tell("killed") == {"linesOffline": 1, "lines": 1}


def test_a_tab_takes_over_from_one_that_crashed(tell: Tell) -> None:
    assert tell("tabs") == {"lines": 1}


def test_the_overview_shows_what_the_server_adds_up(tell: Tell, tmp_path: Path) -> None:
    told = tell("dashboard", tmp_path)
    assert told["scriptsForTheBook"] == 1, "the charts are not fetched before somebody looks at them"
    _assert_figures(told["shown"], told["api"])
    assert told["drilled"]["back"] == told["shown"]["categories"]
    assert told["drilled"]["spent"] == ["€980.00"]
    assert told["drilled"]["below"][:2] == ["Rent and mortgage", "€980.00"]
    assert told["stepped"]["again"] == told["stepped"]["before"]
    # What was the month before is now the month itself.
    assert told["stepped"]["after"][0::2] == told["stepped"]["before"][1::2]
    assert told["offline"]["lost"] == []
    assert told["offline"]["worth"] == told["api"]["worth"][0] != told["offline"]["later"]
    for drawn in (told["drawn"], told["offline"]["drawn"]):
        assert min(drawn) > FEW_COLORS
    for look in told["looks"].values():
        assert look["beyond"] == 0, "nothing sticks out on the right"
        assert min(*look["drawn"], *look["colors"]) > FEW_COLORS


def _assert_figures(shown: Any, api: Any) -> None:
    for name in ("worth", "points", "categories", "missing"):
        assert shown[name] == api[name]
    for name in ("month", "year"):
        # Below them is the saving rate.
        assert shown[name][: len(api[name])] == api[name]
    assert shown["missing"], "no rate leads from one of the currencies"
    for text, item in zip(shown["budget"], api["budget"], strict=False):
        assert all(words in text.replace("\n", " ") for words in item.values())
    assert any("over" in item["left"] for item in api["budget"])


def test_the_page_comes_with_a_policy_that_allows_nothing_foreign(stack: Stack) -> None:
    with urlopen(stack.url, timeout=10) as answer:
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert "//" not in answer.read().decode()
