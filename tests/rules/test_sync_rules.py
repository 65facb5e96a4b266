"""Are changes that were made apart judged the same way, whatever the order in which they arrive?"""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tallystick.ledger.transactions.rules_merging import MONEY, groups_of
from tallystick.merging import LATER_WINS, Merging, changed_names, money_in
from tallystick.sync.rules import EXISTENCE, State, judge
from tallystick.v1.ledger_pb2 import Account, Entry, Transaction
from tallystick.v1.money_pb2 import Money
from tallystick.v1.sync_pb2 import ConflictRule

FIELDS = ("name", "icon", "color", "note")
MERGING = money_in("note")

values = st.sampled_from(["a", "b", "c"])
states = st.fixed_dictionaries(dict.fromkeys(FIELDS, values))
edits = st.dictionaries(st.sampled_from(FIELDS), values, min_size=1)


def state(fields: dict[str, str], *, deleted: bool = False, request: int = 1) -> State:
    return State(Account(**fields), deleted, UUID(int=request))  # type: ignore[arg-type]  # all four are texts


def never(_: UUID) -> bool:
    return False


@given(states, edits, edits)
def test_a_change_conflicts_exactly_when_money_that_others_changed_becomes_something_else(
    base: dict[str, str], theirs: dict[str, str], mine: dict[str, str]
) -> None:
    now = base | theirs
    verdict = judge(MERGING, state(base), [state(now)], state(now | mine), never)
    changed = {name for name in FIELDS if base[name] != now[name]}
    met = {name for name in mine if name in changed and mine[name] != now[name]}
    assert verdict.theirs == changed
    assert verdict.is_conflict == ("note" in met)
    assert verdict.met == ({"note"} if "note" in met else met)


@given(states, edits, edits)
def test_changes_of_different_groups_commute(base: dict[str, str], one: dict[str, str], other: dict[str, str]) -> None:
    other = {name: value for name, value in other.items() if name not in one}
    for first, second in ((one, other), (other, one)):
        now = base | first
        assert not judge(MERGING, state(base), [state(now)], state(now | second), never).met
    assert base | one | other == base | other | one


@given(states, st.lists(edits, max_size=4), edits)
def test_a_device_never_meets_itself(base: dict[str, str], chain: list[dict[str, str]], mine: dict[str, str]) -> None:
    since, now = [], base
    for number, edit in enumerate(chain):
        now = now | edit
        since.append(state(now, request=number))
    verdict = judge(MERGING, state(base), since, state(now | mine), lambda request_id: request_id.int < len(chain))
    assert (verdict.theirs, verdict.is_conflict) == (frozenset(), False)


@given(states, edits)
def test_a_delete_wins_only_over_what_it_has_seen(base: dict[str, str], theirs: dict[str, str]) -> None:
    now = base | theirs
    verdict = judge(MERGING, state(base), [state(now)], state(now, deleted=True), never)
    is_changed = now != base
    assert verdict.is_conflict == is_changed
    if is_changed:
        assert verdict.rule == ConflictRule.CONFLICT_RULE_DELETES_CHANGED


@given(states, edits)
def test_a_delete_of_what_is_of_no_weight_wins_and_says_what_it_replaced(
    base: dict[str, str], theirs: dict[str, str]
) -> None:
    now = base | theirs
    verdict = judge(LATER_WINS, state(base), [state(now)], state(now, deleted=True), never)
    assert not verdict.is_conflict
    assert verdict.met == verdict.theirs == {name for name in FIELDS if base[name] != now[name]}


def test_being_made_deleted_and_restored_are_changes_of_their_own() -> None:
    fields = dict.fromkeys(FIELDS, "a")
    made = judge(MERGING, None, [state(fields)], state(fields), never)
    gone = judge(MERGING, state(fields), [state(fields, deleted=True)], state(fields), never)
    assert made.theirs == {EXISTENCE, *FIELDS}
    assert gone.theirs == {EXISTENCE}
    assert not made.is_conflict


def transaction(**fields: object) -> Transaction:
    entry = Entry(account_id="a", category_id="c", amount=Money(currency="EUR", minor=-5), line=0)
    usual: dict[str, object] = {"booked_on": "2026-01-01", "entries": [entry], "version": 1}
    return Transaction(**(usual | fields))  # type: ignore[arg-type]  # whatever a test changes


def entries(**fields: object) -> list[Entry]:
    usual: dict[str, object] = {"account_id": "a", "category_id": "c", "amount": Money(currency="EUR", minor=-5)}
    return [Entry(**(usual | fields))]  # type: ignore[arg-type]  # as above


def test_the_groups_of_a_transaction() -> None:
    cases: dict[str, Transaction] = {
        "amounts": transaction(entries=entries(amount=Money(currency="EUR", minor=-6))),
        "accounts": transaction(entries=entries(account_id="b")),
        "date": transaction(booked_on="2026-01-02"),
        "refund": transaction(refund_of_id="x"),
        "categories": transaction(entries=entries(category_id="d")),
        "notes": transaction(entries=entries(note="x")),
        "status": transaction(entries=entries(status=1)),
        "import_keys": transaction(entries=entries(import_key="x")),
        "payee": transaction(payee="x", payee_id="y"),
        "note": transaction(note="x"),
        "payment_method": transaction(payment_method_id="x"),
        "tags": transaction(tag_ids=["x"]),
        "attachments": transaction(attachment_ids=["x"]),
    }
    for group, after in cases.items():
        assert groups_of(transaction(), after) == {group}
        assert groups_of(after, transaction()) == {group}
    assert groups_of(transaction(), transaction(version=9)) == frozenset()
    assert groups_of(transaction(), transaction(entries=[*entries(), *entries(line=1)])) == {"amounts"}
    assert set(cases) > MONEY == {"amounts", "accounts", "date", "refund"}


def test_without_a_word_each_field_is_a_group() -> None:
    assert changed_names(Account(name="a", version=1), Account(name="b", version=2)) == {"name"}
    assert Merging().money == frozenset()
