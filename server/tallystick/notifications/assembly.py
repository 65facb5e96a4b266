"""How do the parts of notifications come together, and which jobs do they have?"""

from functools import partial

from tallystick.budgets.alerts import find_reached
from tallystick.identity.parts import Parts
from tallystick.jobs.ticker import Ticker
from tallystick.notifications.digests.job import Digests
from tallystick.notifications.due.devices import NewDevices
from tallystick.notifications.due.reminders import Reminders
from tallystick.notifications.due.spending import Spending
from tallystick.notifications.following.job import NoticeFollow
from tallystick.notifications.following.reading import Reading
from tallystick.notifications.raising import Raising
from tallystick.notifications.service import NotificationService
from tallystick.notifications.sweeping import Sweeping
from tallystick.notifications.telling.invitations import Invitations
from tallystick.store.apart import Apart
from tallystick.store.pages import Pages
from tallystick.store.store import Store

LOOK_EVERY_S, SWEEP_EVERY_S = 10.0, 3600.0
# A look at a book's spending takes some milliseconds: that many in each round are about a hundredth of the time.
SPENDING_MAX = 12


class Notifications:
    """What users should know of."""

    def __init__(self, store: Store, apart: Apart, pages: Pages, identity: Parts) -> None:
        self.service = NotificationService(store, pages)
        # For features that have something to tell.
        self.raising = Raising(store, apart)
        invitations = Invitations(store, apart, identity.keyed)
        self.follow = NoticeFollow(store, apart, Reading(store, invitations), self.raising)
        self.reminders = Reminders(store, apart, self.raising)
        self.spending = Spending(store, apart, self.raising, find_reached)
        self.devices = NewDevices(store, apart, self.raising, identity.keyed)
        self.digests = Digests(identity)
        self.sweeping = Sweeping(store, apart)

    def schedule(self, ticker: Ticker) -> None:
        ticker.every("remind", LOOK_EVERY_S, self.reminders.run)
        ticker.every("look_at_spending", LOOK_EVERY_S, partial(self.spending.run_some, SPENDING_MAX))
        ticker.every("tell_of_devices", LOOK_EVERY_S, self.devices.run)
        ticker.every("mail_digests", LOOK_EVERY_S, self.digests.run)
        ticker.every("forget_notifications", SWEEP_EVERY_S, self.sweeping.run)
