"""What GetSettings promises."""

from people import BookOf, Person, new_id
from rpc.settings.home import get, head_of, is_for_sessions_only, update
from tallystick_client.v1.auth_service_pb2 import UpdateMeRequest
from tallystick_client.v1.ledger_pb2 import Weekday
from tallystick_client.v1.settings_pb2 import GetSettingsRequest, Settings, Theme


async def test_get_settings_of_who_has_chosen_nothing_are_the_defaults(ann: Person) -> None:
    assert await get(ann) == Settings(
        version=ann.user.version,
        locale="en",
        time_zone="UTC",
        first_day_of_week=Weekday.WEEKDAY_MONDAY,
        first_day_of_month=1,
        theme=Theme.THEME_SYSTEM,
    )


async def test_get_settings_writes_nothing(ann: Person) -> None:
    before = await head_of(ann)
    await get(ann)
    assert await head_of(ann) == before


async def test_get_settings_shows_locale_and_time_zone_as_the_user_has_them(ann: Person) -> None:
    changed = await ann.auth.UpdateMe(UpdateMeRequest(request_id=new_id(), locale="de-CH", time_zone="Europe/Zurich"))
    settings = await get(ann)
    assert (settings.locale, settings.time_zone) == ("de-CH", "Europe/Zurich")
    assert settings.version == changed.user.version


async def test_get_settings_are_those_of_the_caller_alone(ann: Person, bob: Person) -> None:
    await update(ann, theme=Theme.THEME_DARK)
    assert (await get(bob)).theme == Theme.THEME_SYSTEM
    assert (await get(ann)).theme == Theme.THEME_DARK


async def test_get_settings_needs_a_session(book: BookOf) -> None:
    await is_for_sessions_only(book, "GetSettings", GetSettingsRequest())
