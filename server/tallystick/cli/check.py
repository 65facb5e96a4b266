"""Do settings, keyring, database and schema fit together, does every book and group hold what is said in it, and does every file lie where
it should? Says each, and fails if one does not."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tallystick import schema
from tallystick.backups.assembly import compose_targets, compose_timetable
from tallystick.backups.queries import list_runs
from tallystick.backups.rules import standing_of
from tallystick.cli.database import open_store
from tallystick.config import Config
from tallystick.config_drives import describe
from tallystick.errors import NotVisible, Unavailable
from tallystick.files.assembly import compose_storage
from tallystick.files.checking import count_contents, get_nameless, list_lost
from tallystick.files.storage.storage import FileStorage, StorageAway
from tallystick.gate import validation
from tallystick.groups.proof.proving import GroupProof
from tallystick.groups.proof.proving import Verdict as GroupVerdict
from tallystick.ledger.proof.proving import BookProof
from tallystick.ledger.proof.proving import Verdict as BookVerdict
from tallystick.proof.findings import Finding, name_of
from tallystick.proof.proving import NAMED_MAX, Proof, Verdict, entities_of
from tallystick.proof.spaces import SPACES, list_spaces
from tallystick.store import migrate
from tallystick.store.apart import Apart
from tallystick.store.store import Store
from tallystick.v1.space_pb2 import SpaceKind

EXIT_FAILED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--book", type=UUID, metavar="ID", help="prove only this book")
    only.add_argument("--group", type=UUID, metavar="ID", help="prove only this group")


def run(config: Config, options: argparse.Namespace) -> int:
    print("settings: fit")
    print(*describe(config), sep="\n")
    validation.warm()
    print("contract: every rule compiles")
    keyring = config.load_keyring()
    print(f"keyring: wraps with {keyring.current_id}")
    try:
        return asyncio.run(_check_database(config, options.book, options.group))
    except Unavailable as away:
        print(away.message, file=sys.stderr)
        return EXIT_FAILED


async def _check_database(config: Config, book_id: UUID | None, group_id: UUID | None) -> int:
    async with open_store(config) as store:
        print(f"schema: at {migrate.newest()}")
        await _tell_backups(config, store)
        entities, failed = entities_of(schema), False
        if not group_id and not book_id:
            failed |= not await _check_files(Apart(store), compose_storage(config))
        if not group_id:
            failed |= not await _check_books(store, BookProof(store, entities), book_id)
        if not book_id:
            failed |= not await _check_groups(store, GroupProof(store, entities), group_id)
        return EXIT_FAILED if failed else 0


async def _tell_backups(config: Config, store: Store) -> None:
    """How old they are. Whether that is too old is for the status and its alerts: what is checked here is what there is."""
    timetable, now = compose_timetable(config), store.clock.now()
    for target in compose_targets(config):
        standing = standing_of(await list_runs(Apart(store), target), now, timetable)
        made = standing.last_verified.started_at if standing.last_verified else None
        print(f"backup: {target}, read back {_moment(made)}, proven by restoring {_moment(standing.last_proven_at)}")
    if compose_targets(config):
        coming = timetable.at.next_after(now, timetable.zone).astimezone(timetable.zone)
        print(f"backup: the next is due {_moment(coming)}, by {timetable.at.text!r} in {timetable.zone}")


def _moment(found: datetime | None) -> str:
    return found.isoformat(timespec="minutes") if found else "never"


async def _check_files(apart: Apart, storage: FileStorage) -> bool:
    """Whether all contents are there. What nobody names only takes room, and the sweep looks after it."""
    try:
        lost = [each async for each in list_lost(apart, storage)]
        nameless = await get_nameless(apart, storage)
    except StorageAway as away:
        print(f"files: their contents cannot be looked at: {away}")
        return False
    for each in lost[:NAMED_MAX]:
        print(f"differs: {each.space_id} file {each.file_id} has no content, or another size of it")
    if len(lost) > NAMED_MAX:
        print(f"differs: {len(lost) - NAMED_MAX} more files")
    print(f"files: {await count_contents(apart)}, {len(lost)} of them without their content")
    if nameless.contents:
        print(f"files: {nameless.contents} contents belong to none, with {nameless.size_bytes} bytes")
    return not lost


async def _check_books(store: Store, proof: BookProof, only: UUID | None) -> bool:
    kind = SpaceKind.SPACE_KIND_BOOK
    verdicts: list[BookVerdict] | None = await _check_spaces(store, proof, kind, "book", only)
    if verdicts is None:
        return False
    transactions = sum(each.transactions for each in verdicts)
    return _sum_up("books", verdicts, f"{transactions} transactions")


async def _check_groups(store: Store, proof: GroupProof, only: UUID | None) -> bool:
    kind = SpaceKind.SPACE_KIND_GROUP
    verdicts: list[GroupVerdict] | None = await _check_spaces(store, proof, kind, "group", only)
    if verdicts is None:
        return False
    expenses, settlements = sum(each.expenses for each in verdicts), sum(each.settlements for each in verdicts)
    return _sum_up("groups", verdicts, f"{expenses} expenses, {settlements} settlements")


def _sum_up(name: str, verdicts: Sequence[Verdict], contents: str) -> bool:
    """Whether all of them hold."""
    differing = sum(verdict.differences > 0 for verdict in verdicts)
    changes = sum(each.changes for each in verdicts)
    print(f"{name}: {len(verdicts)} with {contents} and {changes} changes, {differing} of them differ")
    return not differing


async def _check_spaces(
    store: Store, proof: Proof[Any], kind: SpaceKind.ValueType, name: str, only: UUID | None
) -> list[Any] | None:
    """Verdicts. None: the one that was asked for is not there."""
    found = list_spaces(Apart(store), lambda first: SPACES(kind=kind, first=first))
    verdicts: list[Any] = []
    for space_id in [only] if only else [each async for each in found]:
        try:
            verdicts.append(await _check_space(proof, space_id))
        except NotVisible:
            if only:
                print(f"There is no {name} {space_id}, or it was erased.", file=sys.stderr)
                return None
    return verdicts


async def _check_space(proof: Proof[Any], space_id: UUID) -> Verdict:
    """Prints where a space differs. Not by how much: what a command prints is kept in logs, and amounts are nobody's business there."""

    def tell(step: object) -> None:
        if isinstance(step, Finding):
            print(f"differs: {space_id} {name_of(step.kind)} {step.what} {step.subject}")

    verdict: Verdict = await proof.of_space(space_id, tell)
    if verdict.differences > NAMED_MAX:
        print(f"differs: {space_id} and {verdict.differences - NAMED_MAX} more")
    return verdict
