"""Was the audit changed after it was written, and which heads show it later? `tallystick audit verify | head`."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

from tallystick.cli.database import open_store
from tallystick.config import BadSettings, Config
from tallystick.errors import Unavailable
from tallystick.identity.audit_chain import Head, Walk, verify_all, verify_chain
from tallystick.store.apart import Apart

EXIT_BROKEN = 1


def add_commands(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", dest="audit_command")
    verify = commands.add_parser(
        "verify",
        help="Walk every chain and name the first link of each that does not hold. Exit code 1 if one is broken.",
        description="Walks the audit's chains of hashes, one per user and space, and names the first link of each that was "
        "changed, removed or put in. What was cut off the end of a chain shows only against heads that were kept: --heads.",
    )
    verify.add_argument("--scope", type=UUID, metavar="ID", help="only the chain of this user or space")
    verify.add_argument(
        "--heads",
        type=Path,
        metavar="FILE",
        help="heads that `audit head` printed earlier; every chain must still pass them",
    )
    head = commands.add_parser(
        "head",
        help="Print the newest link of every chain, to be kept elsewhere.",
        description="Prints `scope seq hash` for every chain. Kept where nobody who can write to the database can write, the "
        "lines show later, with `audit verify --heads FILE`, whether anything before them was changed or cut off.",
    )
    head.add_argument("--scope", type=UUID, metavar="ID", help="only the chain of this user or space")


def run(config: Config, options: argparse.Namespace) -> int:
    command = {"verify": _verify, "head": _head}[options.audit_command]
    try:
        return asyncio.run(command(config, options))
    except Unavailable as away:
        print(away.message, file=sys.stderr)
        return EXIT_BROKEN


async def _verify(config: Config, options: argparse.Namespace) -> int:
    kept = _read_heads(options.heads) if options.heads else {}
    chains = links = broken = 0
    async with open_store(config) as store:
        async for walk in _walks(Apart(store), options.scope, kept):
            chains += 1
            links += walk.head.seq
            if walk.broken:
                broken += 1
                print(f"broken: {walk.broken.scope_id} {walk.broken.seq} {walk.broken.why}")
    print(f"{chains} chains, {links} links that hold, {broken} chains broken")
    return EXIT_BROKEN if broken else 0


async def _walks(apart: Apart, scope: UUID | None, kept: dict[UUID, Head]) -> AsyncIterator[Walk]:
    if scope is None:
        async for walk in verify_all(apart, kept):
            yield walk
    else:
        yield await verify_chain(apart, scope, kept.get(scope))


async def _head(config: Config, options: argparse.Namespace) -> int:
    """Prints only what was walked and held: a head that is kept must not vouch for a chain that is broken already."""
    broken = 0
    async with open_store(config) as store:
        apart = Apart(store)
        async for walk in _walks(apart, options.scope, {}):
            if walk.broken:
                broken += 1
                print(f"broken: {walk.broken.scope_id} {walk.broken.seq} {walk.broken.why}", file=sys.stderr)
            elif walk.head.seq:
                print(walk.head.to_line())
    return EXIT_BROKEN if broken else 0


def _read_heads(path: Path) -> dict[UUID, Head]:
    try:
        heads = [Head.from_line(line) for line in path.read_text().splitlines() if line.strip()]
    except (OSError, ValueError) as unreadable:
        raise BadSettings(f"--heads {path}: is not what `tallystick audit head` prints: {unreadable}") from unreadable
    return {head.scope_id: head for head in heads}
