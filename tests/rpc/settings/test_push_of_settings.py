"""What becomes of settings that several devices change apart from each other: Push, Pull and Watch of the home."""

from typing import Any

import pytest

from people import BookOf, Person, make_book, new_id, sign_in
from rpc.settings.home import (
    delete_request,
    display_request,
    displays_of,
    get,
    keys_of,
    put,
    put_request,
    reset_request,
    settings_request,
    show,
    thing_of,
    update,
    value_of,
)
from rpc.spaces.sharing import EDITOR, leave, share
from rpc.sync.copy import Copy, mutation
from sync.watch.device import bodies, up_to_date
from tallystick_client.v1.error_reason_pb2 import ErrorReason
from tallystick_client.v1.settings_client_values_pb2 import PutClientValueResponse
from tallystick_client.v1.settings_displays_pb2 import BookThing, Display
from tallystick_client.v1.settings_pb2 import Preferences, Theme, UpdateSettingsResponse
from tallystick_client.v1.sync_pb2 import Outcome

DARK, LIGHT = Theme.THEME_DARK, Theme.THEME_LIGHT


@pytest.fixture
async def copy(ann: Person) -> Copy:
    return await Copy(ann, ann.user.home_id).pull()


def outcome(result: Any) -> str:
    return Outcome.Name(result.outcome).removeprefix("OUTCOME_")


def reason(result: Any) -> str:
    return ErrorReason.Name(result.rejection.reason).removeprefix("ERROR_REASON_")


async def conflicts_of(person: Person) -> int:
    copy = await Copy(person, person.user.home_id).pull()
    return sum(kind == "conflict" for kind, _ in copy.live)


async def test_push_does_what_the_calls_do_and_answers_the_same(book: BookOf, copy: Copy) -> None:
    ann = book.person
    requests = [
        settings_request(theme=DARK, locale="fr"),
        display_request(thing_of(book), hidden=True),
        put_request("k", b"x"),
        delete_request("k"),
        reset_request(thing_of(book)),
    ]
    results = await copy.push(*[mutation(each) for each in requests])
    assert [outcome(each) for each in results] == ["APPLIED"] * 5
    assert await ann.settings.UpdateSettings(requests[0]) == UpdateSettingsResponse.FromString(results[0].answer)
    assert await ann.settings.PutClientValue(requests[2]) == PutClientValueResponse.FromString(results[2].answer)
    await copy.pull()
    assert copy.get(Preferences, "preferences", ann.user.home_id).theme == DARK
    assert [kind for kind, _ in copy.live if kind in ("display", "client_value")] == []
    assert (await copy.status()).digest == copy.digest()


async def test_pull_of_a_new_copy_has_what_is_there_and_nothing_of_others(book: BookOf, bob: Person) -> None:
    ann = book.person
    await update(bob, theme=LIGHT)
    shown = await show(ann, thing_of(book), icon="wallet")
    kept = await put(ann, "k", b"x")
    await update(ann, theme=DARK)
    copy = await Copy(ann, ann.user.home_id).pull()
    assert copy.get(Display, "display", shown.id) == shown
    assert {key for key in copy.live if key[0] in ("preferences", "display", "client_value")} == {
        ("preferences", ann.user.home_id),
        ("display", shown.id),
        ("client_value", kept.id),
    }


async def test_watch_of_the_home_tells_of_them_as_they_change(book: BookOf) -> None:
    ann = book.person
    async with up_to_date(ann, book.id, ann.user.home_id) as watch:
        await update(ann, theme=DARK, locale="fr")
        changes = await watch.expect("changes")
        assert changes.space_id == ann.user.home_id
        assert {change.entity.WhichOneof("kind") for change in changes.changes} == {"profile", "preferences"}
        shown = await show(ann, thing_of(book), hidden=True)
        assert shown in bodies(await watch.expect("changes"))
        await put(ann, "k", b"x")
        await watch.expect("changes")
        await ann.settings.DeleteClientValue(delete_request("k"))
        (change,) = (await watch.expect("changes")).changes
        assert change.deleted


async def test_two_devices_that_make_the_same_offline_make_one(book: BookOf) -> None:
    """Neither has seen anything: both ids follow from the home, and nothing is in conflict."""
    ann = book.person
    for number, value in enumerate((DARK, LIGHT)):
        device = Copy(await sign_in(ann.client, ann.email), ann.user.home_id)
        results = await device.push(
            mutation(settings_request(theme=value)),
            mutation(display_request(thing_of(book), position=number + 1)),
            mutation(put_request("k", str(number).encode())),
        )
        assert [outcome(each) for each in results] == ["APPLIED"] * 3
    assert ((await get(ann)).theme, (await value_of(ann, "k")).value) == (LIGHT, b"1")
    assert [each.position for each in await displays_of(ann, book.id)] == [2]


