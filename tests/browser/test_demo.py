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

Tell = Callable[[str], Any]


@pytest.fixture
def tell(sdk: Path, chromium: str, stack: Stack) -> Tell:
    """What came of a story. Nothing may break in a page, nor be forbidden by its policy."""

    def tell_story(name: str) -> Any:
        told = run_story(name, sdk, chromium, f"{stack.url}/")
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


def test_the_page_comes_with_a_policy_that_allows_nothing_foreign(stack: Stack) -> None:
    with urlopen(stack.url, timeout=10) as answer:
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert "//" not in answer.read().decode()
