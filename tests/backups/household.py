"""What is backed up in tests? A household on a server of its own: books, a group, a private account, a budget, settings, files, an import,
history, audit.

And what is compared afterwards: what each person sees through the API, and the tables themselves.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import grpc
import psycopg
import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message
from psycopg import sql

from circle import Circle, make_circle
from files.desk import PART, bring, content_of, download, photo
from fresh_database import FreshDatabase
from imports.desk import Desk, statement
from people import BookOf, Client, Person, make_book, new_id, sign_in, sign_up
from rpc.spaces.sharing import share
from tallystick import app, schema
from tallystick.backups.whole.selection import KEYS, LEFT_OUT
from tallystick.cli import main
from tallystick.clock import Clock
from tallystick.config import Config
from tallystick_client.v1 import (
    auth_service_pb2,
    budget_pb2,
    file_service_pb2,
    group_balances_pb2,
    import_rows_pb2,
    import_service_pb2,
    ledger_accounts_pb2,
    ledger_categories_pb2,
    ledger_pb2,
    ledger_service_pb2,
    ledger_transactions_pb2,
    settings_client_values_pb2,
    settings_pb2,
    space_service_pb2,
    sync_service_pb2,
)
from tallystick_client.v1.file_pb2 import File
from tallystick_client.v1.space_pb2 import SpaceKind

PAYEE = "Kornkammer"
PASSPHRASE = "tally sticks split evenly"
# What differs after every restore, on purpose: where spaces are, and answers that were secrets.
RENEWED = {"space": {"seq", "epoch"}, "answer_apart": {"body"}}
_COLUMNS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (c.oid, a.attnum)
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
"""
_CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
"""
_RELATIONS = """
    SELECT relname, relkind, relrowsecurity, relforcerowsecurity, relowner::regrole::text, relacl::text, reloptions::text
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i')
"""
_TRIGGERS = """
    SELECT tgrelid::regclass::text, tgname, tgenabled, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
"""
GUARDS = (
    _COLUMNS,
    _CONSTRAINTS,
    _RELATIONS,
    _TRIGGERS,
    "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "SELECT tablename, policyname, permissive, qual, with_check FROM pg_policies WHERE schemaname = 'public'",
    "SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg_%'",
)


@dataclass(frozen=True)
class Installation:
    """A database and a data directory, for commands and for a server."""

    database: FreshDatabase
    data_dir: Path
    config: Config

    @property
    def passphrase_file(self) -> Path:
        return self.data_dir.parent / "passphrase"

    @asynccontextmanager
    async def served(self) -> AsyncIterator[tuple[app.App, Client]]:
        async with (
            app.running(self.config, Clock()) as server,
            grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel,
        ):
            yield server, Client(channel)

    async def command(self, patch: pytest.MonkeyPatch, *words: object) -> int:
        """What an operator types, in a thread of its own, because the test's loop is running."""
        self.passphrase_file.write_text(PASSPHRASE + "\n")
        with patch.context() as patched:
            for name, value in self.environment().items():
                patched.setenv(name, value)
            return await asyncio.to_thread(
                main.main, [*map(str, words), "--passphrase-file", str(self.passphrase_file)]
            )

    def environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.database.app_dsn,
            "MIGRATION_DATABASE_URL": self.database.owner_dsn,
            "BACKUP_DATABASE_URL": self.database.superuser_dsn,
            "TALLYSTICK_DATA_DIR": str(self.data_dir),
        }


def install(database: FreshDatabase, folder: Path, config: Config) -> Installation:
    folder.mkdir(exist_ok=True)
    data_dir = folder / "data"
    settings = replace(config, data_dir=data_dir, database_url=database.app_dsn, keyring="")
    return Installation(database, data_dir, settings)


@dataclass(frozen=True)
class Household:
    """Ann and Bob, their shared book, Ann's private account in it, and their group with a guest."""

    ann: Person
    bob: Person
    book: BookOf
    circle: Circle
    private_id: str
    # A picture, in one part and with a small picture of it; and something of two parts.
    contents: tuple[bytes, bytes]


