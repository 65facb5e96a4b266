"""Do settings, keyring, database and schema fit together, and is every book what its transactions say? Says each, and fails if one
does not."""

import argparse
import asyncio
import sys
from uuid import UUID

from tallystick import schema
from tallystick.cli.database import open_store
from tallystick.config import Config
from tallystick.errors import NotVisible, Unavailable
from tallystick.gate import validation
from tallystick.ledger.proof.proving import NAMED_MAX, Proof, Step, Verdict, entities_of
from tallystick.ledger.proof.queries import BOOKS, list_books
from tallystick.ledger.proof.rules import Finding
from tallystick.store import migrate
from tallystick.store.apart import Apart
from tallystick.store.store import Store
from tallystick.v1.ledger_proof_pb2 import DifferenceKind

EXIT_FAILED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--book", type=UUID, metavar="ID", help="prove only this book")


def run(config: Config, options: argparse.Namespace) -> int:
    print("settings: fit")
    validation.warm()
    print("contract: every rule compiles")
    keyring = config.load_keyring()
    print(f"keyring: wraps with {keyring.current_id}")
    try:
        return asyncio.run(_check_database(config, options.book))
    except Unavailable as away:
        print(away.message, file=sys.stderr)
        return EXIT_FAILED


async def _check_database(config: Config, book_id: UUID | None) -> int:
    async with open_store(config) as store:
        print(f"schema: at {migrate.newest()}")
        return await _check_books(store, book_id)


async def _check_books(store: Store, only: UUID | None) -> int:
    proof = Proof(store, entities_of(schema))
    book_ids = [only] if only else [each async for each in list_books(Apart(store), lambda first: BOOKS(first=first))]
    verdicts = []
    for book_id in book_ids:
        try:
            verdicts.append(await _check_book(proof, book_id))
        except NotVisible:
            if only:
                print(f"There is no book {book_id}, or it was erased.", file=sys.stderr)
                return EXIT_FAILED
    differing = sum(verdict.differences > 0 for verdict in verdicts)
    transactions, changes = sum(each.transactions for each in verdicts), sum(each.changes for each in verdicts)
    print(f"books: {len(verdicts)} with {transactions} transactions and {changes} changes, {differing} of them differ")
    return EXIT_FAILED if differing else 0


async def _check_book(proof: Proof, book_id: UUID) -> Verdict:
    """Prints where a book differs. Not by how much: what a command prints is kept in logs, and amounts are nobody's business there."""

    def tell(step: Step) -> None:
        if isinstance(step, Finding):
            print(f"differs: {book_id} {_name(step.kind)} {step.what} {step.subject}")

    verdict = await proof.of_book(book_id, tell)
    if verdict.differences > NAMED_MAX:
        print(f"differs: {book_id} and {verdict.differences - NAMED_MAX} more")
    return verdict


def _name(kind: DifferenceKind.ValueType) -> str:
    return DifferenceKind.Name(kind).removeprefix("DIFFERENCE_KIND_").lower()
