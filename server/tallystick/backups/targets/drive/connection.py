"""How does a client that blocks serve a server that must not? In a thread of its own, with a service object of its own, a step at a time.

httplib2 must not be used by two threads at once, so each piece of work has a connection for itself. Between two steps the work is back in
the event loop, where it waits, keeps its progress and can be cancelled. A step that is under way then has its socket shut under it.
"""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

from google.auth.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build_from_document
from googleapiclient.discovery_cache import get_static_doc
from googleapiclient.http import build_http

from tallystick.backups.targets.drive.failures import classify
from tallystick.backups.targets.drive.patience import Patience, Tries

GOOGLE = "https://www.googleapis.com/"
TIMEOUT_S = 60.0
# How long a cancelled piece of work waits for its thread to notice.
LEAVE_S = 5.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Service:
    """What Google's client can do. It makes its methods as it goes, so they have no types, and making them takes a while."""

    files: Any
    about: Any


Step = Callable[[Service], T]


class Connection:
    """One service object and its thread."""

    def __init__(self, credentials: Credentials, root_url: str, patience: Patience, timeout_s: float) -> None:
        # Not a client of our own making: this one knows that 308 is no redirect here.
        self._http = build_http()
        self._http.timeout = timeout_s
        # Google's client would look for certificates and credentials of this machine, if it was not handed this.
        authorized = AuthorizedHttp(credentials, http=self._http)
        drive = build_from_document(_compose_document(root_url), http=authorized)
        self._service = Service(drive.files(), drive.about())
        self._patience = patience
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="drive")

    async def keep_trying(self, step: Step[T]) -> T:
        """One step, however often it takes within reason."""
        tries = self.tries()
        while True:
            try:
                return await self.run(step)
            except Exception as error:
                failure = classify(error)
                if failure is None:
                    raise
                await tries.after(failure)

    def tries(self) -> Tries:
        return Tries(self._patience)

    async def run(self, step: Step[T]) -> T:
        """One step, once."""
        running = asyncio.get_running_loop().run_in_executor(self._thread, self._do, step)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            self._shut()
            # Whatever it says now, nobody is there to hear it.
            running.add_done_callback(lambda done: done.cancelled() or done.exception())
            await asyncio.wait([running], timeout=LEAVE_S)
            raise

    def _do(self, step: Step[T]) -> T:
        try:
            return step(self._service)
        except Exception:
            # A connection that broke in the middle of an answer would fail the next step, too.
            self._http.close()
            raise

    def _shut(self) -> None:
        for connection in list(self._http.connections.values()):
            if connection.sock is not None:
                with suppress(OSError):
                    # Not the method of an encrypted socket, which takes away what the thread is using.
                    socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)

    def leave(self) -> None:
        """Closes it, after the step that runs, if one does."""
        with suppress(RuntimeError):
            self._thread.submit(self._http.close)
        self._thread.shutdown(wait=False)


@dataclass(frozen=True, slots=True)
class Line:
    """How a Drive is reached. Each piece of work opens a connection."""

    credentials: Credentials
    root_url: str = GOOGLE
    patience: Patience = field(default_factory=Patience)
    timeout_s: float = TIMEOUT_S

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Connection]:
        connection = await asyncio.to_thread(
            lambda: Connection(self.credentials, self.root_url, self.patience, self.timeout_s)
        )
        try:
            yield connection
        finally:
            connection.leave()


def _compose_document(root_url: str) -> dict[str, Any]:
    """What Google's client is built from. The root is changed here, because its own option for that changes everything but uploads."""
    document: dict[str, Any] = {**_read_document(), "rootUrl": root_url}
    document["baseUrl"] = root_url + document["servicePath"]
    # Only with it would the client send us elsewhere, if the environment says so.
    document.pop("mtlsRootUrl", None)
    return document


@cache
def _read_document() -> dict[str, Any]:
    """It comes with the client; nothing is asked for it."""
    document: dict[str, Any] = json.loads(get_static_doc("drive", "v3"))
    return document
