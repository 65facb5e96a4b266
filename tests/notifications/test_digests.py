"""Who gets which digest, when, and how often?"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from circle import Circle
from inbox import (
    IMPORT_FINISHED,
    caught_up,
    kind_preference,
    listed,
    mark_read,
    prefer,
    tell_something,
)
from letters import Mails, Received
from people import Client, Person, new_id, sign_up
from rpc.spaces.conftest import Verify
from rpc.spaces.sharing import back, member_of, share
from tallystick.app import App
from tallystick.notifications.digests.job import Digests
from tallystick_client.v1.auth_service_pb2 import UpdateMeRequest
from tallystick_client.v1.notification_preferences_pb2 import DigestFrequency
from turned_clock import TurnedClock

OFF, DAILY = DigestFrequency.DIGEST_FREQUENCY_OFF, DigestFrequency.DIGEST_FREQUENCY_DAILY
WEEKLY = DigestFrequency.DIGEST_FREQUENCY_WEEKLY
SUBJECT = "in Tallystick"


@contextmanager
def at(clock: TurnedClock, *moment: int) -> Iterator[None]:
    """Inside the block it is that moment in UTC."""
    with clock.later(seconds=(datetime(*moment, tzinfo=UTC) - clock.now()).total_seconds()):  # type: ignore[arg-type, misc]  # not the zone
        yield


@pytest.fixture
async def zoe(client: Client, verify: Verify) -> Person:
    """Somebody with a proven address."""
    return await verify(await sign_up(client, "Zoe"))


class Post:
    """What is mailed to somebody as time passes."""

    def __init__(self, server: App, person: Person, mails: Mails, clock: TurnedClock) -> None:
        self.server, self.person = server, person
        self._mails, self._clock = mails, clock

    async def tell(self, *moment: int) -> str:
        with at(self._clock, *moment):
            return await tell_something(self.person, self.server)

    async def run(self, *moment: int, many: int = 1) -> int:
        """Lets the job run at that moment. Returns how many digests there have been."""
        with at(self._clock, *moment):
            await caught_up(self.server)
            jobs = [Digests(self.server.identity.parts) for _ in range(many)]
            await asyncio.gather(*(job.run() for job in jobs))
        return len(await self.digests())

    async def digests(self) -> list[Received]:
        return [each for each in await self._mails(self.person.email) if each.subject.endswith(SUBJECT)]

    async def want(self, *moment: int, **fields: Any) -> None:
        with at(self._clock, *moment):
            await prefer(await back(self.person), **fields)
        await self.run(*moment)


@pytest.fixture
def post(server: App, zoe: Person, mails: Mails, clock: TurnedClock) -> Post:
    return Post(server, zoe, mails, clock)


async def test_who_asked_for_none_gets_none(post: Post) -> None:
    await post.tell(2030, 3, 1, 8, 0)
    assert await post.run(2030, 3, 9, 8, 0) == 0


async def test_a_daily_one_comes_at_its_hour_with_what_is_new_since_the_last(post: Post) -> None:
    await post.tell(2030, 3, 1, 6, 0)
    await post.want(2030, 3, 1, 7, 0, digest=DAILY, digest_hour=9)
    await post.tell(2030, 3, 1, 8, 0)
    assert await post.run(2030, 3, 1, 8, 59) == 0
    assert await post.run(2030, 3, 1, 9, 1) == 1
    await post.tell(2030, 3, 1, 10, 0)
    await post.tell(2030, 3, 1, 11, 0)
    assert await post.run(2030, 3, 2, 8, 59) == 1
    assert await post.run(2030, 3, 2, 9, 1) == 2
    oldest, newest = await post.digests()
    assert [each.subject.split()[0] for each in (newest, oldest)] == ["2", "1"]
    # Nothing new: no mail.
    assert await post.run(2030, 3, 3, 9, 1) == 2


async def test_a_weekly_one_comes_on_its_day(post: Post) -> None:
    # The 1st is a Friday.
    await post.want(2030, 3, 1, 7, 0, digest=WEEKLY, digest_hour=9, digest_weekday=3)
    await post.tell(2030, 3, 1, 8, 0)
    assert await post.run(2030, 3, 5, 23, 0) == 0
    assert await post.run(2030, 3, 6, 9, 1) == 1


async def test_many_servers_mail_one(post: Post) -> None:
    await post.want(2030, 3, 1, 7, 0, digest=DAILY, digest_hour=9)
    for day in (1, 2, 3):
        await post.tell(2030, 3, day, 8, 0)
        assert await post.run(2030, 3, day, 9, 1, many=5) == day
        assert await post.run(2030, 3, day, 9, 2, many=5) == day


async def test_the_hour_is_the_user_s_own(post: Post, clock: TurnedClock) -> None:
    await post.want(2030, 3, 1, 7, 0, digest=DAILY, digest_hour=0)
    with at(clock, 2030, 3, 1, 7, 0):
        person = await back(post.person)
        await person.auth.UpdateMe(UpdateMeRequest(request_id=new_id(), time_zone="Asia/Tokyo"))
    await post.tell(2030, 3, 1, 8, 0)
    assert await post.run(2030, 3, 1, 14, 59) == 0
    assert await post.run(2030, 3, 1, 15, 1) == 1


async def test_what_is_read_deleted_or_not_wanted_by_mail_is_not_in_it(post: Post, clock: TurnedClock) -> None:
    await post.want(2030, 3, 1, 7, 0, digest=DAILY, digest_hour=9)
    read = await post.tell(2030, 3, 1, 8, 0)
    with at(clock, 2030, 3, 1, 8, 1):
        await mark_read(await back(post.person), read)
    assert await post.run(2030, 3, 1, 9, 1) == 0
    await post.want(2030, 3, 1, 9, 2, kinds=[kind_preference(IMPORT_FINISHED, in_app=True, email=False)])
    await post.tell(2030, 3, 1, 10, 0)
    assert await post.run(2030, 3, 2, 9, 1) == 0
    await post.want(2030, 3, 2, 9, 2, kinds=[kind_preference(IMPORT_FINISHED, in_app=False, email=True)])
    await post.tell(2030, 3, 2, 10, 0)
    with at(clock, 2030, 3, 2, 10, 1):
        assert len(await listed(await back(post.person))) == 2
    assert await post.run(2030, 3, 3, 9, 1) == 1


async def test_whoever_wants_no_more_gets_no_more(post: Post) -> None:
    await post.want(2030, 3, 1, 7, 0, digest=DAILY, digest_hour=9)
    await post.tell(2030, 3, 1, 8, 0)
    await post.want(2030, 3, 1, 8, 1, digest=OFF)
    assert await post.run(2030, 3, 9, 9, 1) == 0
    # What was told in between is not made up for.
    await post.want(2030, 3, 9, 9, 2, digest=DAILY)
    assert await post.run(2030, 3, 10, 9, 1) == 0


async def test_an_address_that_is_not_proven_gets_no_mail_until_it_is(
    server: App, client: Client, mails: Mails, clock: TurnedClock, verify: Verify
) -> None:
    post = Post(server, await sign_up(client, "Yan"), mails, clock)
    await prefer(post.person, digest=DAILY, digest_hour=9)
    await post.tell(2030, 3, 1, 8, 0)
    assert await post.run(2030, 3, 1, 9, 1) == 0
    await verify(post.person)
    assert await post.run(2030, 3, 1, 9, 2) == 0
    await post.tell(2030, 3, 1, 10, 0)
    assert await post.run(2030, 3, 2, 9, 1) == 1


async def test_a_server_that_dies_before_it_mails_leaves_one_out_and_mails_none_twice(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    await post.want(2030, 3, 1, 7, 0, digest=DAILY, digest_hour=9)
    await post.tell(2030, 3, 1, 8, 0)
    with monkeypatch.context() as patch:
        patch.setattr(Digests, "_mail", _die)
        assert await post.run(2030, 3, 1, 9, 1) == 0
    assert await post.run(2030, 3, 1, 9, 30) == 0
    assert await post.run(2030, 3, 1, 12, 0) == 0
    await post.tell(2030, 3, 1, 13, 0)
    assert await post.run(2030, 3, 2, 9, 1) == 1


async def _die(*_: Any) -> None:
    raise ConnectionError


@pytest.mark.parametrize("amounts", [False, True])
async def test_amounts_are_in_it_only_for_who_wants_them(post: Post, circle: Circle, amounts: bool) -> None:
    await share(circle.person, circle.id, post.person)
    await post.want(2030, 3, 1, 7, 0, digest=DAILY, digest_hour=9, amounts_in_mail=amounts)
    zoe_id = (await member_of(circle.person, circle.id, post.person)).id
    await circle.spend(4321, among=[zoe_id], description="Dinner")
    with at(post._clock, 2030, 3, 1, 8, 0):
        await caught_up(post.server)
    assert await post.run(2030, 3, 1, 9, 1) == 1
    (mail,) = await post.digests()
    assert '"Ann" added 1 expense with you, "Dinner"' in mail.text
    assert ("43.21 EUR" in mail.text) is amounts
