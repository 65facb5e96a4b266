"""Does what one book exports as JSON arrive in another one, and is a file refused that is not whole?"""

from collections import Counter

import pytest

from imports.desk import STATUS, Desk
from imports.samples_of import FOLDER
from people import Client, Person, make_book, refusal_of
from rpc.exports.taking import JSON, take
from rpc.ledger import accounts, categories
from rpc.ledger.crowded_book import make_crowded_book
from tallystick.errors import InvalidInput
from tallystick.imports.reading.own_export import read_own_export
from tallystick_client.v1.import_pb2 import ImportAccount

SAMPLE = (FOLDER / "own_book.jsonl").read_text()
LINES = SAMPLE.splitlines(keepends=True)


async def test_every_amount_of_a_crowded_book_is_read(client: Client, ann: Person) -> None:
    crowd = await make_crowded_book(ann, seed=5)
    taken = await take(crowd.book.person, book_id=crowd.book.id, format=JSON)
    read = read_own_export(taken.data.decode())
    assert read.errors == ()
    found: Counter[tuple[str, str, int]] = Counter()
    for line in read.lines:
        found[line.day.isoformat(), *line.amount] += 1
        if line.other_account:
            other = line.foreign or line.amount
            found[line.day.isoformat(), other.currency, -other.minor] += 1
    assert found == Counter(
        (one.booked_on, entry.amount.currency, entry.amount.minor)
        for one in crowd.live.values()
        for entry in one.entries
    )


async def test_it_arrives_in_another_book_once(desk: Desk, ann: Person) -> None:
    old = await make_book(ann)
    food = await categories.make(old, "Food and drink")
    savings = await accounts.make(old, name="Savings")
    await old.spend(350, payee="Baker", category_id=food.id)
    await accounts.transfer(old, old.account_id, savings.id, 1000, on="2026-03-02")
    data = (await take(ann, book_id=old.id, format=JSON)).data
    made = await desk.create(data, "Home.jsonl", account_id="")
    kept = await accounts.make(desk.book, name="Kept")
    chosen = [
        ImportAccount(name=each.name, account_id=kept.id if each.name == "Savings" else desk.book.account_id)
        for each in made.accounts
    ]
    await desk.answer(made.id, accounts=chosen)
    done = await desk.process(made.id)
    assert (done.status, done.counts.imported) == (STATUS.IMPORT_STATUS_DONE, 2)
    assert await desk.book.balance() == -1350
    again = await desk.create(data, "Home.jsonl", account_id="")
    assert (await desk.process(again.id)).counts.imported == 0


@pytest.mark.parametrize(
    "text",
    [
        "".join(LINES[:-1]),
        "".join([*LINES[:3], *LINES[4:]]),
        SAMPLE + LINES[1],
        SAMPLE.replace('"formatVersion":1', '"formatVersion":2'),
        SAMPLE.replace("SPACE_KIND_BOOK", "SPACE_KIND_GROUP"),
        SAMPLE.replace('{"change"', '"change"', 1),
        SAMPLE.replace(LINES[1], "[" * 100_000 + "\n"),
        SAMPLE.replace("Sunday", "x" * 10_001),
    ],
    ids=["cut", "a line is missing", "goes on", "later version", "of a group", "no JSON", "deep", "endless text"],
)
def test_what_is_not_whole_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_own_export(text)
    assert refused.value.violations[0].field == "file"


async def test_the_call_says_that_it_was_cut(desk: Desk) -> None:
    file = await desk.put("".join(LINES[:-1]), "Home.jsonl")
    refusal = await refusal_of(desk.calls.CreateImport(desk.creation(file.id)))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("file",))
