"""Can categories be arranged so that somebody loses one, or something goes on naming what is gone?"""

from uuid import UUID

import pytest
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from tallystick.errors import InvalidInput, RuleBroken
from tallystick.ledger.categories import rules
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.ledger_labels_pb2 import Payee
from tallystick.v1.ledger_pb2 import Category, Entry, Split, Transaction, TransactionDraft
from tallystick.v1.ledger_rules_pb2 import Rule, RuleOutcome
from tallystick.v1.ledger_templates_pb2 import Template

COUNT = 12
IDS = [UUID(int=number) for number in range(1, COUNT + 1)]
Moves = list[tuple[UUID, UUID | None]]

moves = st.lists(st.tuples(st.sampled_from(IDS), st.none() | st.sampled_from(IDS)), max_size=40)


def arrange(moves: Moves) -> dict[UUID, UUID | None]:
    """Twelve categories at the top, and whatever moves are allowed."""
    tree: dict[UUID, UUID | None] = dict.fromkeys(IDS)
    for moved, parent in moves:
        if parent is not None and refusal_of_place(tree, parent, moved):
            continue
        tree[moved] = parent
    return tree


def refusal_of_place(tree: rules.Tree, parent: UUID, moved: UUID | None) -> str:
    try:
        rules.require_place(tree, parent, moved)
    except (RuleBroken, InvalidInput) as refused:
        return refused.reason_name
    return ""


def steps_to_top(tree: rules.Tree, category: UUID) -> int:
    """Counted apart from the code, and without end if it never ends."""
    steps, at = 0, tree[category]
    while at is not None:
        steps, at = steps + 1, tree[at]
        assert steps <= COUNT, "this path never ends"
    return steps


@given(moves=moves)
def test_whatever_is_moved_every_category_leads_to_the_top_and_not_too_deep(moves: Moves) -> None:
    tree = arrange(moves)
    assert all(steps_to_top(tree, one) < rules.DEPTH_MAX for one in IDS)


@given(moves=moves, moved=st.sampled_from(IDS), parent=st.sampled_from(IDS))
def test_a_move_is_refused_only_for_a_reason(moves: Moves, moved: UUID, parent: UUID) -> None:
    tree = arrange(moves)
    after = {**tree, moved: parent}
    match refusal_of_place(tree, parent, moved):
        case "CATEGORY_CYCLE":
            assert moved in rules.path_of(after, parent)
        case "INVALID_FIELD":
            assert max(steps_to_top(after, one) for one in IDS) >= rules.DEPTH_MAX
        case allowed:
            assert allowed == ""


@given(moves=moves, source=st.sampled_from(IDS), target=st.sampled_from(IDS))
def test_a_merge_leaves_a_tree_without_the_one_that_goes(moves: Moves, source: UUID, target: UUID) -> None:
    tree = arrange(moves)
    try:
        rules.require_merge(tree, source, target)
    except RuleBroken as refused:
        assert refused.reason == ErrorReason.ERROR_REASON_CATEGORY_CYCLE
        assert source in rules.path_of(tree, target)
        return
    except InvalidInput:
        merged = {one: target if parent == source else parent for one, parent in tree.items() if one != source}
        assert max(steps_to_top(merged, one) for one in merged) >= rules.DEPTH_MAX
        return
    merged = {one: target if parent == source else parent for one, parent in tree.items() if one != source}
    assert all(steps_to_top(merged, one) < rules.DEPTH_MAX for one in merged)


@given(moves=moves, one=st.sampled_from(IDS))
def test_height_is_that_of_the_deepest_below(moves: Moves, one: UUID) -> None:
    tree = arrange(moves)
    below = [other for other in IDS if one in rules.path_of(tree, other)]
    assert rules.height_of(tree, one) == 1 + max(steps_to_top(tree, other) for other in below) - steps_to_top(tree, one)


@given(moves=moves, parent=st.sampled_from(IDS))
def test_what_has_a_place_is_what_a_new_one_would_get(moves: Moves, parent: UUID) -> None:
    tree = arrange(moves)
    assert rules.has_place(tree, parent) == (refusal_of_place(tree, parent, None) == "")
    assert not rules.has_place(tree, UUID(int=999))


@pytest.mark.parametrize("broken", [{IDS[0]: IDS[0]}, {IDS[0]: IDS[1], IDS[1]: IDS[0]}])
def test_a_tree_that_was_broken_otherwise_does_not_hang_the_server(broken: dict[UUID, UUID | None]) -> None:
    assert rules.path_of(broken, IDS[0])
    assert rules.height_of(broken, IDS[0]) >= 1


NAMING: list[tuple[Message, Message]] = [
    (
        Transaction(id="t", entries=[Entry(category_id="a"), Entry(category_id="b"), Entry()]),
        Transaction(id="t", entries=[Entry(category_id="z"), Entry(category_id="b"), Entry()]),
    ),
    (
        Template(draft=TransactionDraft(category_id="a", note="x")),
        Template(draft=TransactionDraft(category_id="z", note="x")),
    ),
    (
        Template(draft=TransactionDraft(splits=[Split(category_id="b"), Split(category_id="a")])),
        Template(draft=TransactionDraft(splits=[Split(category_id="b"), Split(category_id="z")])),
    ),
    (
        Rule(name="r", then=RuleOutcome(category_id="a", payee_id="a")),
        Rule(name="r", then=RuleOutcome(category_id="z", payee_id="a")),
    ),
    (Payee(id="a", default_category_id="a"), Payee(id="a", default_category_id="z")),
    (Category(id="c", parent_id="a"), Category(id="c", parent_id="z")),
]


@pytest.mark.parametrize(("before", "after"), NAMING, ids=lambda message: type(message).__name__)
def test_another_category_stands_wherever_the_one_stood_and_nowhere_else(before: Message, after: Message) -> None:
    untouched = before.SerializeToString(deterministic=True)
    assert rules.is_named(before, "a")
    assert rules.with_other_category(before, "a", "z") == after
    assert not rules.is_named(after, "a")
    assert rules.with_other_category(after, "a", "z") == after
    assert before.SerializeToString(deterministic=True) == untouched


def test_a_message_that_names_no_category_stays_as_it_is_to_the_byte() -> None:
    rule = Rule(name="r")
    assert rules.with_other_category(rule, "a", "z").SerializeToString() == rule.SerializeToString()
