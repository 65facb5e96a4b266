"""Does a copy of the home show beforehand what the real server will make of settings, displays and client values?"""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message

from people import BookOf
from sdk_python.devices import Device, Devices, end
from sdk_python.vectors import name_of as name_of_case
from sdk_python.vectors import read_vectors
from tallystick.settings.client_values.rules import value_id
from tallystick.settings.displays import rules as of_displays
from tallystick.settings.preferences import rules as of_preferences
from tallystick.v1 import identity_pb2, settings_displays_pb2, settings_pb2
from tallystick_client import new_id
from tallystick_client.offline import OfflineBook, client_value_in, display_in, settings_in
from tallystick_client.offline.applying_home import HOME_RULES
from tallystick_client.offline.commands import name_of
from tallystick_client.offline.home import compose_settings
from tallystick_client.offline.naming import client_value_id, display_id
from tallystick_client.v1.auth_service_pb2 import UpdateMeRequest
from tallystick_client.v1.identity_pb2 import User
from tallystick_client.v1.ledger_pb2 import Weekday
from tallystick_client.v1.settings_client_values_pb2 import (
    ClientValue,
    DeleteClientValueRequest,
    PutClientValueRequest,
)
from tallystick_client.v1.settings_displays_pb2 import BookThing, Display, ResetDisplayRequest, UpdateDisplayRequest
from tallystick_client.v1.settings_pb2 import Preferences, Settings, Theme, UpdateSettingsRequest

VECTORS = read_vectors("home")
KINDS: tuple[type[Any], ...] = (User, Preferences, Display, ClientValue)
LARGE = b"\0" * 16 * 1024
SUNDAY = Weekday.WEEKDAY_SUNDAY


@pytest.fixture
def tablet(devices: Devices, home: BookOf) -> Device:
    """A device of Ann's with a copy of her home."""
    return devices.make("tablet", space_id=home.person.user.home_id)


@pytest.fixture
def watch(devices: Devices, home: BookOf) -> Device:
    """Another one."""
    return devices.make("watch", space_id=home.person.user.home_id)


def look(home: OfflineBook) -> dict[str, Message]:
    """All that is shown, but for the versions, which only the server knows."""
    shown: dict[str, Message] = {}
    for kind in KINDS:
        for each in home.list(kind):
            each.version = 0
            shown[f"{kind.DESCRIPTOR.name} {each.id}"] = each
    return shown


def settings(*paths: str, **fields: Any) -> UpdateSettingsRequest:
    return UpdateSettingsRequest(update_mask=FieldMask(paths=paths) if paths else None, **fields)


def commands(thing: BookThing) -> list[Message]:
    """Every command of a home, and what the rules of the server say of some at their edges."""
    loud = BookThing(book_id=thing.book_id.upper(), thing_id=thing.thing_id.upper())
    put, away = PutClientValueRequest, DeleteClientValueRequest
    return [
        UpdateMeRequest(display_name=" Anna ", locale="fr"),
        settings(theme=Theme.THEME_DARK, time_zone="Asia/Tokyo", first_day_of_month=28),
        settings("locale", "theme", base_currency="CHF"),
        settings("*", base_currency="JPY", first_day_of_week=SUNDAY, hide_amounts=True),
        settings(),
        UpdateDisplayRequest(thing=loud, color="#102030", position=2, expanded=True),
        UpdateDisplayRequest(thing=thing, hidden=True, update_mask=FieldMask(paths=["hidden", "color"])),
        UpdateDisplayRequest(thing=BookThing(book_id=thing.book_id, thing_id=new_id()), on_dashboard=True),
        ResetDisplayRequest(thing=thing),
        ResetDisplayRequest(thing=thing),
        UpdateDisplayRequest(thing=thing, icon="wallet"),
        put(key="a", value=b"one"),
        put(key="a", value=b"two"),
        put(key="a", value=b"two", base_version=0),
        put(key="b", value=b"x", base_version=0),
        away(key="a"),
        away(key="a"),
        away(key="never"),
        put(key="a"),
        put(key="0" * 128, value=LARGE),
    ]


REFUSED: list[Message] = [
    settings(first_day_of_month=29, locale="it"),
    settings("nothing", theme=Theme.THEME_LIGHT),
    UpdateDisplayRequest(thing=BookThing(book_id="x", thing_id="y"), hidden=True),
    UpdateDisplayRequest(hidden=True),
    PutClientValueRequest(key="A", value=b"x"),
    PutClientValueRequest(key="", value=b"x"),
    PutClientValueRequest(key="0" * 129, value=b"x"),
    PutClientValueRequest(key="large", value=LARGE + b"\0"),
    PutClientValueRequest(key="b", value=b"y", base_version=0),
    UpdateMeRequest(display_name=" "),
]


@pytest.mark.parametrize("at_once", [True, False], ids=["all at once", "one after the other"])
async def test_what_is_shown_is_what_comes(tablet: Device, home: BookOf, at_once: bool) -> None:
    book = tablet.book

    def compare(what: str) -> None:
        before, held = look(book), settings_in(book)
        tablet.sync()
        assert book.waiting == 0
        assert look(book) == before, what
        after = settings_in(book)
        assert held is not None
        assert after is not None
        held.version = after.version
        assert held == after

    def story() -> None:
        tablet.sync()
        done = [*commands(BookThing(book_id=home.id, thing_id=home.account_id)), *REFUSED]
        assert {name_of(each) for each in done} == HOME_RULES.keys()
        for command in done:
            book.do(command)
            if not at_once:
                compare(name_of(command))
        compare("all")
        assert [name_of(each.command) for each in book.tray()] == [name_of(each) for each in REFUSED]
        end(tablet)

    await asyncio.to_thread(story)


