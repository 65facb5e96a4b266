"""What does an RFC 5545 recurrence rule say, read strictly? recurrence_days.py knows the days that it gives.

Neither is a library's work, because those at hand are lenient (BYMONTHDAY=32 passes, and is then searched for until the year 9999), know no
month end but skipping, and walk from the first day to the one that is asked for.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

INTERVAL_MAX = 1000

_TEXT_MAX = 500
_YEAR_WEEKS = 53
_NUMBER = re.compile(r"[0-9]{1,4}")
_SIGNED_NUMBER = re.compile(r"[+-]?[0-9]{1,3}")
_NTH_DAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_WEEKDAYS = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}
_PARTS = ("FREQ", "INTERVAL", "BYMONTH", "BYWEEKNO", "BYYEARDAY", "BYMONTHDAY", "BYDAY", "BYSETPOS", "WKST")


class UnusableSchedule(ValueError):
    """No schedule that can be kept. The message says why, for people."""


class Frequency(Enum):
    """What INTERVAL counts."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


@dataclass(frozen=True, slots=True)
class NthDay:
    """A weekday, and which one of its month or year: 1 the first, -1 the last, 0 every one."""

    nth: int
    weekday: int


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule whose parts go together. An empty part restricts nothing."""

    frequency: Frequency
    interval: int
    months: frozenset[int]
    week_numbers: frozenset[int]
    year_days: frozenset[int]
    month_days: frozenset[int]
    weekdays: frozenset[NthDay]
    positions: frozenset[int]
    week_start: int


def read_rule(text: str) -> Rule:
    if len(text) > _TEXT_MAX:
        raise UnusableSchedule(f"has a rule of more than {_TEXT_MAX} characters")
    parts = _split(text)
    rule = Rule(
        frequency=_frequency(parts.get("FREQ", "")),
        interval=_interval(parts.get("INTERVAL", "1")),
        months=_numbers(parts, "BYMONTH", _NUMBER, 12),
        week_numbers=_numbers(parts, "BYWEEKNO", _SIGNED_NUMBER, _YEAR_WEEKS),
        year_days=_numbers(parts, "BYYEARDAY", _SIGNED_NUMBER, 366),
        month_days=_numbers(parts, "BYMONTHDAY", _SIGNED_NUMBER, 31),
        weekdays=_nth_days(parts),
        positions=_numbers(parts, "BYSETPOS", _SIGNED_NUMBER, 366),
        week_start=_week_start(parts.get("WKST", "MO")),
    )
    _require_agreement(rule)
    return rule


def _split(text: str) -> dict[str, str]:
    if not text.isascii():
        raise UnusableSchedule("has a rule with characters that no rule has")
    parts: dict[str, str] = {}
    for part in text.upper().split(";"):
        name, _, value = part.partition("=")
        if name not in _PARTS:
            raise UnusableSchedule(
                f"has a rule with a part other than {', '.join(_PARTS)}; start, end and count have their own fields"
            )
        if name in parts:
            raise UnusableSchedule(f"has a rule with two {name}")
        parts[name] = value
    return parts


def _frequency(text: str) -> Frequency:
    try:
        return Frequency(text)
    except ValueError as wrong:
        raise UnusableSchedule("has a rule whose FREQ is not DAILY, WEEKLY, MONTHLY or YEARLY") from wrong


def _interval(text: str) -> int:
    if not _NUMBER.fullmatch(text) or not 1 <= int(text) <= INTERVAL_MAX:
        raise UnusableSchedule(f"has a rule whose INTERVAL is not 1 to {INTERVAL_MAX}")
    return int(text)


def _week_start(text: str) -> int:
    if text not in _WEEKDAYS:
        raise UnusableSchedule("has a rule whose WKST is no day of the week")
    return _WEEKDAYS[text]


def _numbers(parts: Mapping[str, str], name: str, shape: re.Pattern[str], most: int) -> frozenset[int]:
    if name not in parts:
        return frozenset()
    values = parts[name].split(",")
    if not all(shape.fullmatch(value) and 1 <= abs(int(value)) <= most for value in values):
        raise UnusableSchedule(f"has a rule whose {name} is out of range")
    return frozenset(int(value) for value in values)


def _nth_days(parts: Mapping[str, str]) -> frozenset[NthDay]:
    if "BYDAY" not in parts:
        return frozenset()
    days = set()
    for value in parts["BYDAY"].split(","):
        match = _NTH_DAY.fullmatch(value)
        if match is None or (match[1] and not 1 <= abs(int(match[1])) <= _YEAR_WEEKS):
            raise UnusableSchedule("has a rule whose BYDAY names a day that is none")
        days.add(NthDay(int(match[1] or 0), _WEEKDAYS[match[2]]))
    return frozenset(days)


def _require_agreement(rule: Rule) -> None:
    """RFC 5545 forbids these together: they have no meaning, and each reader of rules would guess another."""
    yearly = rule.frequency is Frequency.YEARLY
    chosen = rule.months or rule.week_numbers or rule.year_days or rule.month_days or rule.weekdays
    nth = any(day.nth for day in rule.weekdays)
    refused = {
        "BYWEEKNO in a rule that is not YEARLY": rule.week_numbers and not yearly,
        "BYYEARDAY in a rule that is not YEARLY": rule.year_days and not yearly,
        "BYMONTHDAY in a WEEKLY rule": rule.month_days and rule.frequency is Frequency.WEEKLY,
        "a numbered BYDAY in a rule that is neither MONTHLY nor YEARLY": nth
        and rule.frequency in {Frequency.DAILY, Frequency.WEEKLY},
        "a numbered BYDAY beside BYWEEKNO": nth and rule.week_numbers,
        "BYSETPOS in a rule that leaves nothing to choose from": rule.positions and not chosen,
    }
    for what, found in refused.items():
        if found:
            raise UnusableSchedule(f"has {what}")
