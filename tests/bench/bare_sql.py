"""What do the statements of one write cost without any server? pgbench sends them as they are, to the same PostgreSQL.

The statements are recorded from a real write and not written down a second time, so that this floor moves with the code: the
same texts in the same batches, as the same role, under row-level security, past the refusing trigger. Values that differ from
call to call become pgbench's variables; the seq, which pgbench cannot carry from one pipeline to the next, is read from where
the door has put it for the trigger.
"""

import asyncio
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from psycopg import adapters
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Format
from psycopg.sql import Literal
from psycopg_pool import AsyncConnectionPool

from bench.books import ACCOUNT_PREFIX, BOOK_PREFIX, CATEGORY_PREFIX, Book
from bench.effort import CALLERS
from bench.place import Place
from tallystick.caller import Caller
from tallystick.ledger.transactions.commands import create_transaction
from tallystick.runtime.binaries import find_packaged_bin_dir
from tallystick.store.connection import Connection, Row
from tallystick.store.statements import Call
from tallystick.store.store import Store
from tallystick.v1.ledger_service_pb2 import CreateTransactionRequest, CreateTransactionResponse

THREADS = 2
# The first second goes to connecting, preparing and planning.
WARM_UP_S = 1
GRACE_S = 30.0
# The digits that `salt` puts at the start of a sealed cell, as bytes.
_SALT_BYTES = 6
_SETTINGS = """
\\set book random({first}, {last})
\\set new_left random(10000000, 99999999)
\\set new_right random(100000000000, 999999999999)
\\set request_left random(10000000, 99999999)
\\set request_right random(100000000000, 999999999999)
\\set salt random(100000000000, 999999999999)
"""
_SEQ = "current_setting('tallystick.seq')"
_TYPES = "UUID|BIGINT|INTEGER|SMALLINT|VARCHAR|CHAR|TEXT|DATE|TIMESTAMP WITH TIME ZONE|BOOLEAN|INTERVAL"
_PARAMETER = re.compile(rf"\$(\d+)(?:::((?:{_TYPES})(?:\(\d+\))?(?:\[\])?))?")
_PROGRESS = re.compile(r"^progress: [\d.]+ s, ([\d.]+) tps", re.MULTILINE)
_ALIASES = {"VARCHAR": "text", "CHAR": "bpchar"}


class PgbenchFailed(Exception):
    """pgbench is not there, or did not do what it was asked."""


class _Recorder(Connection):
    """A connection that remembers what it was asked to send."""

    async def batch(self, calls: Sequence[Call[*tuple[Any, ...]]]) -> list[list[Row]]:
        recorded.append(list(calls))
        return await super().batch(calls)


recorded: list[list[Call[*tuple[Any, ...]]]] = []


@dataclass(frozen=True)
class Bare:
    """The bare statements, ready to run."""

    script: Path
    env: Mapping[str, str]

    async def rate(self, seconds: int) -> float:
        """Transactions a second, after the warm-up."""
        command = [
            str(find_pgbench()),
            *("--no-vacuum", "--protocol=prepared", f"--client={CALLERS}", f"--jobs={THREADS}"),
            *(f"--time={WARM_UP_S + seconds}", "--progress=1", f"--file={self.script}"),
        ]
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, env=self.env, stdout=pipe, stderr=pipe)
        try:
            async with asyncio.timeout(WARM_UP_S + seconds + GRACE_S):
                out, said = (text.decode() for text in await process.communicate())
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        rates = [float(rate) for rate in _PROGRESS.findall(said)][WARM_UP_S:]
        if process.returncode or not rates:
            raise PgbenchFailed(f"pgbench ended with {process.returncode}:\n{out}{said}")
        return sum(rates) / len(rates)


def find_pgbench() -> Path:
    path = find_packaged_bin_dir() / "pgbench"
    if not path.exists():
        raise PgbenchFailed(f"there is no pgbench beside the packaged PostgreSQL ({path})")
    return path