async def test_what_only_the_server_knows_to_be_wrong_is_shown_until_it_says_so(tablet: Device) -> None:
    book = tablet.book

    def story() -> None:
        tablet.sync()
        before = look(book)
        book.do(settings(base_currency="QQQ", locale="it"))
        book.do(UpdateDisplayRequest(thing=BookThing(book_id=new_id(), thing_id=new_id()), hidden=True))
        assert look(book) != before
        tablet.sync()
        assert look(book) == before
        assert len(book.tray()) == 2

    await asyncio.to_thread(story)


async def test_both_limits_of_client_values_hold_on_the_device(tablet: Device) -> None:
    book = tablet.book

    def story() -> None:
        tablet.sync()
        for number in range(63):
            book.do(PutClientValueRequest(key=f"large/{number}", value=LARGE))
        book.do(PutClientValueRequest(key="last", value=LARGE[1:]))
        book.do(PutClientValueRequest(key="small", value=b"xx"))
        assert client_value_in(book, "small") is None
        book.do(PutClientValueRequest(key="small", value=b"x"))
        for number in range(500 - 65):
            book.do(PutClientValueRequest(key=f"empty/{number}"))
        book.do(PutClientValueRequest(key="more"))
        assert len(book.list(ClientValue)) == 500
        before = look(book)
        tablet.sync()
        assert look(book) == before
        assert [each.command.key for each in book.tray()] == ["small", "more"]
        book.do(DeleteClientValueRequest(key="large/7"))
        book.do(PutClientValueRequest(key="more", value=LARGE))
        before = look(book)
        end(tablet)
        assert look(book) == before

    await asyncio.to_thread(story)


async def test_devices_that_make_the_same_apart_make_one_and_different_choices_merge(
    tablet: Device, watch: Device, home: BookOf
) -> None:
    thing = BookThing(book_id=home.id, thing_id=home.account_id)

    def story() -> None:
        tablet.sync()
        watch.sync()
        tablet.book.do(settings(theme=Theme.THEME_DARK, locale="fr"))
        tablet.book.do(UpdateDisplayRequest(thing=thing, icon="wallet"))
        tablet.book.do(PutClientValueRequest(key="k", value=b"tablet"))
        watch.book.do(settings(base_currency="CHF", time_zone="Asia/Tokyo"))
        watch.book.do(UpdateDisplayRequest(thing=thing, hidden=True))
        watch.book.do(PutClientValueRequest(key="k", value=b"watch"))
        end(tablet, watch)
        for device in (tablet, watch):
            book = device.book
            both, shown, kept = (
                settings_in(book),
                display_in(book, home.id, home.account_id.upper()),
                client_value_in(book, "k"),
            )
            assert both is not None
            assert shown is not None
            assert kept is not None
            assert (both.theme, both.locale, both.base_currency) == (Theme.THEME_DARK, "fr", "CHF")
            assert both.time_zone == "Asia/Tokyo"
            assert (shown.icon, shown.hidden, kept.value) == ("wallet", True, b"watch")
            assert (book.tray(), book.conflicts()) == ([], [])

    await asyncio.to_thread(story)


async def test_what_another_device_changed_meanwhile_is_seen_to_be_replaced(tablet: Device, watch: Device) -> None:
    def story() -> None:
        tablet.book.do(PutClientValueRequest(key="k", value=b"first"))
        tablet.book.do(settings(theme=Theme.THEME_DARK))
        end(tablet, watch)
        tablet.book.do(PutClientValueRequest(key="k", value=b"tablet"))
        tablet.book.do(settings(theme=Theme.THEME_LIGHT))
        watch.book.do(DeleteClientValueRequest(key="k"))
        watch.book.do(settings("theme", "hide_amounts", hide_amounts=True))
        tablet.sync()
        watch.sync()
        assert [tuple(each.groups) for _, each in watch.book.replaced()] == [("value",), ("theme",)]
        assert client_value_in(watch.book, "k") is None
        end(tablet, watch)

    await asyncio.to_thread(story)


def test_a_copy_that_holds_no_home_shows_no_settings(book: OfflineBook) -> None:
    book.do(settings(theme=Theme.THEME_DARK))
    book.do(PutClientValueRequest(key="k", value=b"x"))
    assert settings_in(book) is None
    assert look(book) == {}
    assert book.waiting == 2


@pytest.mark.parametrize("case", VECTORS["displays"], ids=lambda case: case["id"])
def test_ids_of_displays(case: Any) -> None:
    named = {"book_id": case["bookId"], "thing_id": case["thingId"]}
    thing = of_displays.canonical_thing(settings_displays_pb2.BookThing(**named))
    assert str(of_displays.display_id(UUID(VECTORS["homeId"]), thing)) == case["id"]
    assert display_id(VECTORS["homeId"], BookThing(**named)) == case["id"]


@pytest.mark.parametrize("case", VECTORS["clientValues"], ids=lambda case: case["key"][:10])
def test_ids_of_client_values(case: Any) -> None:
    assert str(value_id(UUID(VECTORS["homeId"]), case["key"])) == case["id"]
    assert client_value_id(VECTORS["homeId"], case["key"]) == case["id"]


@pytest.mark.parametrize("case", VECTORS["settings"], ids=name_of_case)
def test_settings_that_hold(case: Any) -> None:
    user, preferences = ParseDict(case["user"], User()), ParseDict(case["preferences"], Preferences())
    assert compose_settings(user, preferences) == ParseDict(case["settings"], Settings())
    server = of_preferences.compose_settings(
        identity_pb2.User.FromString(user.SerializeToString()),
        settings_pb2.Preferences.FromString(preferences.SerializeToString()),
    )
    assert server == ParseDict(case["settings"], settings_pb2.Settings())
