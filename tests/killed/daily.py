"""The daily backup of a server, as a process that stands still before the function is called whose name it is given."""

import asyncio
import importlib
import os
import sys
import threading
from dataclasses import replace

from tallystick import app
from tallystick.clock import Clock
from tallystick.config import Config


def hold(name: str) -> None:
    def held(*_: object) -> None:
        sys.stdout.write("held there\n")
        sys.stdout.flush()
        threading.Event().wait()

    module, _, function = name.rpartition(".")
    setattr(importlib.import_module(module), function, held)


async def main(name: str) -> None:
    hold(name)
    config = replace(Config.read(os.environ), jobs=False)
    async with app.running(config, Clock()) as server:
        assert server.backups.job is not None
        await server.backups.job.run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
