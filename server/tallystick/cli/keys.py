"""How does an operator see, rotate and retire keys? `tallystick keys show | rotate | rewrap | reseal | drop-old`."""

import argparse
import asyncio
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from tallystick import schema
from tallystick.cli.database import open_store
from tallystick.config import BadSettings, Config
from tallystick.errors import Unavailable
from tallystick.identity import queries
from tallystick.identity.signing import SigningKeys
from tallystick.store import keyring as keyrings
from tallystick.store import rotation
from tallystick.store.apart import Apart
from tallystick.store.keyring import Keyring, KeyringError
from tallystick.store.reseal import GRACE_S, Progress, Resealing
from tallystick.store.store import Store

EXIT_FAILED = 1
EXIT_INTERRUPTED = 130
# A line for every so many cells, so that a large space shows that it goes on.
CELLS_A_LINE = 5_000


def add_commands(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", dest="keys_command")

    def add(name: str, help_text: str, more: str = "") -> argparse.ArgumentParser:
        return commands.add_parser(name, help=help_text, description=f"{help_text} {more}".strip())

    add("show", "Print the ids of the master keys, and how many keys each has wrapped. Never prints a key.")
    rotate = add(
        "rotate",
        "Add a new master key to the keyring file, and wrap every key with it. Servers go on meanwhile.",
        "Where several machines have a copy of the keyring each: rotate --to FILE, put FILE in place on all of them, then "
        "rewrap.",
    )
    rotate.add_argument("--to", type=Path, metavar="FILE", help="write the new keyring there; wrap nothing yet")
    add("rewrap", "Wrap with the current master key what an older one has wrapped. Safe to repeat.")
    reseal = add(
        "reseal",
        "Give spaces a new data key, and seal everything in them again while people work. Repeat it after an interruption: it "
        "goes on where it stopped.",
    )
    which = reseal.add_mutually_exclusive_group(required=True)
    which.add_argument("space_id", nargs="?", type=UUID, metavar="SPACE_ID", help="one space")
    which.add_argument("--all", action="store_true", dest="every", help="every space")
    drop_old = add(
        "drop-old",
        "Remove from the keyring file every master key but the current one, after proving that nothing needs them.",
        "What they wrapped in older dumps can then be opened only with a copy of the older keyring.",
    )
    for command in (reseal, drop_old):
        command.add_argument(
            "--grace-s",
            type=float,
            metavar="SECONDS",
            help="how long calls that began with the old key may still take (default: 60, or the calls' deadline if longer)",
        )


def run(config: Config, options: argparse.Namespace) -> int:
    commands = {"show": _show, "rotate": _rotate, "rewrap": _rewrap, "reseal": _reseal, "drop-old": _drop_old}
    try:
        return asyncio.run(commands[options.keys_command](config, options))
    except Unavailable as away:
        print(away.message, file=sys.stderr)
        return EXIT_FAILED
    except KeyboardInterrupt:
        print("Interrupted. Nothing is lost: run it again to go on.", file=sys.stderr)
        return EXIT_INTERRUPTED


async def _show(config: Config, options: argparse.Namespace) -> int:
    async with open_store(config) as store:
        keyring = store.keys.keyring
        data, signing = await rotation.count_space_keys(store), await _count_signing_keys(store)
    for master_id in dict.fromkeys([*keyring.ids, *data, *signing]):
        what = "current" if master_id == keyring.current_id else "old" if master_id in keyring.ids else "MISSING"
        print(f"{master_id}  {what}  {data[master_id]} data keys  {signing[master_id]} signing keys")
    return 0 if set(keyring.ids) >= {*data, *signing} else EXIT_FAILED


async def _rotate(config: Config, options: argparse.Namespace) -> int:
    keyring = config.load_keyring()
    if options.to is not None:
        if options.to.exists():
            raise BadSettings(f"--to {options.to}: is there already, and a keyring is never overwritten")
        keyrings.write(options.to, keyring.with_new_master())
        print(f"Wrote {options.to}. Put it in place for every server, then: tallystick keys rewrap")
        return 0
    if keyring.source is None:
        raise KeyringError(
            "The keyring is given by TALLYSTICK_KEYRING, so it cannot be rotated in place. Make the new one with "
            "`tallystick keys rotate --to FILE`, deploy what is in FILE as TALLYSTICK_KEYRING to every server, and then "
            "run `tallystick keys rewrap` with it."
        )
    # The database first: a keyring that nothing can be wrapped with is not worth having.
    async with open_store(config) as store:
        rotated = keyrings.change(keyring.source, Keyring.with_new_master)
        print(f"{rotated.current_id} wraps from now on.")
        await rotation.note(store, "master_key_added")
        return await _wrap_everything(config, store)


async def _rewrap(config: Config, options: argparse.Namespace) -> int:
    async with open_store(config) as store:
        return await _wrap_everything(config, store)


async def _wrap_everything(config: Config, store: Store) -> int:
    done = await rotation.rewrap_space_keys(store)
    await SigningKeys(store, token_life=timedelta(seconds=config.access_token_s)).rewrap()
    print(f"{done} data keys and the signing keys are wrapped with {store.keys.keyring.current_id}.")
    return 0


async def _reseal(config: Config, options: argparse.Namespace) -> int:
    grace_s = _grace_s(config, options)
    async with open_store(config) as store:
        space_ids = await _list_every_space(store) if options.every else [options.space_id]
        print(f"{len(space_ids)} spaces. The older keys are destroyed {grace_s:g} s after the last cell.", flush=True)
        done = await Resealing(store, schema.SEALED, _print_progress).reseal(space_ids, grace_s=grace_s)
    print(f"{done} spaces are sealed with a new key alone.")
    if not options.every and not done:
        print(f"There is no space {options.space_id}, or it was erased.", file=sys.stderr)
        return EXIT_FAILED
    return 0


async def _list_every_space(store: Store) -> list[UUID]:
    return [space_id async for page in rotation.list_spaces(store) for space_id in page]


def _print_progress(progress: Progress) -> None:
    if progress.column is None:
        print(f"{progress.space_id}  {progress.done} cells sealed again", flush=True)
    elif progress.done % CELLS_A_LINE == 0:
        print(f"{progress.space_id}  {progress.column}  {progress.done} cells so far", flush=True)


async def _drop_old(config: Config, options: argparse.Namespace) -> int:
    async with open_store(config) as store:
        keyring = store.keys.keyring
        if keyring.source is None:
            raise KeyringError(
                "The keyring is given by TALLYSTICK_KEYRING, so nothing can be removed from it here. `tallystick keys show` "
                "says which master keys are still needed; deploy the keyring without the others."
            )
        old = sorted(set(keyring.ids) - {keyring.current_id})
        if not old:
            print(f"{keyring.current_id} is the only master key. There is nothing to drop.")
            return 0
        # A call that wrapped with an older key just before the rotation may not have committed yet.
        rotated_s_ago = time.time() - keyring.source.stat().st_mtime
        await asyncio.sleep(max(0.0, _grace_s(config, options) - rotated_s_ago))
        needed = (await rotation.count_space_keys(store)) + (await _count_signing_keys(store))
        still = {master_id: count for master_id, count in needed.items() if master_id != keyring.current_id}
        if still:
            raise KeyringError(
                f"These master keys are still needed, each for so many keys: {still}. Run `tallystick keys rewrap` first."
            )
        proven_id = keyring.current_id
        keyrings.change(keyring.source, lambda found: _without_old(found, proven_id))
        await rotation.note(store, "master_key_dropped")
    print(f"Dropped {', '.join(old)}. {proven_id} is the only master key.")
    return 0


def _without_old(found: Keyring, proven_id: str) -> Keyring:
    if found.current_id != proven_id:
        raise KeyringError("The keyring was rotated meanwhile, so nothing was dropped. Run it again.")
    return found.without_old_masters()


def _grace_s(config: Config, options: argparse.Namespace) -> float:
    return options.grace_s if options.grace_s is not None else max(GRACE_S, config.call_deadline_s)


async def _count_signing_keys(store: Store) -> Counter[str]:
    rows = await Apart(store).fetch(queries.SIGNING_KEYS())
    return Counter(master_id for _, _, master_id, *_ in rows)
