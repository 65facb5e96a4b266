"""Does the Python SDK say what the vectors say, and does the server?"""

import re
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message import Message

from sdk_python.vectors import name_of, read_vectors
from tallystick.budgets import pushed as budgets_pushed
from tallystick.errors import TallystickError as Refused
from tallystick.groups import pushed as groups_pushed
from tallystick.ledger import pushed as ledger_pushed
from tallystick.ledger.transactions import rules as server_rules
from tallystick.ledger.transactions import rules_changes as server_changes
from tallystick.merging import Merging
from tallystick.sync.rules import State, judge
from tallystick.v1 import ledger_pb2 as server_pb
from tallystick.v1.ledger_service_pb2 import CreateTransactionRequest as ServerCreate
from tallystick.v1.ledger_transactions_pb2 import UpdateTransactionRequest as ServerUpdate
from tallystick.v1.sync_pb2 import ConflictRule
from tallystick_client import add_money, allocate, new_id, parse_money, to_decimal
from tallystick_client.offline import groups_between, is_about_money
from tallystick_client.offline.changing import change, compose_from
from tallystick_client.offline.digest import digest_of
from tallystick_client.offline.kinds import parse, unwrap
from tallystick_client.offline.refusals import CannotApply
from tallystick_client.offline.rows import Row
from tallystick_client.v1 import sync_mutation_pb2, sync_pb2, sync_service_pb2
from tallystick_client.v1.group_expenses_pb2 import Expense
from tallystick_client.v1.group_settlements_pb2 import Settlement
from tallystick_client.v1.ledger_pb2 import Account, Book, Category, Transaction
from tallystick_client.v1.ledger_service_pb2 import CreateTransactionRequest
from tallystick_client.v1.ledger_transactions_pb2 import UpdateTransactionRequest
from tallystick_client.v1.money_pb2 import Money

MONEY, SPLITS, CONFLICTS, WIRE = (read_vectors(name) for name in ("money", "splits", "conflicts", "wire"))
MESSAGES: dict[str, type[Message]] = {
    "tallystick.v1.Mutation": sync_mutation_pb2.Mutation,
    "tallystick.v1.Change": sync_pb2.Change,
    "tallystick.v1.PullResponse": sync_service_pb2.PullResponse,
}
SERVER_ENTITIES: dict[str, Any] = {
    entity.kind: entity for entity in (*ledger_pushed.ENTITIES, *groups_pushed.ENTITIES, *budgets_pushed.ENTITIES)
}
ENTITIES: dict[str, type[Any]] = {
    "transaction": Transaction,
    "account": Account,
    "book": Book,
    "expense": Expense,
    "settlement": Settlement,
}


@pytest.mark.parametrize("case", MONEY["parse"], ids=lambda case: f"{case['decimal']!r} {case['currency']}")
def test_parsing_money(case: Any) -> None:
    if case.get("error"):
        with pytest.raises((ValueError, OverflowError)):
            parse_money(case["decimal"], case["currency"])
    else:
        assert parse_money(case["decimal"], case["currency"]).minor == int(case["minor"])


@pytest.mark.parametrize("case", MONEY["format"], ids=lambda case: case["decimal"])
def test_formatting_money(case: Any) -> None:
    assert to_decimal(Money(currency=case["currency"], minor=int(case["minor"]))) == case["decimal"]


@pytest.mark.parametrize("case", MONEY["add"], ids=lambda case: "+".join(case["minors"]))
def test_adding_money(case: Any) -> None:
    amounts = [Money(currency=case["currency"], minor=int(minor)) for minor in case["minors"]]
    if case.get("error"):
        with pytest.raises(OverflowError):
            add_money(*amounts)
    else:
        assert add_money(*amounts).minor == int(case["sum"])