async def settle_in(client: Client, contract: bytes = b"") -> Household:
    """`contract`: what the larger file is; usually something of two parts."""
    ann, bob = await sign_up(client, "Ann"), await sign_up(client, "Bob")
    book = await make_book(ann)
    await share(ann, book.id, bob)
    private = await ann.ledger.CreateAccount(
        ledger_service_pb2.CreateAccountRequest(
            request_id=new_id(),
            book_id=book.id,
            name="Presents",
            type=ledger_pb2.AccountType.ACCOUNT_TYPE_CASH,
            currency="EUR",
            private=True,
        )
    )
    spent = await book.spend(1250)
    await book.spend(300, account_id=private.account.id, payee="For Bob")
    await bob.ledger.UpdateTransaction(
        ledger_transactions_pb2.UpdateTransactionRequest(
            request_id=new_id(),
            book_id=book.id,
            transaction_id=spent.transaction.id,
            change=ledger_pb2.TransactionDraft(note="wheat"),
            update_mask=FieldMask(paths=["note"]),
        )
    )
    await ann.ledger.DeleteTransaction(
        ledger_transactions_pb2.DeleteTransactionRequest(
            request_id=new_id(), book_id=book.id, transaction_id=(await book.spend(99)).transaction.id
        )
    )
    circle = await make_circle(ann, "Gus")
    await share(ann, circle.id, bob)
    await circle.spend(3000)
    await make_budget(book)
    await ann.settings.PutClientValue(
        settings_client_values_pb2.PutClientValueRequest(request_id=new_id(), key="demo/tab", value=b"1")
    )
    return Household(ann, bob, book, circle, private.account.id, await bring_files(book, circle, contract))


async def bring_files(book: BookOf, circle: Circle, contract: bytes) -> tuple[bytes, bytes]:
    receipt, contract = photo(120, 80), contract or content_of(PART + 1000)
    kept = await bring(book.person, book.id, receipt, name="bread.png")
    await book.spend(450, attachment_ids=[kept.id])
    await bring(circle.person, circle.id, contract, name="rent.bin")
    await Desk(book).take_in(statement(f"2026-03-01,{PAYEE},-3.50", "2026-03-02,Employer,2000.00"))
    return receipt, contract


async def make_budget(book: BookOf) -> None:
    await book.person.budgets.CreateBudget(
        budget_pb2.CreateBudgetRequest(
            request_id=new_id(),
            book_id=book.id,
            name="Months",
            mode=budget_pb2.BudgetMode.BUDGET_MODE_LIMIT,
            periods=budget_pb2.BudgetPeriods(months=budget_pb2.MonthPeriods(months=1, anchor_on="2026-01-01")),
            starts_on="2026-01-01",
        )
    )


async def seen_by(person: Person) -> Mapping[str, Any]:
    """All that somebody sees, by what it is. Equal before a backup and after a restore."""
    listed = await person.spaces.ListSpaces(space_service_pb2.ListSpacesRequest())
    seen: dict[str, Any] = {
        "me": plain(await person.auth.GetMe(auth_service_pb2.GetMeRequest())),
        "settings": plain(await person.settings.GetSettings(settings_pb2.GetSettingsRequest())),
        "values": plain(await person.settings.ListClientValues(settings_client_values_pb2.ListClientValuesRequest())),
    }
    spaces = [person.user.home_id, *(each.id for each in listed.spaces)]
    for space_id in sorted({*spaces}):
        seen[f"copy of {space_id}"] = await copied(person, space_id)
    for space in listed.spaces:
        seen |= await _in_space(person, space)
    return seen


