"""How does a file become an import, and what do answers change? What is found out outside of any transaction is kept in one commit."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple
from uuid import UUID

from tallystick import masks
from tallystick.caller import Caller
from tallystick.errors import InvalidInput, NotVisible
from tallystick.files.queries import OpenContent
from tallystick.groups.members.queries import MEMBERS, open_roster
from tallystick.groups.members.rules import Roster
from tallystick.groups.profiles.queries import GROUP_OF_SPACE
from tallystick.groups.tables import GROUP
from tallystick.imports import commands
from tallystick.imports.contents import read_whole
from tallystick.imports.placing import (
    ask_accounts,
    ask_currency,
    currencies_of,
    merge_said,
    owner_of,
    place_accounts,
    require_visible,
)
from tallystick.imports.profiles import find_profile, with_profile
from tallystick.imports.queries import get_import, get_secret
from tallystick.imports.reading.detecting import Format
from tallystick.imports.reading.lines import Reading
from tallystick.imports.shared.placing import ask_members, merge_members, place_members, require_members, totals_of
from tallystick.imports.shared.rows import as_line
from tallystick.imports.understanding import Understood, understand
from tallystick.imports.words import FORMATS
from tallystick.ledger.accounts.queries import LIVE_ACCOUNTS
from tallystick.ledger.books.queries import BOOK_OF_SPACE, open_book
from tallystick.ledger.rules import canonical
from tallystick.ledger.tables import ACCOUNT
from tallystick.store.store import Store
from tallystick.store.tx import ReadTx
from tallystick.times import to_timestamp
from tallystick.v1.import_pb2 import (
    Import,
    ImportAccount,
    ImportChoices,
    ImportMember,
    ImportPreviewLine,
    ImportProfile,
)
from tallystick.v1.import_service_pb2 import (
    CreateImportRequest,
    CreateImportResponse,
    UpdateImportMappingRequest,
    UpdateImportMappingResponse,
)
from tallystick.v1.ledger_pb2 import Account

PREVIEW_LINES = 10
# As many rows are compared within a call that answers at once.
COMPARED_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a file is read in: the book's accounts, as the caller sees them, or the group's members."""

    accounts: dict[str, Account]
    base_currency: str
    roster: Roster | None = None


class Said(NamedTuple):
    """What was said of whom and what a file names."""

    accounts: Sequence[ImportAccount] = ()
    members: Sequence[ImportMember] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """A file that was read, where its accounts go or who its people are, and what is asked."""

    understood: Understood
    placed: Sequence[ImportAccount]
    profile: ImportProfile | None
    choices: ImportChoices
    members: Sequence[ImportMember] = ()


class Making:
    """Makes imports of files, and reads them another way."""

    def __init__(self, store: Store, open_content: OpenContent) -> None:
        self._store = store
        self.open_content = open_content

    async def create(self, caller: Caller, request: CreateImportRequest) -> str:
        """The id of the import. A repeat makes none anew."""
        first = await self._store.find_answer(caller, request.space_id, request, CreateImportResponse)
        if first is not None:
            return first.file_import.id
        tx = self._store.reader(caller, request.space_id, request)
        around = await look_around(tx)
        account_id = canonical(request.account_id)
        if account_id and account_id not in around.accounts:
            raise NotVisible
        content = await self.open_content(tx, UUID(request.file_id))
        data = await read_whole(content)
        read = await self.read(tx, around, data, request.choices, Said(), account_id)
        made = Import(
            id=canonical(request.import_id) or str(self._store.clock.new_id()),
            space_id=canonical(request.space_id),
            file_id=canonical(request.file_id),
            file_name=content.file.name,
            profile_id=read.profile.id if read.profile else "",
            user_id=str(caller.user_id),
            created_at=to_timestamp(self._store.clock.now()),
        )
        describe(made, read, around)
        answer = await self._store.write(
            caller, request.space_id, request, partial(commands.create_import, made=made), CreateImportResponse
        )
        return answer.file_import.id

    async def answer(self, caller: Caller, request: UpdateImportMappingRequest) -> str:
        """Reads the file by other answers."""
        first = await self._store.find_answer(caller, request.space_id, request, UpdateImportMappingResponse)
        if first is not None:
            return first.file_import.id
        tx = self._store.reader(caller, request.space_id, request)
        before = await get_import(tx, UUID(request.import_id))
        if before.status not in commands.OPEN:
            raise commands.begun()
        around = await look_around(tx)
        require_visible(request.accounts, around.accounts)
        require_members(request.members, around.roster or Roster({}))
        data = await read_whole(await self.open_content(tx, UUID(before.file_id)))
        choices = request.choices if request.HasField("choices") else before.choices
        said = Said(merge_said(before.accounts, request.accounts), merge_members(before.members, request.members))
        read = await self.read(tx, around, data, choices, said, "", with_memory=False)
        made = masks.overlay(before, before, ())
        describe(made, read, around)
        command = partial(commands.update_import_mapping, made=made, readings=before.readings)
        await self._store.write(caller, request.space_id, request, command, UpdateImportMappingResponse)
        return before.id

    async def read(
        self,
        tx: ReadTx,
        around: Surroundings,
        data: bytes,
        choices: ImportChoices,
        said: Said,
        account_id: str,
        *,
        with_memory: bool = True,
    ) -> Read:
        """The file by these answers; and, the first time, by what a profile remembers for what they leave open."""
        known = [each.account_id for each in said.accounts if each.account_id in around.accounts] or [account_id]
        currency = choices.currency or _one_currency(around, known)
        understood = await asyncio.to_thread(understand, data, choices, currency)
        profile = await find_profile(tx, understood.fingerprint, await get_secret(tx)) if with_memory else None
        if profile is not None:
            choices = with_profile(choices, profile)
            said = Said(said.accounts or profile.accounts, said.members or profile.members)
            understood = await asyncio.to_thread(understand, data, choices, currency)
        require_place(understood, around)
        if understood.shared is not None and around.roster is not None:
            members = place_members(understood.shared, said.members, around.roster)
            return Read(understood, (), profile, choices, members)
        placed = place_accounts(understood.lines.lines, said.accounts, around.accounts, account_id)
        currencies = currencies_of(placed, around.accounts)
        if understood.has_no_currency and not choices.currency and currencies and currency not in currencies:
            understood = await asyncio.to_thread(understand, data, choices, currencies[0])
        return Read(understood, placed, profile, choices)


