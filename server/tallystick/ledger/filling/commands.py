"""What shall happen to rules? One function per writing call, run inside the write door."""

from tallystick.ledger import rules
from tallystick.ledger.filling.queries import RULES, get_last_position, require_named
from tallystick.ledger.filling.rules import make_canonical, names_of, require_condition, require_outcome
from tallystick.ledger.nouns.commands import begin_update, delete_noun, end_update, reorder_nouns, restore_noun
from tallystick.ledger.tables import RULE
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.ledger_rules_pb2 import (
    CreateRuleRequest,
    CreateRuleResponse,
    DeleteRuleRequest,
    DeleteRuleResponse,
    ReorderRulesRequest,
    ReorderRulesResponse,
    RestoreRuleRequest,
    RestoreRuleResponse,
    Rule,
    UpdateRuleRequest,
    UpdateRuleResponse,
)


async def create_rule(tx: WriteTx, request: CreateRuleRequest) -> CreateRuleResponse:
    rule = Rule(
        id=rules.canonical(request.rule_id) or str(tx.new_id()),
        book_id=str(tx.space_id),
        name=rules.require_name("name", request.name),
        when=request.when,
        then=request.then,
        position=request.position or await get_last_position(tx) + 1,
        created_at=to_timestamp(tx.now),
    )
    _judge(rule)
    await require_named(tx, names_of(rule))
    return CreateRuleResponse(rule=tx.add(RULE, rule))


async def update_rule(tx: WriteTx, request: UpdateRuleRequest) -> UpdateRuleResponse:
    update = await begin_update(tx, RULES, request)
    _judge(update.after)
    # What the rule has named before may stay, also if nothing new could have it.
    await require_named(tx, names_of(update.after) - names_of(update.before))
    return UpdateRuleResponse(rule=end_update(tx, RULES, update))


async def delete_rule(tx: WriteTx, request: DeleteRuleRequest) -> DeleteRuleResponse:
    return DeleteRuleResponse(rule=await delete_noun(tx, RULES, request))


async def restore_rule(tx: WriteTx, request: RestoreRuleRequest) -> RestoreRuleResponse:
    """What it names may be gone: it does not fill that in, as any other rule (`list_active`)."""
    return RestoreRuleResponse(rule=await restore_noun(tx, RULES, request))


async def reorder_rules(tx: WriteTx, request: ReorderRulesRequest) -> ReorderRulesResponse:
    return ReorderRulesResponse(rules=await reorder_nouns(tx, RULES, "rule_ids", request.rule_ids))


def _judge(rule: Rule) -> None:
    require_condition(rule.when)
    require_outcome(rule.then)
    make_canonical(rule)