async def prepare(place: Place, owner: Caller, books: Sequence[Book]) -> Bare:
    """Records one write into one of the books, and makes it a script that writes into all of them.

    What pgbench writes cannot be opened by anybody, so these books serve nothing else.
    """
    book = books[0]
    warm, request = (book.expense(250, request_id=str(uuid4()), transaction_id=str(uuid4())) for _ in range(2))
    async with AsyncConnectionPool[Connection](
        place.postgres.app_dsn, connection_class=_Recorder, kwargs={"autocommit": True}, min_size=1, open=False
    ) as pool:
        store = Store(pool, place.store.keys.keyring, place.store.clock, nudge=lambda space_id: None)
        await _write(store, owner, book, warm)
        recorded.clear()
        answer = await _write(store, owner, book, request)
        batches = list(recorded)
    variables = {
        book.id: _id_of(BOOK_PREFIX, "book"),
        book.account_id: _id_of(ACCOUNT_PREFIX, "book"),
        book.category_id: _id_of(CATEGORY_PREFIX, "book"),
        UUID(request.transaction_id): "(:new_left::text || '-0000-4000-8000-' || :new_right::text)",
        UUID(request.request_id): "(:request_left::text || '-0000-4000-8000-' || :request_right::text)",
    }
    script = place.folder / "bare.sql"
    settings = _SETTINGS.format(first=books[0].number, last=books[-1].number)
    script.write_text(settings + compose_script(batches, variables, answer.transaction.version))
    return Bare(script, _environment(place.postgres.app_dsn))


async def _write(
    store: Store, owner: Caller, book: Book, request: CreateTransactionRequest
) -> CreateTransactionResponse:
    return await store.write(owner, book.id, request, create_transaction, CreateTransactionResponse)


def _id_of(prefix: str, variable: str) -> str:
    return f"('{prefix}' || :{variable}::text)"


def _environment(dsn: str) -> dict[str, str]:
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    return {names[key]: str(value) for key, value in conninfo_to_dict(dsn).items() if key in names}


def compose_script(batches: Sequence[Sequence[Call[*tuple[Any, ...]]]], variables: Mapping[UUID, str], seq: int) -> str:
    """One pipeline for each batch: as many round trips as the store makes."""
    lines = []
    for batch in batches:
        lines += [
            "\\startpipeline",
            *(f"{_compose_statement(call, variables, seq)};" for call in batch),
            "\\endpipeline",
        ]
    return "\n".join(lines) + "\n"


def _compose_statement(call: Call[*tuple[Any, ...]], variables: Mapping[UUID, str], seq: int) -> str:
    def value_of(match: re.Match[str]) -> str:
        number, type_name = int(match[1]), match[2]
        wire = call.values[number - 1]
        if wire is None:
            return f"NULL::{type_name or 'bytea'}"
        if type_name is None:
            # No cell is as short as a boolean, the other type that is written without its name.
            return _cell(bytes(wire)) if len(wire) > 1 else str(bool(wire[0]))
        value = _read(type_name, bytes(wire))
        if type_name == "UUID" and value in variables:
            return f"{variables[value]}::uuid"
        if type_name == "BIGINT" and value == seq:
            return f"{_SEQ}::bigint"
        return f"{Literal(value).as_string()}::{type_name}"

    return _PARAMETER.sub(value_of, call.statement.text.decode())


def _cell(sealed: bytes) -> str:
    """Bytes of the same length, different in every transaction, because what does not change is cheaper to update."""
    rest = os.urandom(len(sealed) - _SALT_BYTES).hex()
    return f"('\\x' || :salt::text || '{rest}')::bytea"


def _read(type_name: str, wire: bytes) -> Any:
    """The value that a parameter has on the wire."""
    is_array = type_name.endswith("[]")
    name = type_name.removesuffix("[]").partition("(")[0]
    known = adapters.types[_ALIASES.get(name, name.lower())]
    oid = known.array_oid if is_array else known.oid
    loader = adapters.get_loader(oid, Format.BINARY)
    assert loader is not None, f"psycopg cannot read {type_name} in its binary form"
    return loader(oid).load(wire)
