"""What shall happen to how a thing looks to a user? Run inside the write door of the home."""

from tallystick import masks
from tallystick.settings import keeping
from tallystick.settings.displays.queries import DISPLAY_EVER, ask_book, require_in_book
from tallystick.settings.displays.rules import CHANGEABLE, canonical_thing, display_id
from tallystick.settings.keeping import Standing
from tallystick.settings.tables import DISPLAY
from tallystick.store.tx import WriteTx
from tallystick.v1.settings_displays_pb2 import (
    BookThing,
    Display,
    ResetDisplayRequest,
    ResetDisplayResponse,
    UpdateDisplayRequest,
    UpdateDisplayResponse,
)


async def update_display(tx: WriteTx, request: UpdateDisplayRequest) -> UpdateDisplayResponse:
    thing = canonical_thing(request.thing)
    names = masks.touched(request.update_mask.paths, request, CHANGEABLE)
    standing = await _find_standing(tx, thing, masks.base_version(request))
    before = standing.there or Display(id=str(display_id(tx.space_id, thing)), thing=thing)
    after = masks.overlay(before, request, names)
    return UpdateDisplayResponse(display=keeping.keep(tx, DISPLAY, standing, before, after))


async def reset_display(tx: WriteTx, request: ResetDisplayRequest) -> ResetDisplayResponse:
    standing = await _find_standing(tx, canonical_thing(request.thing), masks.VERSION_MAX)
    return ResetDisplayResponse(display=tx.delete(DISPLAY, standing.there) if standing.there else None)


async def _find_standing(tx: WriteTx, thing: BookThing, base_version: int) -> Standing[Display]:
    asked = keeping.ask(tx, DISPLAY_EVER, display_id(tx.space_id, thing), base_version)
    books, rows, since = await tx.fetch_all(ask_book(tx.caller, thing.book_id), *asked)
    require_in_book(books)
    return keeping.read(tx, DISPLAY, rows, since)
