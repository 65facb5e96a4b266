"""Where do ticks, points and bars stand? Pure, in integers: thousandths of a chart's width and height."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tallystick.currencies import EXPONENTS
from tallystick.exports.numbers import grouped

WHOLE = 1000
TICKS_MAX = 5
_NICE = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Scale:
    """From the lowest tick to the highest."""

    bottom: int
    top: int
    step: int

    @classmethod
    def over(cls, values: Iterable[int]) -> "Scale":
        """Zero is always on it, so that areas and bars do not exaggerate."""
        low, high = min(0, *(known := [0, *values])), max(known)
        step = _nice(max(1, high - low))
        bottom = low // step * step
        top = -(-high // step) * step
        return cls(bottom, top if top > bottom else bottom + step, step)

    def at(self, value: int) -> int:
        return (value - self.bottom) * WHOLE // (self.top - self.bottom)

    def ticks(self, currency: str) -> list[dict[str, Any]]:
        values = range(self.bottom, self.top + 1, self.step)
        return [{"at": self.at(each), "label": _short(each, self.step, currency), "zero": each == 0} for each in values]


def _nice(span: int) -> int:
    """The smallest round step that cuts the span in few parts."""
    power = 1
    while True:
        for digit in _NICE:
            if digit * power * (TICKS_MAX - 1) >= span:
                return digit * power
        power *= 10


def _short(minor: int, step: int, currency: str) -> str:
    """Without decimals that are zero in all of them."""
    text = grouped(minor, currency)
    exponent = EXPONENTS[currency]
    return text[: -exponent - 1] if exponent and step % 10**exponent == 0 else text


def across(number: int, count: int) -> int:
    """Where one of so many points is, from edge to edge."""
    return number * WHOLE // max(1, count - 1)


def thinned(labels: Sequence[tuple[int, str]], most: int) -> list[dict[str, Any]]:
    """As many marks below a chart as there is room for, evenly."""
    stride = max(1, -(-len(labels) // most))
    return [{"at": at, "label": label} for at, label in labels[::stride]]


def line_chart(values: Sequence[tuple[str, int]], currency: str, marks_max: int = 7) -> dict[str, Any]:
    """A line through values, each with its label."""
    scale = Scale.over(minor for _, minor in values)
    places = [across(number, len(values)) for number in range(len(values))]
    return {
        "ticks": scale.ticks(currency),
        "base": scale.at(0),
        "points": [[at, scale.at(minor)] for at, (_, minor) in zip(places, values, strict=True)],
        "marks": thinned([(at, label) for at, (label, _) in zip(places, values, strict=True)], marks_max),
    }


def bar_chart(pairs: Sequence[tuple[str, int, int]], currency: str, marks_max: int = 12) -> dict[str, Any]:
    """Two bars for each label: what was gained, and what was spent."""
    scale = Scale.over(minor for _, *both in pairs for minor in both)
    room = WHOLE // max(1, len(pairs))
    thick = max(1, min(60, room * 35 // 100))
    bars = []
    for number, (_, gained, spent) in enumerate(pairs):
        middle = number * room + room // 2
        bars.append({"at": middle - thick, "width": thick, "to": scale.at(gained), "tone": "gained"})
        bars.append({"at": middle, "width": thick, "to": scale.at(spent), "tone": "spent"})
    labels = [(number * room + room // 2, label) for number, (label, _, _) in enumerate(pairs)]
    return {
        "ticks": scale.ticks(currency),
        "base": scale.at(0),
        "bars": bars,
        "marks": thinned(labels, marks_max),
    }
