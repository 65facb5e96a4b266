"""What does a digest say? Counts and titles, in plain words, and never an amount that nobody asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.notifications.digests.letters import LISTED_MAX, compose_digest, line_of
from tallystick.v1 import notification_details_pb2 as details
from tallystick.v1.money_pb2 import Money
from tallystick.v1.notification_pb2 import Notification

EUR = Money(currency="EUR", minor=123456)
SAID = {
    "budget_reached": details.BudgetReached(budget_name="Home", item_name="Food", threshold_bp=8050, actual=EUR),
    "reminder_due": details.ReminderDue(template_name="Rent", booked_on="2026-03-01", amount=EUR, waiting=2),
    "unusual_spending": details.UnusualSpending(category_name="Food", spent=EUR, usual=EUR),
    "invitation": details.InvitationReceived(invited_by="Ann"),
    "group_expenses": details.GroupExpenses(
        event=details.GroupEvent.GROUP_EVENT_ADDED,
        actor_name="Ann",
        count=2,
        expenses=[details.GroupExpensePart(description=name, share=EUR) for name in ("Taxi", "Tea")],
    ),
    "group_settlements": details.GroupSettlements(
        event=details.GroupEvent.GROUP_EVENT_REVERSED,
        actor_name="Ann",
        count=1,
        settlements=[details.GroupSettlementPart(amount=EUR)],
    ),
    "group_comments": details.GroupComments(actor_name="Ann", count=1, description="Taxi"),
    "member_moved": details.MemberMoved(member_name="", joined=False),
    "conflict": details.ConflictRaised(),
    "new_device": details.NewDevice(device_name="Phone"),
    "import_finished": details.ImportFinished(imported=3),
    "backup": details.BackupInTrouble(trouble=details.BackupTrouble.BACKUP_TROUBLE_STALE),
    "space_put_back": details.SpacePutBack(actor_name="Ann"),
}
WITH_AMOUNTS = {"budget_reached", "reminder_due", "unusual_spending", "group_expenses", "group_settlements"}


def notification(kind: str, space: str = "Home") -> Notification:
    return Notification(space_id=space, space_name=space, **{kind: SAID[kind]})  # type: ignore[arg-type]  # a field of that type


def test_every_kind_has_words() -> None:
    fields = Notification.DESCRIPTOR.oneofs_by_name["details"].fields
    assert {field.name for field in fields} == SAID.keys()
    assert "News" not in {line_of(notification(kind), with_amounts=False) for kind in SAID}


@pytest.mark.parametrize("kind", SAID)
def test_an_amount_is_said_only_to_who_wants_it(kind: str) -> None:
    assert "1234.56" not in line_of(notification(kind), with_amounts=False)
    assert ("1234.56 EUR" in line_of(notification(kind), with_amounts=True)) is (kind in WITH_AMOUNTS)


def test_words() -> None:
    said = [line_of(notification(kind), with_amounts=False) for kind in SAID]
    assert said[:6] == [
        '"Food" in the budget "Home" has reached 80.5 %',
        '"Rent" was due on 2026-03-01 (2 wait)',
        'More than usual was spent on "Food"',
        '"Ann" invites you',
        '"Ann" added 2 expenses with you, "Taxi", "Tea"',
        '"Ann" took back 1 settlement with you',
    ]
    assert said[7] == "somebody has left"


def test_what_nobody_has_words_for_is_news() -> None:
    assert line_of(Notification(), with_amounts=True) == "News"


def test_a_letter_is_in_the_order_of_spaces_and_counts_what_it_leaves_out() -> None:
    many = [notification("conflict", f"Book {number % 3}") for number in range(LISTED_MAX + 7)]
    letter = compose_digest(many, with_amounts=False, public_url="https://money.example/")
    assert letter.subject == f"{LISTED_MAX + 7} notifications in Tallystick"
    assert letter.body.count("\n- ") == LISTED_MAX
    assert "And 7 more." in letter.body
    assert "https://money.example/notifications\n" in letter.body
    at = [letter.body.index(f'"Book {number}"') for number in range(3)]
    assert at == sorted(at)
    one = compose_digest(many[:1], with_amounts=False, public_url="")
    assert one.subject == "1 notification in Tallystick"


@given(st.text())
def test_a_name_stays_on_one_line_and_in_its_quotes(name: str) -> None:
    told = Notification(space_name=name, invitation=details.InvitationReceived(invited_by=name))
    line = line_of(told, with_amounts=True)
    assert len(line.splitlines()) == 1
    assert line.count('"') in (0, 2)
    body = compose_digest([told], with_amounts=True, public_url="x").body
    assert body.count("\n- ") == 1


@given(st.integers(-(10**15), 10**15), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_amounts_are_exact(minor: int, currency: str) -> None:
    amount = Money(currency=currency, minor=minor)
    told = Notification(reminder_due=details.ReminderDue(template_name="x", booked_on="y", amount=amount))
    shown = line_of(told, with_amounts=True).rpartition(": ")[2].split()[0]
    assert int(shown.replace(".", "")) == minor
