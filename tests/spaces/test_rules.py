"""Are the decisions on members and invitations right, whatever the case?"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.errors import TallystickError
from tallystick.spaces import rules
from tallystick.spaces.letters import compose_letter
from tallystick.times import to_timestamp
from tallystick.v1.role_pb2 import Role
from tallystick.v1.space_pb2 import Invitation, InvitationState, Member, MemberState, SpaceKind
from tallystick.v1.space_service_pb2 import InviteRequest, UpdateMemberRequest

NOW = datetime(2026, 2, 3, 12, 0, tzinfo=UTC)
OWNER, EDITOR, VIEWER = Role.ROLE_OWNER, Role.ROLE_EDITOR, Role.ROLE_VIEWER
PRESENT = (MemberState.MEMBER_STATE_ACTIVE, MemberState.MEMBER_STATE_GUEST)
OPEN = InvitationState.INVITATION_STATE_OPEN
ids = st.uuids()


def reason_of(decide: Callable[[], object]) -> str:
    """Why it was refused; empty when it was not."""
    try:
        decide()
    except TallystickError as refused:
        return refused.reason_name
    return ""


def a_member(role: Role.ValueType = OWNER, **other: Any) -> Member:
    fields: dict[str, Any] = {
        "id": str(UUID(int=1)),
        "display_name": "Ann",
        "role": role,
        "state": MemberState.MEMBER_STATE_ACTIVE,
    }
    return Member(**fields | other)


def an_update(*paths: str, **fields: Any) -> UpdateMemberRequest:
    request = UpdateMemberRequest(**fields)
    if paths:
        request.update_mask.paths.extend(paths)
    return request


@given(ids, st.sets(ids))
def test_an_owner_may_stop_only_while_another_one_remains(member_id: UUID, others: set[UUID]) -> None:
    member = a_member(id=str(member_id))
    reason = reason_of(lambda: rules.require_another_owner(member, [member_id, *others]))
    assert reason == ("" if others - {member_id} else "LAST_OWNER")


def test_whoever_is_no_owner_may_always_stop() -> None:
    assert reason_of(lambda: rules.require_another_owner(a_member(EDITOR), [UUID(int=2)])) == ""


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (SpaceKind.SPACE_KIND_HOME, "HOME_IS_PRIVATE"),
        (SpaceKind.SPACE_KIND_BOOK, ""),
        (SpaceKind.SPACE_KIND_GROUP, ""),
    ],
)
def test_only_a_home_is_private(kind: SpaceKind.ValueType, reason: str) -> None:
    assert reason_of(lambda: rules.require_shared(kind)) == reason


@pytest.mark.parametrize("state", [state for state in MemberState.values() if state not in PRESENT])
def test_former_members_look_as_if_they_did_not_exist(state: MemberState.ValueType) -> None:
    assert reason_of(lambda: rules.require_present(a_member(state=state))) == "NOT_FOUND"


@pytest.mark.parametrize(
    ("role", "is_self", "wanted", "reason"),
    [
        (OWNER, True, ("role", "display_name"), ""),
        (OWNER, False, ("role", "display_name"), ""),
        (EDITOR, True, ("display_name",), ""),
        (VIEWER, True, ("display_name",), ""),
        (EDITOR, True, ("role",), "ROLE_TOO_LOW"),
        (VIEWER, True, ("role", "display_name"), "ROLE_TOO_LOW"),
        (EDITOR, False, ("display_name",), "ROLE_TOO_LOW"),
        (VIEWER, False, (), "ROLE_TOO_LOW"),
    ],
)
def test_owners_change_members_and_everybody_their_own_name(
    role: Role.ValueType, is_self: bool, wanted: tuple[str, ...], reason: str
) -> None:
    assert reason_of(lambda: rules.require_may_update(role, wanted, is_self=is_self)) == reason


@pytest.mark.parametrize(
    ("request_", "wanted"),
    [
        (an_update(role=VIEWER), {"role": VIEWER}),
        (an_update(display_name=" Ann "), {"display_name": "Ann"}),
        (an_update(), {}),
        (an_update("role", role=VIEWER, display_name="Ann"), {"role": VIEWER}),
        (an_update("*", role=VIEWER, display_name="Ann"), {"role": VIEWER, "display_name": "Ann"}),
        (an_update("role", "role", role=VIEWER), {"role": VIEWER}),
    ],
)
def test_the_mask_says_what_an_update_touches(request_: UpdateMemberRequest, wanted: dict[str, Any]) -> None:
    assert rules.wanted_fields(request_) == wanted


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (an_update("state"), "INVALID_UPDATE_MASK"),
        (an_update("role", "member_id", role=VIEWER), "INVALID_UPDATE_MASK"),
        (an_update("*", "role", role=VIEWER), "INVALID_UPDATE_MASK"),
        (an_update("*", role=VIEWER), "INVALID_FIELD"),
        (an_update("*", display_name="Ann"), "INVALID_FIELD"),
        (an_update("role"), "INVALID_FIELD"),
        (an_update("display_name", display_name="  "), "INVALID_FIELD"),
        (an_update(display_name="  "), "INVALID_FIELD"),
    ],
)
def test_a_mask_that_cannot_be_followed_is_refused(request_: UpdateMemberRequest, reason: str) -> None:
    assert reason_of(lambda: rules.wanted_fields(request_)) == reason


def test_an_update_changes_a_copy_and_names_what_differs() -> None:
    before = a_member(EDITOR)
    after, changing = rules.compose_update(before, {"role": EDITOR, "display_name": "Anna"})
    assert (before.display_name, after.display_name, changing) == ("Ann", "Anna", ("display_name",))


def test_somebody_who_returns_is_the_same_member_with_the_new_role() -> None:
    former = rules.compose_end(a_member(OWNER), MemberState.MEMBER_STATE_REMOVED)
    back = rules.compose_return(former, VIEWER)
    assert (back.id, back.role, back.state) == (former.id, VIEWER, MemberState.MEMBER_STATE_ACTIVE)


@given(st.integers(0, 90), st.integers(0, 1000))
def test_an_invitation_without_limits_lasts_a_week_and_is_good_for_one(days: int, uses_max: int) -> None:
    request = InviteRequest(space_id=str(UUID(int=7)), role=EDITOR, days=days, uses_max=uses_max)
    made = rules.compose_invitation(request, UUID(int=8), "Home", a_member(), NOW)
    assert made.expires_at == to_timestamp(NOW + timedelta(days=days or 7))
    assert made.uses_max == (uses_max or 1)
    assert (made.state, made.invited_by, made.space_name) == (OPEN, "Ann", "Home")


@pytest.mark.parametrize(
    ("email", "uses_max", "reason"), [("b@x.example", 2, "INVALID_FIELD"), ("b@x.example", 1, ""), ("", 9, "")]
)
def test_an_invitation_by_mail_is_good_for_one_only(email: str, uses_max: int, reason: str) -> None:
    assert reason_of(lambda: rules.require_single_use(InviteRequest(email=email, uses_max=uses_max))) == reason


@given(st.sampled_from(InvitationState.values()), st.integers(-3, 3))
def test_only_an_open_invitation_before_its_end_can_be_taken(state: InvitationState.ValueType, left_s: int) -> None:
    invitation = Invitation(state=state, expires_at=to_timestamp(NOW + timedelta(seconds=left_s)))
    can_be_taken = state == OPEN and left_s > 0
    assert reason_of(lambda: rules.require_open(invitation, NOW)) == ("" if can_be_taken else "INVITATION_ENDED")
    expected = InvitationState.INVITATION_STATE_EXPIRED if state == OPEN and left_s <= 0 else state
    assert rules.compose_shown(invitation, "", NOW).state == expected


@given(st.integers(1, 5))
def test_an_invitation_is_accepted_when_it_is_used_up_and_not_before(uses_max: int) -> None:
    invitation = Invitation(state=OPEN, uses_max=uses_max)
    for use in range(1, uses_max + 1):
        assert invitation.state == OPEN
        invitation = rules.compose_use(invitation)
        assert invitation.uses == use
    assert invitation.state == InvitationState.INVITATION_STATE_ACCEPTED


@given(st.text(max_size=100), st.text(max_size=100))
def test_a_name_cannot_put_lines_of_its_own_into_a_mail(inviter: str, space: str) -> None:
    def lines(invited_by: str, space_name: str) -> int:
        invitation = Invitation(invited_by=invited_by, space_name=space_name, expires_at=to_timestamp(NOW))
        letter = compose_letter(invitation, "https://app.example/")
        assert "\n" not in letter.subject
        return len(letter.body.splitlines())

    assert lines(inviter, space) == lines("Ann", "Home")


@pytest.mark.parametrize("state", MemberState.values())
def test_only_the_place_of_a_guest_can_be_taken(state: MemberState.ValueType) -> None:
    is_guest = state == MemberState.MEMBER_STATE_GUEST
    member = a_member(Role.ROLE_UNSPECIFIED, state=state)
    assert reason_of(lambda: rules.require_unclaimed(member)) == ("" if is_guest else "INVITATION_ENDED")
    gone = "INVALID_FIELD" if state == MemberState.MEMBER_STATE_ACTIVE else "NOT_FOUND"
    assert reason_of(lambda: rules.require_guest(member)) == ("" if is_guest else gone)


@pytest.mark.parametrize(("name", "shown"), [("Gus", "Gus"), ("", "Bob")])
def test_whoever_takes_the_place_of_a_guest_is_that_member_from_then_on(name: str, shown: str) -> None:
    guest = a_member(Role.ROLE_UNSPECIFIED, state=MemberState.MEMBER_STATE_GUEST, display_name=name)
    claimed = rules.compose_claim(guest, UUID(int=7), "Bob", VIEWER)
    assert (claimed.id, claimed.user_id, claimed.display_name) == (guest.id, str(UUID(int=7)), shown)
    assert (claimed.role, claimed.state) == (VIEWER, MemberState.MEMBER_STATE_ACTIVE)
    assert guest.state == MemberState.MEMBER_STATE_GUEST


def test_a_guest_has_no_role() -> None:
    guest = a_member(Role.ROLE_UNSPECIFIED, state=MemberState.MEMBER_STATE_GUEST)
    assert reason_of(lambda: rules.require_may_have(guest, ("display_name", "role"))) == "INVALID_FIELD"
    assert reason_of(lambda: rules.require_may_have(guest, ("display_name",))) == ""
    assert reason_of(lambda: rules.require_may_have(a_member(), ("role",))) == ""
