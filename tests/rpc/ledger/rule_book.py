"""How do tests arrange rules? Short names for the calls that nearly every test of rules makes."""

from typing import Any

from people import BookOf, new_id
from tallystick_client.v1 import ledger_pb2, money_pb2
from tallystick_client.v1 import ledger_rules_pb2 as pb

Rule = pb.Rule
EXPENSE = ledger_pb2.TransactionKind.TRANSACTION_KIND_EXPENSE
INCOME = ledger_pb2.TransactionKind.TRANSACTION_KIND_INCOME
TRANSFER = ledger_pb2.TransactionKind.TRANSACTION_KIND_TRANSFER


def euros(minor: int) -> money_pb2.Money:
    return money_pb2.Money(currency="EUR", minor=minor)


def compose_rule(
    book: BookOf,
    when: dict[str, Any] | None = None,
    *,
    name: str = "Bread",
    position: int = 0,
    rule_id: str = "",
    **then: Any,
) -> pb.CreateRuleRequest:
    """A rule that fills in what is given; it looks for a bakery unless something else is said."""
    return pb.CreateRuleRequest(
        request_id=new_id(),
        book_id=book.id,
        rule_id=rule_id,
        name=name,
        position=position,
        when=pb.RuleCondition(**{"payee_contains": "baker"} if when is None else when),
        then=pb.RuleOutcome(**then),
    )


async def make_rule(book: BookOf, when: dict[str, Any] | None = None, **other: Any) -> Rule:
    response: pb.CreateRuleResponse = await book.person.ledger.CreateRule(compose_rule(book, when, **other))
    return response.rule


async def get_rule(book: BookOf, rule_id: str) -> Rule:
    response: pb.GetRuleResponse = await book.person.ledger.GetRule(pb.GetRuleRequest(book_id=book.id, rule_id=rule_id))
    return response.rule


async def list_rules(book: BookOf, **other: Any) -> list[str]:
    """The ids of a list's one page."""
    fields: dict[str, Any] = {"book_id": book.id, "page_size": 200}
    response = await book.person.ledger.ListRules(pb.ListRulesRequest(**fields | other))
    assert response.next_page_token == ""
    return [rule.id for rule in response.rules]


def update_rule_request(book: BookOf, rule_id: str, *paths: str, **fields: Any) -> pb.UpdateRuleRequest:
    usual: dict[str, Any] = {"request_id": new_id(), "book_id": book.id, "rule_id": rule_id}
    request = pb.UpdateRuleRequest(**usual | fields)
    request.update_mask.paths.extend(paths)
    return request


async def update_rule(book: BookOf, rule_id: str, *paths: str, **fields: Any) -> Rule:
    response: pb.UpdateRuleResponse = await book.person.ledger.UpdateRule(
        update_rule_request(book, rule_id, *paths, **fields)
    )
    return response.rule


async def delete_rule(book: BookOf, rule_id: str) -> Rule:
    response: pb.DeleteRuleResponse = await book.person.ledger.DeleteRule(
        pb.DeleteRuleRequest(request_id=new_id(), book_id=book.id, rule_id=rule_id)
    )
    return response.rule


async def restore_rule(book: BookOf, rule_id: str) -> Rule:
    response: pb.RestoreRuleResponse = await book.person.ledger.RestoreRule(
        pb.RestoreRuleRequest(request_id=new_id(), book_id=book.id, rule_id=rule_id)
    )
    return response.rule
