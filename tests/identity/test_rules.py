"""What is right for users, sessions and tokens."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.errors import InvalidInput
from tallystick.identity import rules
from tallystick.times import to_timestamp
from tallystick.v1.role_pb2 import Role
from tallystick.v1.space_pb2 import Member, MemberState

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@given(st.text())
def test_normalise_email_is_done_after_once(text: str) -> None:
    once = rules.normalise_email(text)
    assert rules.normalise_email(once) == once


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=1))
def test_normalise_email_does_not_see_case_or_space_around(text: str) -> None:
    assert rules.normalise_email(f" {text.upper()}\t") == rules.normalise_email(text.lower())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann@Example.COM", "ann@example.com"),
        ("stra\u00dfe@example.com", "STRASSE@example.com"),
        ("caf\u00e9@example.com", "cafe\u0301@example.com"),
        ("\uff41nn@example.com", "ann@example.com"),
    ],
)
def test_normalise_email_sees_through_spellings(one: str, other: Any) -> None:
    assert rules.normalise_email(one) == rules.normalise_email(other)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix:", "unix:"),
        ("", ""),
    ],
)
def test_network_of_takes_a_whole_subscriber_for_one_address(address: str, network: str) -> None:
    assert rules.network_of(address) == network


@pytest.mark.parametrize(
    ("address", "is_local"),
    [("127.0.0.1", True), ("::1", True), ("unix:", True), ("192.0.2.7", False), ("", False), ("localhost.evil", False)],
)
def test_is_this_machine_believes_only_loopback(address: str, is_local: bool) -> None:
    assert rules.is_this_machine(address) is is_local


@pytest.mark.parametrize("name", ["Mars/Olympus", "../UTC", "utc\n", "Europe/Zurich "])
def test_require_time_zone_refuses_what_is_none(name: str) -> None:
    with pytest.raises(InvalidInput):
        rules.require_time_zone(name)


def test_ids_follow_from_the_request_and_differ_from_each_other() -> None:
    request_id = "0190c0de-0000-7000-8000-000000000001"
    assert rules.user_id_of(request_id) == rules.user_id_of(request_id.upper())
    assert rules.user_id_of(request_id) != rules.home_id_of(request_id)


def test_refresh_ends_at_never_passes_the_end_of_the_family() -> None:
    ttl = timedelta(days=7)
    assert rules.refresh_ends_at(NOW, ttl, NOW + timedelta(days=90)) == NOW + ttl
    assert rules.refresh_ends_at(NOW, ttl, NOW + timedelta(days=1)) == NOW + timedelta(days=1)


def member(
    name: str, role: Any, joined_day: int, state: Any = MemberState.MEMBER_STATE_ACTIVE, user_id: Any = "u"
) -> Member:
    joined_at = to_timestamp(NOW + timedelta(days=joined_day))
    return Member(id=name, role=role, joined_at=joined_at, state=state, user_id=user_id)


def test_find_heir_takes_whoever_has_been_there_longest() -> None:
    leaving = member("a", Role.ROLE_OWNER, 0)
    others = [member("b", Role.ROLE_EDITOR, 3), member("c", Role.ROLE_VIEWER, 1), member("d", Role.ROLE_EDITOR, 2)]
    heir = rules.find_heir(leaving, others)
    assert heir is not None
    assert heir.id == "c"


def test_find_heir_finds_none_where_an_owner_stays_or_none_leaves_or_nobody_is_left() -> None:
    owner, editor = member("a", Role.ROLE_OWNER, 0), member("b", Role.ROLE_EDITOR, 1)
    assert rules.find_heir(owner, [editor, member("c", Role.ROLE_OWNER, 2)]) is None
    assert rules.find_heir(editor, [member("d", Role.ROLE_EDITOR, 0)]) is None
    assert rules.find_heir(owner, []) is None


def test_is_active_user_is_no_guest_and_nobody_who_left() -> None:
    assert rules.is_active_user(member("a", Role.ROLE_OWNER, 0))
    assert not rules.is_active_user(member("a", Role.ROLE_OWNER, 0, user_id=""))
    assert not rules.is_active_user(member("a", Role.ROLE_OWNER, 0, state=MemberState.MEMBER_STATE_LEFT))
