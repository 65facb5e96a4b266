"""Is a change refused as stale exactly when somebody has changed the same since? Random walks against a model of every field."""

import random
from typing import Any

import grpc
import pytest

from people import BookOf, Person, read_refusal, refusal_of
from rpc.settings.home import display_request, get, reset_request, settings_request, thing_of

STEPS = 120
SETTINGS: dict[str, list[Any]] = {
    "locale": ["", "fr", "de-CH"],
    "time_zone": ["", "Asia/Tokyo"],
    "base_currency": ["", "EUR", "CHF"],
    "first_day_of_month": [0, 1, 28],
    "theme": [0, 1, 3],
    "hide_amounts": [False, True],
}
DISPLAY: dict[str, list[Any]] = {"icon": ["", "a", "b"], "hidden": [False, True], "position": [0, 1, 2]}


class Model:
    """What every field is, and since which version."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.empty = values
        self.values = dict(values)
        self.since = dict.fromkeys(values, 0)

    def changing(self, wanted: dict[str, Any]) -> set[str]:
        return {name for name, value in wanted.items() if self.values[name] != value}

    def is_stale(self, wanted: dict[str, Any], base: int) -> bool:
        return any(self.since[name] > base for name in self.changing(wanted))

    def take(self, wanted: dict[str, Any], version: int) -> None:
        for name in self.changing(wanted):
            self.values[name], self.since[name] = wanted[name], version


def roll(dice: random.Random, fields: dict[str, list[Any]]) -> dict[str, Any]:
    return {name: dice.choice(fields[name]) for name in dice.sample(sorted(fields), dice.randint(1, 3))}


@pytest.mark.parametrize("seed", range(3))
async def test_settings_are_stale_exactly_when_the_same_was_changed_since(ann: Person, seed: int) -> None:
    dice, seen = random.Random(seed), [(await get(ann)).version]
    model = Model({name: values[0] for name, values in SETTINGS.items()} | {"locale": "en", "time_zone": "UTC"})
    refused = 0
    for _ in range(STEPS):
        wanted, base = roll(dice, SETTINGS), dice.choice(seen[-4:])
        # What the user's own fields are when they are emptied.
        meant = wanted | {
            name: wanted[name] or default
            for name, default in (("locale", "en"), ("time_zone", "UTC"))
            if name in wanted
        }
        call = ann.settings.UpdateSettings(settings_request(*wanted, base_version=base, **wanted))
        if model.is_stale(meant, base):
            assert (await refusal_of(call)).reason == "STALE_VERSION"
            refused += 1
            continue
        settings = (await call).settings
        model.take(meant, settings.version)
        seen.append(settings.version)
    assert refused > STEPS // 10
    shown = await get(ann)
    defaults = {"first_day_of_month": 1, "theme": 1}
    assert {name: getattr(shown, name) for name in SETTINGS} == {
        name: value or defaults.get(name, value) for name, value in model.values.items()
    }


@pytest.mark.parametrize("seed", range(3))
async def test_a_display_that_was_reset_or_changed_since_is_never_overwritten_unseen(book: BookOf, seed: int) -> None:
    """After a reset it may also be refused what only seems to be the same: then the caller looks again."""
    dice, thing, ann = random.Random(seed), thing_of(book), book.person
    model, seen, was_reset, refused = Model({name: values[0] for name, values in DISPLAY.items()}), [0], False, 0
    for _ in range(STEPS):
        if dice.random() < 0.15:
            answer = await ann.settings.ResetDisplay(reset_request(thing))
            model.take(model.empty, answer.display.version)
            was_reset |= answer.HasField("display")
            seen.append(max(answer.display.version, seen[-1]))
            continue
        wanted, base = roll(dice, DISPLAY), dice.choice(seen[-4:])
        call = ann.settings.UpdateDisplay(display_request(thing, *wanted, base_version=base, **wanted))
        if model.is_stale(wanted, base):
            assert (await refusal_of(call)).reason == "STALE_VERSION"
            refused += 1
            continue
        try:
            display = (await call).display
        except grpc.aio.AioRpcError as refusal:
            assert (read_refusal(refusal).reason, was_reset) == ("STALE_VERSION", True)
            continue
        model.take(wanted, display.version)
        seen.append(max(display.version, seen[-1]))
        assert {name: getattr(display, name) for name in DISPLAY} == model.values
    assert refused > STEPS // 20
