"""When is a delivery tried again, and when not any more?"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tallystick.v1.role_pb2 import Role
from tallystick.webhooks import rules
from tallystick.webhooks.rules import GIVE_UP_AFTER, PAUSE_FIRST, PAUSE_MAX, Position, Progress, Verdict

NOW = datetime(2026, 2, 3, tzinfo=UTC)
WEBHOOK = UUID(int=1)


@given(st.uuids(), st.integers(1, 10**9))
def test_pauses_grow_up_to_an_hour_and_are_the_same_everywhere(delivery_id: UUID, attempts: int) -> None:
    pause = rules.pause_after(delivery_id, attempts)
    full = min(PAUSE_FIRST * 2 ** min(attempts - 1, 30), PAUSE_MAX)
    assert full / 2 <= pause <= full
    assert rules.pause_after(UUID(str(delivery_id)), attempts) == pause


def test_those_who_failed_together_do_not_come_back_together() -> None:
    assert len({rules.pause_after(UUID(int=number), 5) for number in range(100)}) == 100


@given(st.uuids())
def test_a_day_has_a_bounded_number_of_attempts(delivery_id: UUID) -> None:
    passed, attempts = timedelta(), 1
    while passed < GIVE_UP_AFTER:
        passed += rules.pause_after(delivery_id, attempts)
        attempts += 1
    assert 24 < attempts < 70


def test_a_target_that_fails_for_days_is_given_up_thrice_and_then_altogether() -> None:
    progress, now, verdicts = Progress(Position(3), 3), NOW, []
    for seq in range(4, 7):
        progress = rules.failed(progress, now)
        verdicts.append(rules.judge(progress, now))
        now += GIVE_UP_AFTER
        progress = rules.failed(progress, now)
        verdicts.append(rules.judge(progress, now))
        if verdicts[-1] == Verdict.GIVE_UP:
            progress = rules.given_up(progress, Position(seq))
            assert (progress.attempts, progress.failing_since, progress.told_seq) == (0, None, seq)
    assert verdicts == [Verdict.AGAIN, Verdict.GIVE_UP, Verdict.AGAIN, Verdict.GIVE_UP, Verdict.AGAIN, Verdict.STOP]


def test_one_that_arrives_makes_good_for_those_before() -> None:
    progress = rules.given_up(rules.failed(Progress(Position(3), 3), NOW), Position(4))
    assert progress.given_up == 1
    assert rules.delivered(progress, Position(5, 2)) == Progress(Position(5, 2), 5)
    assert rules.passed_over(progress, Position(9)) == progress._replace(at=Position(9))


@given(st.lists(st.integers(0, 600), min_size=1, unique=True), st.integers(1, 2**62))
def test_an_id_names_exactly_these_changes(ordinals: list[int], seq: int) -> None:
    named = rules.delivery_id_of(WEBHOOK, seq, ordinals)
    assert rules.delivery_id_of(WEBHOOK, seq, list(ordinals)) == named
    assert rules.delivery_id_of(WEBHOOK, seq, [*ordinals, 601]) != named
    assert rules.delivery_id_of(WEBHOOK, seq + 1, ordinals) != named
    assert rules.delivery_id_of(UUID(int=2), seq, ordinals) != named


def test_why_somebody_may_not_look() -> None:
    assert rules.why_lost(None) == rules.LOST[0]
    assert rules.why_lost(Role.ROLE_EDITOR) == rules.why_lost(Role.ROLE_VIEWER) == rules.LOST[1]
    assert rules.why_lost(Role.ROLE_OWNER) == rules.NO_PROBLEM
