"""What does a digest say? What is new, by space, in counts and titles. Amounts are in it only for who wants them there.

What others typed stands on one line and in quotes: a name cannot pretend to be our own words.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any

from tallystick.currencies import EXPONENTS
from tallystick.identity.letters import Letter
from tallystick.v1.money_pb2 import Money
from tallystick.v1.notification_details_pb2 import BackupTrouble, GroupEvent
from tallystick.v1.notification_pb2 import Notification

# So many are listed; the others are counted.
LISTED_MAX = 50
NAME_MAX = 80
_DID = {
    GroupEvent.GROUP_EVENT_ADDED: "added",
    GroupEvent.GROUP_EVENT_CHANGED: "changed",
    GroupEvent.GROUP_EVENT_DELETED: "deleted",
    GroupEvent.GROUP_EVENT_CONFIRMED: "confirmed",
    GroupEvent.GROUP_EVENT_DISPUTED: "disputed",
    GroupEvent.GROUP_EVENT_REVERSED: "took back",
}
# What is said of a notification, and which amounts may stand behind it.
Said = tuple[str, Iterable[Money]]


def compose_digest(notifications: Sequence[Notification], *, with_amounts: bool, public_url: str) -> Letter:
    total = len(notifications)
    listed = sorted(notifications[:LISTED_MAX], key=lambda each: (each.space_name.casefold(), each.space_id))
    lines: list[str] = []
    for _, found in groupby(listed, key=lambda each: each.space_id):
        of_space = list(found)
        name = of_space[0].space_name
        lines += ["", _quote(name) if name else "Your account"]
        lines += [f"- {line_of(each, with_amounts=with_amounts)}" for each in of_space]
    if total > len(listed):
        lines += ["", f"And {total - len(listed)} more."]
    things = _count(total, "notification")
    return Letter(
        f"{things} in Tallystick",
        "\n".join([f"You have {things} that you have not read.", *lines])
        + f"\n\nTo see them, open\n\n{public_url.rstrip('/')}/notifications\n\n"
        "You get this mail because you asked for it in your notification preferences; there you can end it.\n",
    )


def line_of(notification: Notification, *, with_amounts: bool) -> str:
    """One line. What there are no words for yet is news."""
    details = notification.WhichOneof("details")
    if details not in _WORDS:
        return "News"
    said, amounts = _WORDS[details](getattr(notification, details))
    shown = ", ".join(_amount(each) for each in amounts if each.currency)
    return f"{said}: {shown}" if with_amounts and shown else said


def _budget(of: Any) -> Said:
    part = f"{of.threshold_bp / 100:g} %"
    return f"{_quote(of.item_name)} in the budget {_quote(of.budget_name)} has reached {part}", [of.actual]


def _reminder(of: Any) -> Said:
    waiting = f" ({of.waiting} wait)" if of.waiting > 1 else ""
    return f"{_quote(of.template_name)} was due on {of.booked_on}{waiting}", [of.amount]


def _unusual(of: Any) -> Said:
    return f"More than usual was spent on {_quote(of.category_name)}", [of.spent]


def _invitation(of: Any) -> Said:
    return f"{_quote(of.invited_by)} invites you", []


def _expenses(of: Any) -> Said:
    said = f"{_quote(of.actor_name)} {_DID[of.event]} {_count(of.count, 'expense')} with you"
    return f"{said}, {_titles(each.description for each in of.expenses)}", [each.share for each in of.expenses]


def _settlements(of: Any) -> Said:
    said = f"{_quote(of.actor_name)} {_DID[of.event]} {_count(of.count, 'settlement')} with you"
    return said, [each.amount for each in of.settlements]


def _comments(of: Any) -> Said:
    return f"{_quote(of.actor_name)} wrote {_count(of.count, 'comment')} on {_quote(of.description)}", []


def _member(of: Any) -> Said:
    return f"{_quote(of.member_name)} has {'joined' if of.joined else 'left'}", []


def _conflict(of: Any) -> Said:
    return "A change of yours met another one, and waits for your decision", []


def _device(of: Any) -> Said:
    return f"Somebody signed in to your account on a new device, {_quote(of.device_name)}", []


def _import(of: Any) -> Said:
    return f"An import is done: {of.imported} new, {of.known} known before, {of.failed} not readable", []


def _backup(of: Any) -> Said:
    has_failed = of.trouble == BackupTrouble.BACKUP_TROUBLE_FAILED
    return "A backup has failed" if has_failed else "There is no backup that is new enough", []


def _put_back(of: Any) -> Said:
    return f"{_quote(of.actor_name)} put it back to a backup", []


_WORDS: dict[str, Callable[[Any], Said]] = {
    "budget_reached": _budget,
    "reminder_due": _reminder,
    "unusual_spending": _unusual,
    "invitation": _invitation,
    "group_expenses": _expenses,
    "group_settlements": _settlements,
    "group_comments": _comments,
    "member_moved": _member,
    "conflict": _conflict,
    "new_device": _device,
    "import_finished": _import,
    "backup": _backup,
    "space_put_back": _put_back,
}


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _titles(names: Iterable[str]) -> str:
    return ", ".join(_quote(name) for name in names)


def _quote(name: str) -> str:
    words = " ".join(name.split()).replace('"', "'")[:NAME_MAX]
    return f'"{words}"' if words else "somebody"


def _amount(money: Money) -> str:
    digits = EXPONENTS[money.currency]
    whole, rest = divmod(abs(money.minor), 10**digits)
    sign = "-" if money.minor < 0 else ""
    return f"{sign}{whole}{f'.{rest:0{digits}d}' if digits else ''} {money.currency}"
