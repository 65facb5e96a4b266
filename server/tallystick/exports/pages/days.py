"""How is a day written on pages? Pure. With the month in letters, so that nobody takes it for the day."""

from datetime import date

YEAR_DAYS = 366
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def long_day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_day(day: date, days: int) -> str:
    """Below a chart of so many days."""
    return month_of(day.isoformat()) if days > YEAR_DAYS else f"{day.day} {_MONTHS[day.month - 1]}"


def month_of(day: str) -> str:
    """Of a day as it is on the wire."""
    year, month, _ = day.split("-")
    return f"{_MONTHS[int(month) - 1]} {year}"