@pytest.mark.parametrize("case", MONEY["allocate"], ids=lambda case: f"{case['minor']} {case['weights']}")
def test_allocating_money(case: Any) -> None:
    money = Money(currency="EUR", minor=int(case["minor"]))
    if case.get("error"):
        with pytest.raises(ValueError):  # noqa: PT011 - which of the weights is wrong is told to people only
            allocate(money, case["weights"])
    else:
        assert [part.minor for part in allocate(money, case["weights"])] == [int(part) for part in case["parts"]]


class _Named:
    """The accounts and categories of the vectors."""

    def __init__(self) -> None:
        accounts = [ParseDict(each, Account()) for each in SPLITS["accounts"]]
        categories = [ParseDict(each, Category()) for each in SPLITS["categories"]]
        self._rows = {("account", each.id): Row("account", each.id, each) for each in accounts}
        self._rows |= {("category", each.id): Row("category", each.id, each) for each in categories}

    def live(self, kind: str, entity_id: str) -> Any:
        row = self._rows.get((kind, entity_id))
        return row.message if row else None


def _told(transaction: Any) -> dict[str, Any]:
    told = MessageToDict(transaction)
    return {name: told[name] for name in ("entries", "status", "impliedRate", "privateTo") if told.get(name)}


@pytest.mark.parametrize("case", SPLITS["create"], ids=name_of)
def test_composing_a_transaction(case: Any) -> None:
    request = ParseDict(case["request"], CreateTransactionRequest())
    if case.get("refused"):
        with pytest.raises(CannotApply):
            compose_from(request, Transaction(), (), _Named())
    else:
        assert _told(compose_from(request, Transaction(), (), _Named())) == case["transaction"]


@pytest.mark.parametrize("case", SPLITS["change"], ids=name_of)
def test_changing_a_transaction(case: Any) -> None:
    before = ParseDict(case["before"] | {"bookedOn": "2026-02-03"}, Transaction())
    update = ParseDict(case["update"], UpdateTransactionRequest())
    if case.get("refused"):
        with pytest.raises(CannotApply):
            change(before, update, _Named(), unlock=update.unlock)
    else:
        assert _told(change(before, update, _Named(), unlock=update.unlock)) == case["after"]


def _server_named() -> server_rules.Named:
    accounts = {each["id"]: ParseDict(each, server_pb.Account()) for each in SPLITS["accounts"]}
    categories = {each["id"]: ParseDict(each, server_pb.Category()) for each in SPLITS["categories"]}
    return server_rules.Named(accounts, categories)


@pytest.mark.parametrize("case", SPLITS["create"], ids=name_of)
def test_the_server_composes_the_same(case: Any) -> None:
    request, named = ParseDict(case["request"], ServerCreate()), _server_named()

    def compose() -> server_pb.Transaction:
        entries = server_rules.compose_entries(request, named)
        server_changes.carry_statuses(entries, (), request.status)
        return server_rules.finish(server_pb.Transaction(kind=request.kind, entries=entries), named)

    if case.get("refused"):
        with pytest.raises(Refused):
            compose()
    else:
        assert _told(compose()) == case["transaction"]


@pytest.mark.parametrize("case", SPLITS["change"], ids=name_of)
def test_the_server_changes_the_same(case: Any) -> None:
    before = ParseDict(case["before"] | {"bookedOn": "2026-02-03"}, server_pb.Transaction())
    update, named = ParseDict(case["update"], ServerUpdate()), _server_named()

    def changed() -> server_pb.Transaction:
        draft = server_changes.change_draft(before, update)
        stays = server_changes.is_same_money(draft, before)
        entries = list(before.entries) if stays else server_rules.compose_entries(draft, named, before.entries)
        kept = [server_pb.Entry.FromString(entry.SerializeToString()) for entry in entries]
        server_changes.carry_statuses(kept, before.entries, draft.status)
        after = server_pb.Transaction(kind=draft.kind, entries=kept, booked_on=draft.booked_on)
        server_changes.require_unlocked(before, after, unlock=update.unlock)
        return server_rules.finish(after, named)

    if case.get("refused"):
        with pytest.raises(Refused):
            changed()
    else:
        assert _told(changed()) == case["after"]


