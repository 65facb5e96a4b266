"""What must be said after a database was put back from a dump or to a point in time?"""

import argparse
import asyncio
import sys

from tallystick.cli.database import open_store
from tallystick.config import Config
from tallystick.errors import Unavailable
from tallystick.store.epochs import renew_epochs
from tallystick.store.rotation import list_spaces

EXIT_FAILED = 1


def run(config: Config, options: argparse.Namespace) -> int:
    try:
        count = asyncio.run(_renew(config))
    except Unavailable as away:
        print(away.message, file=sys.stderr)
        return EXIT_FAILED
    print(f"{count} spaces: devices make their copies anew, and send again what was lost here and waits there.")
    return 0


async def _renew(config: Config) -> int:
    count = 0
    async with open_store(config) as store:
        async for page in list_spaces(store):
            await renew_epochs(store, page)
            count += len(page)
    return count
