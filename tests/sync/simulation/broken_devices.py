"""What if the SDK had a fault? Devices of this process have it, and the simulation must see it."""

from collections.abc import Iterator
from contextlib import contextmanager

from tallystick_client.offline import mirror
from tallystick_client.offline.database import Tx
from tallystick_client.v1.sync_service_pb2 import PullResponse


@contextmanager
def forget_cursors() -> Iterator[None]:
    """A device that is ended between a page and its cursor: the cursor is stored first, and now and then the page is not."""
    apply, pages = mirror.apply_page, [0]

    def apply_apart(tx: Tx, page: PullResponse) -> None:
        pages[0] += 1
        if pages[0] % 40 == 0 and mirror.place_of(tx).shadow_cursor is None and not page.reset:
            page = PullResponse(cursor=page.cursor, head=page.head, at_head=page.at_head)
        apply(tx, page)

    mirror.apply_page = apply_apart
    try:
        yield
    finally:
        mirror.apply_page = apply
