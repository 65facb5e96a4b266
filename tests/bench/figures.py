"""How is a figure told? What was measured, next to its floor, its target, and whether that is met."""

import json
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

_HEADS = ("figure", "ours", "floor", "ratio", "rounds from - to", "target", "met")


@dataclass(frozen=True)
class Figure:
    """One line of the table. `spread` is the least and the greatest ratio of a round: how noisy the machine was."""

    name: str
    ours: float
    unit: str
    floor: float | None = None
    ratio: float | None = None
    target: str = ""
    met: bool | None = None
    spread: tuple[float, float] | None = None


def at_least(name: str, ours: Sequence[float], floor: Sequence[float], unit: str, target: float) -> Figure:
    """A rate against its floor. Each round gives a ratio of its own, so that what slows both down cancels out."""
    ratios = [mine / least for mine, least in zip(ours, floor, strict=True)]
    ratio = statistics.median(ratios)
    return Figure(
        name,
        statistics.median(ours),
        unit,
        statistics.median(floor),
        ratio,
        f">= {target:g}",
        ratio >= target,
        (min(ratios), max(ratios)),
    )


def at_most(name: str, ours: Sequence[float], floor: Sequence[float], unit: str, target: float) -> Figure:
    """A time against a time that it should not exceed by much."""
    told = at_least(name, ours, floor, unit, target)
    assert told.ratio is not None
    return Figure(
        name, told.ours, unit, told.floor, told.ratio, f"<= {target:g}", told.ratio <= target, spread=told.spread
    )


def write_json(figures: Iterable[Figure], path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    kept = ("name", "ours", "floor", "ratio", "target", "met")
    lines = [{key: value for key, value in asdict(figure).items() if key in kept} for figure in figures]
    path.write_text(json.dumps(lines, indent=1) + "\n")


def table(figures: Iterable[Figure]) -> str:
    rows = [_HEADS, *(_row(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _row(figure: Figure) -> tuple[str, ...]:
    return (
        figure.name,
        f"{_short(figure.ours)} {figure.unit}",
        f"{_short(figure.floor)} {figure.unit}" if figure.floor is not None else "",
        f"{figure.ratio:.3f}" if figure.ratio is not None else "",
        f"{figure.spread[0]:.3f} - {figure.spread[1]:.3f}" if figure.spread else "",
        figure.target,
        "" if figure.met is None else "yes" if figure.met else "NO",
    )


def _short(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.2f}"