async def test_preferences_that_differ_merge_and_of_the_same_the_later_stays(ann: Person, copy: Copy) -> None:
    await update(ann, theme=DARK)
    base = (await copy.pull()).head
    other = await update(ann, hide_amounts=True, theme=LIGHT, locale="fr")
    (merged,) = await copy.push(mutation(settings_request(base_currency="CHF", time_zone="Asia/Tokyo"), base=base))
    assert (outcome(merged), list(merged.replaced)) == ("MERGED", [])
    (later,) = await copy.push(mutation(settings_request(theme=DARK, locale="it"), base=base))
    assert outcome(later) == "MERGED"
    assert {tuple(each.groups) for each in later.replaced} == {("theme",), ("locale",)}
    settings = await get(ann)
    assert (settings.base_currency, settings.time_zone) == ("CHF", "Asia/Tokyo")
    assert (settings.hide_amounts, settings.theme, settings.locale) == (other.hide_amounts, DARK, "it")
    assert await conflicts_of(ann) == 0


async def test_what_is_taken_away_and_changed_apart_is_as_the_later_left_it(book: BookOf) -> None:
    """Nobody is asked about a colour: there is no conflict, and what was there is in the result."""
    ann, thing = book.person, thing_of(book)
    for later in ("taken away", "changed"):
        base = (await show(ann, thing, icon=f"before {later}")).version
        base = max(base, (await put(ann, "k", later.encode())).version)
        copy = Copy(ann, ann.user.home_id)
        if later == "taken away":
            await show(ann, thing, color="#000000")
            await put(ann, "k", b"changed meanwhile")
            results = await copy.push(
                mutation(reset_request(thing), base=base), mutation(delete_request("k"), base=base)
            )
            assert [len(each.replaced) for each in results] == [1, 1]
            assert (await displays_of(ann, book.id), await keys_of(ann)) == ([], [])
        else:
            await ann.settings.ResetDisplay(reset_request(thing))
            await ann.settings.DeleteClientValue(delete_request("k"))
            results = await copy.push(
                mutation(display_request(thing, hidden=True), base=base), mutation(put_request("k", b"x"), base=base)
            )
            (shown,) = await displays_of(ann, book.id)
            assert (shown.icon, shown.hidden) == ("", True)
            assert (await value_of(ann, "k")).value == b"x"
        assert [outcome(each) for each in results] == ["MERGED", "MERGED"]
    assert await conflicts_of(ann) == 0


async def test_what_two_devices_take_away_is_away(book: BookOf, copy: Copy) -> None:
    ann, thing = book.person, thing_of(book)
    base = (await show(ann, thing, hidden=True)).version
    base = max(base, (await put(ann, "k", b"x")).version)
    for _ in range(2):
        results = await copy.push(mutation(reset_request(thing), base=base), mutation(delete_request("k"), base=base))
        assert {outcome(each) for each in results} <= {"APPLIED", "MERGED"}
    assert (await displays_of(ann, book.id), await keys_of(ann)) == ([], [])


async def test_a_refused_mutation_is_refused_for_what_its_call_is_and_holds_up_no_other(
    book: BookOf, bob: Person, copy: Copy
) -> None:
    others = await make_book(bob)
    refused = [
        mutation(settings_request(base_currency="QQQ", locale="fr")),
        mutation(settings_request(time_zone="Mars/Olympus")),
        mutation(settings_request("nothing")),
        mutation(display_request(thing_of(others), hidden=True)),
        mutation(display_request(BookThing(book_id=new_id(), thing_id=others.account_id), hidden=True)),
        mutation(put_request("A", b"x")),
    ]
    *results, last = await copy.push(*refused, mutation(settings_request(theme=DARK)))
    # The second about the same thing stands behind the first.
    told = ["UNKNOWN_CURRENCY", "INVALID_FIELD", "INVALID_UPDATE_MASK", "NOT_FOUND", "UNSPECIFIED", "INVALID_FIELD"]
    assert [reason(each) for each in results] == told
    assert outcome(results[4]) == "BLOCKED_BY"
    assert outcome(last) == "APPLIED"
    settings = await get(book.person)
    assert (settings.theme, settings.locale) == (DARK, "en")


async def test_settings_go_to_no_other_space_than_the_home(book: BookOf) -> None:
    in_book = Copy(book.person, book.id)
    (result,) = await in_book.push(mutation(settings_request(theme=DARK)))
    assert (outcome(result), reason(result)) == ("REJECTED", "OTHER_SPACE")


async def test_displays_of_a_book_that_was_left_stay_in_the_copy_and_are_refused_when_pushed(
    book: BookOf, bob: Person
) -> None:
    await share(book.person, book.id, bob, EDITOR)
    shown = await show(bob, thing_of(book), icon="wallet")
    await leave(bob, book.id)
    copy = await Copy(bob, bob.user.home_id).pull()
    assert copy.get(Display, "display", shown.id) == shown
    (result,) = await copy.push(mutation(display_request(thing_of(book), hidden=True), base=shown.version))
    assert (outcome(result), reason(result)) == ("REJECTED", "NOT_FOUND")