@pytest.mark.parametrize("case", CONFLICTS["cases"], ids=name_of)
def test_groups_that_differ(case: Any) -> None:
    kind = ENTITIES[case["kind"]]
    base, theirs, mine = (ParseDict(case[name], kind()) if case[name] else None for name in ("base", "theirs", "mine"))
    assert base is not None
    assert theirs is not None
    groups = groups_between(base, theirs)
    assert sorted(groups) == case["theirGroups"]
    if mine is None:
        assert case["decision"] == "conflict"
        return
    met = groups & groups_between(theirs, mine)
    assert sorted(met) == case["met"]
    assert any(is_about_money(kind, group) for group in met) == (case["decision"] == "conflict")


@pytest.mark.parametrize("case", CONFLICTS["cases"], ids=name_of)
def test_the_server_decides_the_same(case: Any) -> None:
    entity = SERVER_ENTITIES[case["kind"]]
    merging: Merging = entity.merging
    base, theirs = (State(ParseDict(case[each], entity.message_type()), False, uuid4()) for each in ("base", "theirs"))
    is_deleted = case["mine"] is None
    mine = State(ParseDict(case["theirs" if is_deleted else "mine"], entity.message_type()), is_deleted, uuid4())
    verdict = judge(merging, base, [theirs], mine, lambda _: False)
    assert sorted(verdict.theirs) == case["theirGroups"]
    assert sorted(verdict.met) == case["met"]
    assert verdict.is_conflict == (case["decision"] == "conflict")
    if verdict.is_conflict:
        assert ConflictRule.Name(verdict.rule) == case["rule"]


def test_groups_about_money() -> None:
    on_server = {kind: sorted(entity.merging.money) for kind, entity in SERVER_ENTITIES.items()}
    assert {kind: groups for kind, groups in on_server.items() if groups} == CONFLICTS["moneyGroups"]


@pytest.mark.parametrize("kind", sorted(SERVER_ENTITIES))
def test_the_sdk_knows_which_groups_are_about_money(kind: str) -> None:
    message_type = type(parse(kind, b""))
    groups = {"amounts", "accounts", "date", "money", "refund", *message_type.DESCRIPTOR.fields_by_name}
    of_money = {group for group in groups if is_about_money(message_type, group)}
    assert of_money == SERVER_ENTITIES[kind].merging.money


@pytest.mark.parametrize("case", WIRE["messages"], ids=lambda case: case["message"])
def test_the_wire(case: Any) -> None:
    message = MESSAGES[case["message"]]
    parsed = message.FromString(bytes.fromhex(case["hex"]))
    assert MessageToDict(parsed) == case["json"]
    assert ParseDict(case["json"], message()).SerializeToString(deterministic=True).hex() == case["hex"]


def test_an_entity_of_no_kind_that_is_known() -> None:
    case = WIRE["unknownEntity"]
    change_of_it = sync_pb2.Change.FromString(bytes.fromhex(case["change"]))
    assert unwrap(change_of_it.entity) == (f"field:{case['field']}", case["id"], bytes.fromhex(case["body"]))


@pytest.mark.parametrize("case", WIRE["digests"], ids=lambda case: str(len(case["live"])))
def test_the_digest(case: Any) -> None:
    live = [(each["kind"], each["id"], int(each["version"])) for each in case["live"]]
    assert digest_of(live) == (int(case["liveCount"]), int(case["digest"]))


@pytest.mark.parametrize("case", WIRE["uuid7"]["times"], ids=lambda case: case["unixMs"])
def test_ids_begin_with_the_time(case: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time_ns", lambda: int(case["unixMs"]) * 1_000_000 + 999_999)
    made = {new_id() for _ in range(100)}
    assert len(made) == 100
    for each in made:
        assert re.fullmatch(WIRE["uuid7"]["pattern"], each)
        assert each.replace("-", "").startswith(case["firstTwelveDigits"])
