"""What UpdateSettings promises."""

from typing import Any

import pytest

from people import BookOf, Person, new_id, refusal_of
from rpc.settings.home import get, head_of, keeps_the_promises_of_a_write, settings_request, update
from rpc.sync.copy import Copy
from tallystick_client.v1.auth_service_pb2 import GetMeRequest, UpdateMeRequest
from tallystick_client.v1.ledger_pb2 import Weekday
from tallystick_client.v1.settings_pb2 import Preferences, Theme

DARK, LIGHT = Theme.THEME_DARK, Theme.THEME_LIGHT
EVERYTHING = {
    "locale": "de-CH",
    "time_zone": "Europe/Zurich",
    "base_currency": "CHF",
    "first_day_of_week": Weekday.WEEKDAY_SUNDAY,
    "first_day_of_month": 25,
    "theme": DARK,
    "hide_amounts": True,
}


async def test_update_settings_promises_what_every_write_does(book: BookOf) -> None:
    answer = await keeps_the_promises_of_a_write(
        book, "UpdateSettings", settings_request(theme=DARK), settings_request(theme=LIGHT)
    )
    assert answer.settings == await get(book.person)


async def test_update_settings_without_a_mask_changes_what_is_not_empty(ann: Person) -> None:
    settings = await update(ann, **EVERYTHING)
    assert {name: getattr(settings, name) for name in EVERYTHING} == EVERYTHING
    assert await get(ann) == settings
    assert (await update(ann, theme=LIGHT)).base_currency == "CHF"


async def test_update_settings_changes_only_what_the_mask_names(ann: Person) -> None:
    before = await update(ann, **EVERYTHING)
    settings = await update(ann, "hide_amounts", "first_day_of_month", theme=LIGHT)
    assert (settings.hide_amounts, settings.first_day_of_month, settings.theme) == (False, 1, DARK)
    assert settings.locale == before.locale


async def test_update_settings_with_a_star_and_nothing_else_brings_back_the_defaults(ann: Person) -> None:
    defaults = await get(ann)
    await update(ann, **EVERYTHING)
    again = await update(ann, "*")
    again.version = defaults.version
    assert again == defaults


async def test_update_settings_changes_the_user_and_the_preferences_in_one_commit(ann: Person) -> None:
    before = await head_of(ann)
    settings = await update(ann, locale="fr", theme=DARK)
    user = (await ann.auth.GetMe(GetMeRequest())).user
    copy = await Copy(ann, ann.user.home_id).pull()
    preferences = copy.get(Preferences, "preferences", ann.user.home_id)
    assert user.locale == "fr"
    assert preferences == Preferences(id=ann.user.home_id, version=before + 1, theme=DARK)
    assert user.version == preferences.version == settings.version == await head_of(ann)


async def test_update_settings_leaves_alone_what_does_not_differ(ann: Person) -> None:
    await update(ann, locale="fr", theme=DARK)
    settings = await update(ann, theme=LIGHT, locale="fr")
    copy = await Copy(ann, ann.user.home_id).pull()
    assert (await ann.auth.GetMe(GetMeRequest())).user.version < settings.version
    assert copy.get(Preferences, "preferences", ann.user.home_id).version == settings.version


async def test_update_settings_that_changes_nothing_makes_nothing(ann: Person) -> None:
    assert await update(ann) == await get(ann)
    await update(ann, "theme", "first_day_of_month")
    assert ("preferences", ann.user.home_id) not in (await Copy(ann, ann.user.home_id).pull()).rows


async def test_update_settings_keeps_a_choice_of_what_is_the_default(ann: Person) -> None:
    """It stays so should the default become another one."""
    await update(ann, theme=Theme.THEME_SYSTEM)
    copy = await Copy(ann, ann.user.home_id).pull()
    assert copy.get(Preferences, "preferences", ann.user.home_id).theme == Theme.THEME_SYSTEM


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("time_zone", "Mars/Olympus", "INVALID_FIELD"),
        ("time_zone", "/etc/passwd", "INVALID_FIELD"),
        ("locale", "--", "INVALID_FIELD"),
        ("locale", "en\n", "INVALID_FIELD"),
        ("base_currency", "eur", "INVALID_FIELD"),
        ("base_currency", "QQQ", "UNKNOWN_CURRENCY"),
        ("theme", 9, "INVALID_FIELD"),
        ("first_day_of_week", 8, "INVALID_FIELD"),
        ("first_day_of_month", -1, "INVALID_FIELD"),
        ("first_day_of_month", 29, "INVALID_FIELD"),
        ("first_day_of_month", 31, "INVALID_FIELD"),
    ],
)
async def test_update_settings_refuses_and_names_a_wrong_field(
    ann: Person, field: str, value: Any, reason: str
) -> None:
    wanted = {"hide_amounts": True, "locale": "fr", field: value}
    refusal = await refusal_of(ann.settings.UpdateSettings(settings_request(**wanted)))
    assert (refusal.reason, refusal.fields) == (reason, (field,))
    settings = await get(ann)
    assert (settings.hide_amounts, settings.locale) == (False, "en")


@pytest.mark.parametrize("path", ["", "version", "display_name", "id", "nothing", "theme.x", "*.*"])
async def test_update_settings_refuses_a_mask_with_a_field_that_cannot_be_changed(ann: Person, path: str) -> None:
    refusal = await refusal_of(ann.settings.UpdateSettings(settings_request("theme", path, theme=DARK)))
    assert (refusal.reason, refusal.fields) == ("INVALID_UPDATE_MASK", ("update_mask",))
    assert (await get(ann)).theme == Theme.THEME_SYSTEM


async def test_update_settings_refuses_what_was_changed_since_the_version_it_was_made_on(ann: Person) -> None:
    base = (await update(ann, hide_amounts=True)).version
    changed = await update(ann, theme=DARK)
    refusal = await refusal_of(ann.settings.UpdateSettings(settings_request(theme=LIGHT, base_version=base)))
    assert (refusal.reason, refusal.metadata) == ("STALE_VERSION", {"current_version": str(changed.version)})
    assert (await update(ann, base_currency="CHF", base_version=base)).base_currency == "CHF"
    assert (await update(ann, theme=LIGHT, base_version=changed.version)).theme == LIGHT


async def test_update_settings_refuses_what_was_first_chosen_since(ann: Person) -> None:
    """That another device made the preferences names no fields; what they say was changed all the same."""
    base = (await get(ann)).version
    await update(ann, theme=DARK, first_day_of_month=5)
    await update(ann, "first_day_of_month")
    for wanted in ({"theme": LIGHT}, {"first_day_of_month": 7}):
        refusal = await refusal_of(ann.settings.UpdateSettings(settings_request(base_version=base, **wanted)))
        assert refusal.reason == "STALE_VERSION"
    assert (await update(ann, base_currency="CHF", base_version=base)).base_currency == "CHF"


async def test_update_settings_refuses_a_locale_that_was_changed_since_and_does_none_of_the_rest(ann: Person) -> None:
    base = (await get(ann)).version
    await ann.auth.UpdateMe(UpdateMeRequest(request_id=new_id(), locale="fr"))
    wanted = settings_request(locale="it", theme=DARK, base_version=base)
    assert (await refusal_of(ann.settings.UpdateSettings(wanted))).reason == "STALE_VERSION"
    settings = await get(ann)
    assert (settings.locale, settings.theme) == ("fr", Theme.THEME_SYSTEM)
    assert (await update(ann, time_zone="Asia/Tokyo", theme=DARK, base_version=base)).time_zone == "Asia/Tokyo"