async def _in_space(person: Person, space: Any) -> dict[str, Any]:
    found = [await person.spaces.ListMembers(space_service_pb2.ListMembersRequest(space_id=space.id))]
    if space.kind == SpaceKind.SPACE_KIND_BOOK:
        book = person.ledger
        found += [
            await book.ListTransactions(ledger_service_pb2.ListTransactionsRequest(book_id=space.id, page_size=200)),
            await book.ListAccounts(ledger_accounts_pb2.ListAccountsRequest(book_id=space.id)),
            await book.ListCategories(ledger_categories_pb2.ListCategoriesRequest(book_id=space.id)),
            await person.budgets.ListBudgets(budget_pb2.ListBudgetsRequest(book_id=space.id)),
            *await _of_imports(person, space.id),
        ]
    if space.kind == SpaceKind.SPACE_KIND_GROUP:
        balances = await person.groups.GetBalances(group_balances_pb2.GetBalancesRequest(group_id=space.id))
        # Where the space is: it goes on elsewhere after a restore.
        balances.version = 0
        found.append(balances)
    listed = await person.files.ListFiles(file_service_pb2.ListFilesRequest(space_id=space.id))
    contents = {file.id: await _contents(person, file) for file in listed.files}
    return {f"{space.id} {type(each).__name__}": plain(each) for each in found} | {f"{space.id} files": contents}


async def _contents(person: Person, file: File) -> list[bytes]:
    """Of a file, and of the small picture of it."""
    small = [True] if file.has_thumbnail else []
    return [await download(person, file.space_id, file.id, thumbnail=which) for which in (False, *small)]


async def _of_imports(person: Person, book_id: str) -> list[Message]:
    listed = await person.imports.ListImports(import_service_pb2.ListImportsRequest(space_id=book_id))
    (done,) = listed.imports
    rows = import_rows_pb2.ListImportRowsRequest(space_id=book_id, import_id=done.id)
    return [listed, await person.imports.ListImportRows(rows)]


async def copied(person: Person, space_id: str, cursor: str = "") -> list[object]:
    """A space as a device holds it: every change of a new copy, or those since a cursor."""
    pages = person.streams.Pull(sync_service_pb2.PullRequest(space_id=space_id, cursor=cursor))
    return [plain(change) async for page in pages for change in page.changes]


async def cursor_of(person: Person, space_id: str) -> tuple[str, int]:
    """Where a new copy ends, and why it was made anew."""
    pages = [page async for page in person.streams.Pull(sync_service_pb2.PullRequest(space_id=space_id))]
    return pages[-1].cursor, pages[0].reset


def contents_in(seen: Mapping[str, Any]) -> set[bytes]:
    """Of all files that somebody sees."""
    listed = [each for name, each in seen.items() if name.endswith(" files")]
    return {content for files in listed for contents in files.values() for content in contents}


def stored_by(config: Config) -> dict[str, bytes]:
    """What lies outside of the database."""
    root = config.data_dir / "files"
    return {str(path.relative_to(root)): path.read_bytes() for path in root.glob("*/*/*") if path.is_file()}


def in_plain(home: Household, *places: Path) -> list[bytes]:
    """What of the household anybody could read there who has no key."""
    written = b"".join(path.read_bytes() for place in places for path in (place, *place.rglob("*")) if path.is_file())
    secrets = (PAYEE.encode(), b"bread.png", *(content[len(content) // 2 :][:32] for content in home.contents))
    return [each for each in secrets if each in written]


def plain(message: Message) -> bytes:
    return message.SerializeToString(deterministic=True)


async def again(client: Client, person: Person) -> Person:
    """The same person on another server, by address and password."""
    return await sign_in(client, person.email)


def rows_of(database: FreshDatabase) -> dict[str, list[Any]]:
    """Every row of every table that an archive takes, without what a restore renews."""
    rows: dict[str, list[Any]] = {}
    with database.as_superuser() as connection:
        for name, table in sorted(schema.metadata.tables.items()):
            if name in LEFT_OUT or name == KEYS:
                continue
            taken = [column.name for column in table.columns if column.name not in RENEWED.get(name, ())]
            names = sql.SQL(", ").join(map(sql.Identifier, taken))
            found = connection.execute(sql.SQL("SELECT {} FROM {}").format(names, sql.Identifier(name)))
            rows[name] = sorted(found.fetchall(), key=repr)
    return rows


def guards_of(database: FreshDatabase) -> list[Any]:
    """Everything that a schema is beside its rows: columns, constraints, indexes, policies, triggers, rights, owners."""
    with psycopg.connect(database.superuser_dsn) as connection:
        return [sorted(connection.execute(query.encode()).fetchall(), key=repr) for query in GUARDS]
