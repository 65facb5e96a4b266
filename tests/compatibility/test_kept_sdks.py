"""Does an app that was built with an old version of the Python SDK still work, and does it lose nothing of what newer apps have written?"""

import asyncio
import json
import sqlite3
import sys
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from clients.app import read_program, read_promises
from clients.tools import run
from files.desk import bring
from people import PASSWORD, BookOf, Client, new_id, sign_in
from rpc.budget_cases import make_budget_nouns
from tallystick import app
from tallystick_client import Client as Newer
from tallystick_client.offline import OfflineBook, Verdict
from tallystick_client.v1 import ledger_accounts_pb2, ledger_service_pb2, ledger_transactions_pb2, space_service_pb2
from tallystick_client.v1.ledger_pb2 import CategoryKind

HERE = Path(__file__).parent
# A program that signs up, syncs and watches, on a machine that does much else.
STORY_TIMEOUT_S = 150.0
KEPT = sorted((HERE / "kept").glob("*.whl"))


def speak(wheel: Path, *words: str | Path, within: Path) -> str:
    """What a program says that has this version of the SDK, and nothing of ours beside it."""
    done = run(sys.executable, "-P", *words, within=within, within_s=STORY_TIMEOUT_S, PYTHONPATH=str(wheel))
    assert done.returncode == 0, done.stderr
    return done.stdout


def readme_of(wheel: Path) -> str:
    with zipfile.ZipFile(wheel) as files:
        (name,) = (name for name in files.namelist() if name.endswith(".dist-info/METADATA"))
        return files.read(name).decode()


@pytest.mark.parametrize("wheel", KEPT, ids=lambda wheel: wheel.name)
async def test_its_readme_does_what_it_says(wheel: Path, server: app.App, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(readme_of(wheel))
    program = read_program(tmp_path / "README.md", "python")
    promises = read_promises(program)
    assert len(promises) >= 8
    program = program.replace("127.0.0.1:8080", f"127.0.0.1:{server.port}").replace("py@", f"{uuid4().hex[:12]}@")
    (tmp_path / "program.py").write_text(program)
    said = await asyncio.to_thread(speak, wheel, "program.py", within=tmp_path)
    assert said.splitlines() == promises


@pytest.mark.parametrize("wheel", KEPT, ids=lambda wheel: wheel.name)
async def test_it_loses_nothing_of_what_newer_apps_write(
    wheel: Path, server: app.App, client: Client, tmp_path: Path
) -> None:
    email = f"old-{uuid4().hex[:12]}@example.com"

    async def play(act: str) -> dict[str, Any]:
        words = (HERE / "session.py", act, f"127.0.0.1:{server.port}", tmp_path, email)
        said: dict[str, Any] = json.loads(await asyncio.to_thread(speak, wheel, *map(str, words), within=tmp_path))
        return said

    begun = await play("begin")
    assert begun["shares"] == [1500, 1500]
    book = await book_of(client, email, begun)
    attached = await use_what_is_new(book, begun["transaction"])
    went_on = await play("go_on")
    account = await asyncio.to_thread(compare_copies, f"127.0.0.1:{server.port}", book, tmp_path / "book.db")
    assert went_on == {
        "balance": -1330,
        "arrived": "Kiosk",
        "waiting": 0,
        "tray": 0,
        "conflicts": 0,
        # It holds entities that it cannot compare.
        "verified": ["CANNOT_TELL", "SAME"],
        "account": account,
        "open": {"EUR": [-3000, 3000]},
    }
    got = ledger_service_pb2.GetTransactionRequest(book_id=book.id, transaction_id=begun["transaction"])
    kept = (await book.person.ledger.GetTransaction(got)).transaction
    assert (kept.note, list(kept.attachment_ids)) == ("from an old app", [attached])


async def book_of(client: Client, email: str, begun: dict[str, Any]) -> BookOf:
    """The book, as a newer app of the same user has it."""
    ann = await sign_in(client, email)
    made = await ann.ledger.CreateCategory(
        ledger_service_pb2.CreateCategoryRequest(
            request_id=new_id(), book_id=begun["book"], name="Food", kind=CategoryKind.CATEGORY_KIND_EXPENSE
        )
    )
    return BookOf(ann, begun["book"], begun["account"], made.category.id, earning_id="")


async def use_what_is_new(book: BookOf, transaction_id: str) -> str:
    """Entities of kinds, and fields, that the oldest version does not know. Returns the id of the transaction's receipt."""
    ann = book.person
    await make_budget_nouns(book)
    members = await ann.spaces.ListMembers(space_service_pb2.ListMembersRequest(space_id=book.id))
    change = ledger_accounts_pb2.UpdateAccountRequest(
        request_id=new_id(), book_id=book.id, account_id=book.account_id, held_by_member_id=members.members[0].id
    )
    await ann.ledger.UpdateAccount(change)
    file = await bring(ann, book.id, b"abc")
    attaching = ledger_transactions_pb2.UpdateTransactionRequest(
        request_id=new_id(), book_id=book.id, transaction_id=transaction_id
    )
    attaching.change.attachment_ids.append(file.id)
    attaching.update_mask.paths.append("attachment_ids")
    await ann.ledger.UpdateTransaction(attaching)
    return str(file.id)


def compare_copies(address: str, book: BookOf, old: Path) -> str:
    """The old app's file holds, byte for byte, what a copy holds that a new app takes now. Returns the account's bytes."""
    new = old.with_name("new.db")
    with Newer(address) as client:
        client.sign_in(book.person.email, PASSWORD, "new device")
        with closing(OfflineBook.open(new, book.id, book.person.user.id)) as copy:
            copy.pull(client)
        kinds = {kind for kind, *_ in mirror_of(old)}
        assert len([kind for kind in kinds if kind.startswith("field:")]) >= 3, kinds
        # The app is updated: its new version opens the old file, and knows what everything is called.
        with closing(OfflineBook.open(old, book.id, book.person.user.id)) as copy:
            assert copy.verify(client) is Verdict.SAME
    before, now = mirror_of(old), mirror_of(new)
    assert before == now
    (account,) = (body for kind, *_, body in now if kind == "account")
    return account.hex()


def mirror_of(path: Path) -> list[tuple[str, str, int, bytes]]:
    with closing(sqlite3.connect(path)) as file:
        return file.execute("SELECT kind, id, version, body FROM mirror ORDER BY kind, id").fetchall()
