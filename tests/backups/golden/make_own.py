"""Where did the golden archives of one user come from? Ann of a household backed up what she sees, once for each way in which servers have
written it, and never again: every later server must bring her spaces back.

    PYTHONPATH=server:sdk/python:tests python tests/backups/golden/make_own.py NAME
"""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from backups.golden.make_server import SETTINGS
from backups.household import install, settle_in
from files.desk import content_of, download
from fresh_database import fresh_database
from people import Person
from rpc.backups.conftest import offering
from rpc.backups.vault import SECRET, connect
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick_client.v1 import (
    file_service_pb2,
    group_balances_pb2,
    ledger_accounts_pb2,
    ledger_categories_pb2,
    ledger_service_pb2,
)

FOLDER = Path(__file__).parent
# Golden archives are kept for ever.
SMALL_BYTES = 5000


async def figures_of_book(person: Person, book_id: str) -> Mapping[str, Any]:
    """What is in a book, by names and amounts: ids may be others after a restore."""
    accounts = await person.ledger.ListAccounts(ledger_accounts_pb2.ListAccountsRequest(book_id=book_id))
    balances = {}
    for account in accounts.accounts:
        asked = ledger_service_pb2.GetAccountBalanceRequest(book_id=book_id, account_id=account.id)
        balances[account.name] = (await person.ledger.GetAccountBalance(asked)).balance.balance.minor
    categories = await person.ledger.ListCategories(ledger_categories_pb2.ListCategoriesRequest(book_id=book_id))
    listed = ledger_service_pb2.ListTransactionsRequest(book_id=book_id, page_size=200)
    found = (await person.ledger.ListTransactions(listed)).transactions
    return {
        "balances_minor": balances,
        "categories": sorted(each.name for each in categories.categories),
        "transactions": sorted([each.booked_on, each.note, len(each.attachment_ids)] for each in found),
        "contents_sha256": await contents_in(person, book_id),
    }


async def figures_of_group(person: Person, group_id: str) -> Mapping[str, Any]:
    nets = await person.groups.GetBalances(group_balances_pb2.GetBalancesRequest(group_id=group_id))
    return {
        "nets_minor": sorted(each.net.minor for each in nets.balances),
        "contents_sha256": await contents_in(person, group_id),
    }


async def contents_in(person: Person, space_id: str) -> list[str]:
    listed = await person.files.ListFiles(file_service_pb2.ListFilesRequest(space_id=space_id))
    return sorted([sha256(await download(person, space_id, each.id)).hexdigest() for each in listed.files])


async def make(name: str) -> None:
    with tempfile.TemporaryDirectory(prefix="tallystick-") as folder:
        os.chmod(folder, 0o755)  # noqa: PTH101 - PostgreSQL runs as somebody else when we are root
        async with EmbeddedPostgres(Path(folder) / "data") as postgres, fresh_database(postgres) as database:
            here = install(database, Path(folder), SETTINGS)
            async with here.served() as (server, client):
                home = await settle_in(client, content_of(SMALL_BYTES))
                with offering(server) as drive:
                    vault = await connect(home.ann, drive)
                    backup = await vault.back_up()
                    archive, parts = bytes(vault.file_of(backup).content), await vault.read(backup)
                book, group = home.book.id, home.circle.id
                vectors = {
                    "passphrase": SECRET,
                    "archive_sha256": sha256(archive).hexdigest(),
                    "home_id": home.ann.user.home_id,
                    "book_id": book,
                    "group_id": group,
                    "lines": {name: part.count(b"\n") for name, part in parts.items() if name.endswith(".jsonl")},
                    "contents_sha256": {
                        name: sha256(part).hexdigest() for name, part in parts.items() if name.startswith("files/")
                    },
                    "book": await figures_of_book(home.ann, book),
                    "group": await figures_of_group(home.ann, group),
                }
    (FOLDER / f"{name}.tally").write_bytes(archive)
    (FOLDER / f"{name}.json").write_text(json.dumps(vectors, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    asyncio.run(make(sys.argv[1]))
