"""Where did the golden archive of a whole server come from? A household was settled in, backed up, and never made again: every later server
must restore it, whatever became of the schema meanwhile.

    PYTHONPATH=server:sdk/python:tests python tests/backups/golden/make_server.py NAME
"""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from backups.household import PASSPHRASE, Household, install, settle_in
from files.desk import content_of, download
from fresh_database import fresh_database
from people import BookOf, Client, Person, sign_in
from tallystick import schema
from tallystick.backups.archive.passphrase import Cost, Passphrase
from tallystick.backups.spool import spool
from tallystick.backups.whole.examining import examine
from tallystick.backups.whole.writing import WholeServer
from tallystick.config import Config
from tallystick.files.assembly import compose_storage
from tallystick.files.storage.closed import ClosedContents
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick_client.v1 import (
    budget_pb2,
    file_service_pb2,
    group_balances_pb2,
    import_service_pb2,
    ledger_service_pb2,
    ledger_transactions_pb2,
)

FOLDER = Path(__file__).parent
# Cheaper than real ones, since tests open it often.
COST = Cost(log_n=12)
# An archive that is kept for ever is small.
CONTRACT_BYTES = 20_000
SETTINGS = replace(
    Config(), listen=("127.0.0.1", 0), metrics_listen=("127.0.0.1", 0), bcrypt_cost=4, drain_s=0.0, jobs=False
)


async def figures(client: Client, of: Mapping[str, Any]) -> Mapping[str, Any]:
    """What people see. `of` says who they are, and which ids their things have."""
    ann, bob = [await sign_in(client, email, of["password"]) for email in of["emails"]]
    listed = ledger_service_pb2.ListTransactionsRequest(book_id=of["book_id"])
    nets = await ann.groups.GetBalances(group_balances_pb2.GetBalancesRequest(group_id=of["group_id"]))
    found: dict[str, Any] = {
        "cash_minor": await BookOf(ann, of["book_id"], of["account_id"], "", "").balance(),
        "presents_minor": await BookOf(ann, of["book_id"], of["private_id"], "", "").balance(),
        "transactions_ann": len((await ann.ledger.ListTransactions(listed)).transactions),
        "transactions_bob": len((await bob.ledger.ListTransactions(listed)).transactions),
        "nets_minor": sorted(each.net.minor for each in nets.balances),
    }
    if "contents" in of:
        found |= await _beside_money(ann, of)
    return found


async def _beside_money(ann: Person, of: Mapping[str, Any]) -> Mapping[str, Any]:
    """Files byte for byte, what is attached where, imports, budgets, history."""
    book_id = of["book_id"]
    listed = await ann.ledger.ListTransactions(ledger_service_pb2.ListTransactionsRequest(book_id=book_id))
    spent = next(each for each in listed.transactions if each.note == "wheat")
    history = ledger_transactions_pb2.ListTransactionHistoryRequest(book_id=book_id, transaction_id=spent.id)
    imports = await ann.imports.ListImports(import_service_pb2.ListImportsRequest(space_id=book_id))
    budgets = await ann.budgets.ListBudgets(budget_pb2.ListBudgetsRequest(book_id=book_id))
    return {
        "contents": await contents_of(ann, (book_id, of["group_id"])),
        "attachment_ids": [file_id for each in listed.transactions for file_id in each.attachment_ids],
        "history": len((await ann.ledger.ListTransactionHistory(history)).revisions),
        "imported": [each.counts.imported for each in imports.imports],
        "budgets": [each.name for each in budgets.budgets],
    }


async def contents_of(person: Person, space_ids: Sequence[str]) -> Mapping[str, str]:
    """The SHA-256 of each file, as it is downloaded."""
    found = {}
    for space_id in space_ids:
        listed = await person.files.ListFiles(file_service_pb2.ListFilesRequest(space_id=space_id))
        for file in listed.files:
            found[file.name] = sha256(await download(person, space_id, file.id)).hexdigest()
    return found


def described(home: Household) -> dict[str, Any]:
    return {
        "emails": [home.ann.email, home.bob.email],
        "password": home.ann.password,
        "book_id": home.book.id,
        "account_id": home.book.account_id,
        "private_id": home.private_id,
        "group_id": home.circle.id,
        "contents": [sha256(content).hexdigest() for content in home.contents],
    }


async def make(name: str) -> None:
    with tempfile.TemporaryDirectory(prefix="tallystick-") as folder:
        os.chmod(folder, 0o755)  # noqa: PTH101 - PostgreSQL runs as somebody else when we are root
        async with EmbeddedPostgres(Path(folder) / "data") as postgres, fresh_database(postgres) as database:
            here = install(database, Path(folder), SETTINGS)
            async with here.served() as (_, client):
                home = await settle_in(client, content_of(CONTRACT_BYTES))
                vectors = described(home)
                vectors["figures"] = await figures(client, vectors)
            keyring, contents = here.config.load_keyring(), ClosedContents(compose_storage(here.config))
            server = WholeServer(database.superuser_dsn, keyring, schema.metadata.tables, contents, cost=COST)
            path = FOLDER / f"{name}.tally"
            await spool(server.write(Passphrase.chosen(PASSPHRASE)), path)
            told = (await examine(path, Passphrase(PASSPHRASE))).manifest
    vectors |= {
        "passphrase": PASSPHRASE,
        "archive_sha256": sha256(path.read_bytes()).hexdigest(),
        "schema_revision": told.schema_revision,
        "row_counts": dict(told.row_counts),
    }
    path.with_suffix(".json").write_text(json.dumps(vectors, indent=1) + "\n")


if __name__ == "__main__":
    asyncio.run(make(sys.argv[1]))