async def look_around(tx: ReadTx) -> Surroundings:
    rows, book, group, members = await tx.fetch_all(
        LIVE_ACCOUNTS(space_id=tx.space_id),
        BOOK_OF_SPACE(space_id=tx.space_id),
        GROUP_OF_SPACE(space_id=tx.space_id),
        MEMBERS(space_id=tx.space_id),
    )
    if group:
        return Surroundings({}, tx.require(GROUP, group).default_currency, open_roster(tx, members))
    accounts = {str(row[0]): tx.open(ACCOUNT, (row[0], row[1], row[2])) for row in rows}
    return Surroundings(accounts, open_book(tx, book).base_currency)


def require_place(understood: Understood, around: Surroundings) -> None:
    """What a group shares goes into groups, and nothing else does. While its encoding is asked, that is known already."""
    is_shared = understood.format is Format.SPLITWISE
    if is_shared and around.roster is None:
        raise InvalidInput.of_field("file", "holds what a group shares, and no lines of one account")
    if not is_shared and around.roster is not None:
        raise InvalidInput.of_field("file", "holds lines of accounts, and a group has none")


def _one_currency(around: Surroundings, account_ids: Sequence[str]) -> str:
    """That of the first account that is known; of a book without one, only so that there is something to show."""
    known = (around.accounts[each].currency for each in account_ids if each in around.accounts)
    return next(known, around.base_currency)


def describe(made: Import, read: Read, around: Surroundings) -> None:
    """Puts into the import what was found out."""
    understood = read.understood
    made.format = FORMATS[understood.format]
    made.choices.CopyFrom(read.choices)
    made.reading.CopyFrom(understood.reading)
    for name in ("questions", "accounts", "members", "totals", "columns", "preview", "counts"):
        made.ClearField(name)
    made.columns.extend(understood.columns)
    made.accounts.extend(read.placed)
    made.members.extend(read.members)
    lines = _lines_of(understood)
    made.preview.extend(_preview(lines))
    if understood.shared is not None:
        made.totals.extend(totals_of(understood.shared))
    made.questions.extend(understood.questions)
    if not understood.questions:
        currencies = currencies_of(read.placed, around.accounts)
        made.questions.extend(ask_accounts(read.placed))
        made.questions.extend(ask_members(read.members))
        made.questions.extend(ask_currency(understood, read.choices.currency, currencies))
    made.counts.rows = len(lines.lines) + len(lines.errors) if not understood.questions else 0
    made.status = commands.NEEDS_ANSWERS if made.questions else commands.UNREAD
    made.private_to = owner_of(read.placed, around.accounts)


def _lines_of(understood: Understood) -> Reading:
    shared = understood.shared
    return Reading(tuple(map(as_line, shared.lines)), shared.errors) if shared else understood.lines


def _preview(lines: Reading) -> list[ImportPreviewLine]:
    found = [
        *(
            ImportPreviewLine(
                line=line.row,
                booked_on=line.day.isoformat(),
                currency=line.amount.currency,
                minor=line.amount.minor,
                payee=line.payee,
                note=line.note,
            )
            for line in lines.lines[:PREVIEW_LINES]
        ),
        *(
            ImportPreviewLine(line=each.row, error=f"{each.field}: {each.description}")
            for each in lines.errors[:PREVIEW_LINES]
        ),
    ]
    return sorted(found, key=lambda each: each.line)[:PREVIEW_LINES]
