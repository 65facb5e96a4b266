"""Whom does a template remind, and of what? On the day of an occurrence, everybody who sees the template.

A server that was away for days reminds once, of the latest: how many wait is in it.
"""

from datetime import datetime
from uuid import UUID

from tallystick.caller import Caller
from tallystick.errors import NotVisible
from tallystick.jobs.due.job import NO_HOME, Leased
from tallystick.ledger.templates import queries
from tallystick.ledger.templates.reminders import Reminder, next_reminder_at, reminder_of
from tallystick.ledger.templates.rules import today_in
from tallystick.notifications import writes
from tallystick.notifications.due.audience import find_users
from tallystick.notifications.due.looking import Looking
from tallystick.notifications.notices import Notice, Place, compose_notice, id_of_reminder
from tallystick.notifications.raising import Raising
from tallystick.store.apart import Apart
from tallystick.store.store import Store
from tallystick.v1.ledger_pb2 import Book
from tallystick.v1.ledger_templates_pb2 import GetTemplateRequest, Template
from tallystick.v1.notification_details_pb2 import ReminderDue
from tallystick.v1.notification_pb2 import NotificationKind


class Reminders(Looking):
    """Reminds of the occurrences of templates that do not post by themselves."""

    noun = "reminder"
    dues = writes.REMINDER_DUES

    def __init__(self, store: Store, apart: Apart, raising: Raising) -> None:
        super().__init__(store, apart)
        self._raising = raising

    async def _look(self, leased: Leased) -> datetime | None:
        now, next_at, notices = self._store.clock.now(), None, list[Notice]()
        for user_id in await find_users(self._store, leased.space_id):
            try:
                template, book = await self._read_as(user_id, leased)
            except NotVisible:
                # Somebody else's private one, or the user has just left.
                continue
            reminder = reminder_of(template, today_in(book.time_zone, now))
            if reminder is not None:
                notices.append(_compose(user_id, template, book, reminder))
            next_at = next_reminder_at(template, book.time_zone, now)
        await self._raising.raise_notices(notices)
        return next_at

    async def _read_as(self, user_id: UUID, leased: Leased) -> tuple[Template, Book]:
        asked = GetTemplateRequest(book_id=str(leased.space_id), template_id=str(leased.entity_id))
        reader = self._store.reader(Caller(user_id, NO_HOME, None, ""), leased.space_id, asked)
        return await queries.get_with_book(reader, asked)


def _compose(user_id: UUID, template: Template, book: Book, reminder: Reminder) -> Notice:
    draft = template.draft
    details = ReminderDue(
        template_id=template.id,
        template_name=template.name,
        slot_on=reminder.slot_on.isoformat(),
        booked_on=reminder.booked_on.isoformat(),
        amount=draft.amount if draft.HasField("amount") else None,
        waiting=reminder.waiting,
    )
    notice_id = id_of_reminder(UUID(book.id), UUID(template.id), reminder.slot_on, user_id)
    place = Place(UUID(book.id), book.name)
    return compose_notice(user_id, notice_id, NotificationKind.NOTIFICATION_KIND_REMINDER_DUE, place, details)
