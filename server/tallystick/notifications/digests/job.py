"""How does a user get a digest, no more than once? Whoever is about to mail it takes its turn first.

A server that dies between the two leaves a digest out. That costs little: everything is in the app still, and mails that come twice are
what people unsubscribe from. A digest has what was told since the one before, so none is told in two.
"""

from datetime import datetime

from tallystick.caller import Caller
from tallystick.identity.parts import Parts
from tallystick.identity.queries import PROFILE_OF_HOME
from tallystick.identity.tables import PROFILE
from tallystick.jobs.due.job import Leased
from tallystick.notifications import queries, writes
from tallystick.notifications.digests.letters import compose_digest
from tallystick.notifications.digests.times import Plan, last_until, next_after
from tallystick.notifications.due.looking import Looking
from tallystick.notifications.rules import OFF, channels_of, default_preferences
from tallystick.notifications.tables import NOTIFICATION, NOTIFICATION_PREFERENCES
from tallystick.store.tx import ReadTx
from tallystick.v1.identity_pb2 import User
from tallystick.v1.notification_pb2 import Notification
from tallystick.v1.notification_preferences_pb2 import (
    GetNotificationPreferencesRequest,
    NotificationPreferences,
)

# More than anybody reads: what is behind them is not even counted.
COUNTED_MAX = 1000


class Digests(Looking):
    """Mails digests at their hours."""

    noun = "digest"
    dues = writes.DIGEST_DUES

    def __init__(self, identity: Parts) -> None:
        super().__init__(identity.store, identity.apart)
        self._identity = identity

    async def _look(self, leased: Leased) -> datetime | None:
        user, preferences = await self._read(leased)
        if preferences.digest == OFF or not user.email_verified:
            return None
        plan, now = Plan.of(preferences, user.time_zone), self._store.clock.now()
        ((sent_until,),) = await self._apart.fetch(writes.SENT_UNTIL(of_space=leased.space_id))
        if sent_until is None:
            # Asked for just now: the first one has what is told from now on.
            await self._take(leased, now)
        elif last_until(plan, now) > sent_until and await self._take(leased, now):
            await self._mail(leased, user, preferences, sent_until, now)
        return next_after(plan, now)

    async def _take(self, leased: Leased, now: datetime) -> bool:
        taken = writes.TAKE_DIGEST(of_space=leased.space_id, lease=leased.until, sent_until=now)
        return bool(await self._apart.fetch(taken))

    async def _mail(
        self, leased: Leased, user: User, preferences: NotificationPreferences, after: datetime, until: datetime
    ) -> None:
        found = [
            each for each in await self._list_unread(leased, after, until) if channels_of(preferences, each.kind).email
        ]
        if not found:
            return
        public_url = self._identity.settings.public_url
        letter = compose_digest(found, with_amounts=preferences.amounts_in_mail, public_url=public_url)
        self._identity.errands.start("mail_digest", self._identity.mail.send(user.email, letter.subject, letter.body))

    async def _list_unread(self, leased: Leased, after: datetime, until: datetime) -> list[Notification]:
        tx = self._reader(leased)
        asked = queries.UNREAD_BETWEEN(space_id=tx.space_id, after=after, until=until, limit=COUNTED_MAX)
        return [tx.open(NOTIFICATION, row) for row in await tx.fetch(asked)]

    async def _read(self, leased: Leased) -> tuple[User, NotificationPreferences]:
        tx = self._reader(leased)
        profiles, kept = await tx.fetch_all(
            PROFILE_OF_HOME(space_id=tx.space_id), queries.PREFERENCES(space_id=tx.space_id)
        )
        user = tx.require(PROFILE, [(row[0], row[1], row[2]) for row in profiles])
        rows = [(row[0], row[1], row[2]) for row in kept]
        return user, tx.open(NOTIFICATION_PREFERENCES, rows[0]) if rows else default_preferences(tx.space_id)

    def _reader(self, leased: Leased) -> ReadTx:
        caller = Caller(leased.user_id, leased.space_id, None, "")
        return self._store.reader(caller, leased.space_id, GetNotificationPreferencesRequest())
