"""What shall happen to templates and their occurrences? One function per writing call, run inside the write door."""

from uuid import UUID

from tallystick import masks
from tallystick.errors import InvalidInput, Stale
from tallystick.files.queries import only_there
from tallystick.ledger import writes
from tallystick.ledger.books.queries import get_book
from tallystick.ledger.nouns.commands import begin_update, delete_noun
from tallystick.ledger.rules import canonical, require_name
from tallystick.ledger.tables import TEMPLATE
from tallystick.ledger.templates import queries, rules
from tallystick.ledger.templates.queries import CHANGEABLE, TEMPLATES
from tallystick.ledger.templates.recurrence import Occurrence
from tallystick.ledger.transactions import references
from tallystick.ledger.transactions import rules as compose
from tallystick.ledger.transactions.recording import compose_new, record
from tallystick.ledger.transactions.references import Wanted
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.ledger_pb2 import Book, Transaction
from tallystick.v1.ledger_templates_pb2 import (
    CreateTemplateRequest,
    CreateTemplateResponse,
    DeleteTemplateRequest,
    DeleteTemplateResponse,
    ExecuteTemplateRequest,
    ExecuteTemplateResponse,
    RestoreTemplateRequest,
    RestoreTemplateResponse,
    SkipOccurrenceRequest,
    SkipOccurrenceResponse,
    Template,
    UpdateTemplateRequest,
    UpdateTemplateResponse,
)


async def create_template(tx: WriteTx, request: CreateTemplateRequest) -> CreateTemplateResponse:
    template = Template(
        id=canonical(request.template_id) or str(tx.new_id()),
        book_id=str(tx.space_id),
        name=require_name("name", request.name),
        draft=request.draft,
        schedule=request.schedule,
        mode=request.mode,
        user_id=str(tx.caller.user_id),
        created_at=to_timestamp(tx.now),
    )
    book = await get_book(tx)
    rules.make_canonical(template.draft)
    rules.require_usable(template.schedule)
    rules.handle(template, ())
    await _judge(tx, template)
    tx.add(TEMPLATE, template)
    _keep_due(tx, template, book, afresh=True)
    return CreateTemplateResponse(template=template)


async def update_template(tx: WriteTx, request: UpdateTemplateRequest) -> UpdateTemplateResponse:
    update = await begin_update(tx, TEMPLATES, request)
    before, after = update.before, update.after
    rules.require_stated(after)
    rules.make_canonical(after.draft)
    changing = [name for name in CHANGEABLE if getattr(before, name) != getattr(after, name)]
    # Only what people change can collide: what is posted meanwhile is no reason to refuse a new name.
    if masks.is_stale(changing, update.changed_since):
        raise Stale(current_version=before.version)
    if not changing:
        return UpdateTemplateResponse(template=before)
    book = await get_book(tx)
    today = rules.today_in(book.time_zone, tx.now)
    if "schedule" in changing:
        rules.require_usable(after.schedule)
        rules.begin_again(after, before, today)
    if before.paused and not after.paused:
        paused_at = await queries.get_paused_at(tx, UUID(after.id))
        rules.skip_passed(after, rules.today_in(book.time_zone, paused_at), today)
    rules.handle(after, ())
    if "draft" in changing:
        await _judge(tx, after)
    tx.put(TEMPLATE, before, after)
    _keep_due(tx, after, book, afresh=True)
    return UpdateTemplateResponse(template=after)


async def delete_template(tx: WriteTx, request: DeleteTemplateRequest) -> DeleteTemplateResponse:
    template = await delete_noun(tx, TEMPLATES, request)
    tx.beside(writes.TEMPLATE_DUES.drop(of_space=tx.space_id, of_entity=UUID(template.id)))
    return DeleteTemplateResponse(template=template)


async def restore_template(tx: WriteTx, request: RestoreTemplateRequest) -> RestoreTemplateResponse:
    """What passed while it was deleted is left out, as after a pause."""
    before, deleted_at = await queries.get_deleted_or_not(tx, request)
    if deleted_at is None:
        return RestoreTemplateResponse(template=before)
    book = await get_book(tx)
    after = masks.overlay(before, before, ())
    deleted_on = rules.today_in(book.time_zone, deleted_at)
    rules.skip_passed(after, deleted_on, rules.today_in(book.time_zone, tx.now))
    tx.put(TEMPLATE, before, after)
    _keep_due(tx, after, book, afresh=True)
    return RestoreTemplateResponse(template=after)


async def skip_occurrence(tx: WriteTx, request: SkipOccurrenceRequest) -> SkipOccurrenceResponse:
    before, book = await queries.get_with_book(tx, request)
    after = _handled(before, rules.require_open(before, request.slot_on))
    tx.put(TEMPLATE, before, after)
    _keep_due(tx, after, book, afresh=False)
    return SkipOccurrenceResponse(template=after)


async def execute_template(tx: WriteTx, request: ExecuteTemplateRequest) -> ExecuteTemplateResponse:
    before, book = await queries.get_with_book(tx, request)
    return await _post(tx, before, book, request)


async def post_occurrence(
    tx: WriteTx, request: ExecuteTemplateRequest, *, seen_version: int
) -> ExecuteTemplateResponse:
    """The same as the job does it: only on the template that it has seen. One that was paused or changed meanwhile is another matter."""
    before, book = await queries.get_with_book(tx, request)
    if before.version != seen_version:
        raise Stale(current_version=before.version)
    return await _post(tx, before, book, request)


async def _post(tx: WriteTx, before: Template, book: Book, request: ExecuteTemplateRequest) -> ExecuteTemplateResponse:
    occurrence = rules.require_open(before, request.slot_on)

    def complete(transaction: Transaction) -> None:
        transaction.template_id, transaction.slot_on = before.id, occurrence.slot_on.isoformat()

    draft = rules.compose_occurrence(before, occurrence, request)
    # What was attached, and is gone since, is no reason not to post.
    draft.attachment_ids[:] = await only_there(tx, draft.attachment_ids)
    recorded = await record(tx, [draft], complete=complete)
    after = _handled(before, occurrence)
    after.posted_count += 1
    tx.put(TEMPLATE, before, after)
    _keep_due(tx, after, book, afresh=False)
    job = f"template:{before.id}"
    tx.beside(writes.NOTE_POSTED(of_space=tx.space_id, of_job=job, of_slot=occurrence.slot_on, now=tx.now))
    return ExecuteTemplateResponse(transaction=recorded.transactions[0], template=after, balances=recorded.balances)


def _handled(before: Template, occurrence: Occurrence) -> Template:
    after = masks.overlay(before, before, ())
    rules.handle(after, [occurrence.slot_on])
    return after


async def _judge(tx: WriteTx, template: Template) -> None:
    """Holds the draft against what there is, as if it were recorded on its next day. What becomes of that later, posting will see."""
    coming_next = rules.next_occurrence(template)
    booked_on = coming_next.booked_on.isoformat() if coming_next else template.schedule.starts_on
    with rules.in_draft():
        rules.require_general(template.draft)
        draft = rules.compose_draft(template, booked_on)
        compose.require_whole(draft)
        wanted = Wanted()
        wanted.add_draft(draft)
        known = await references.read(tx, wanted)
        transaction = compose_new(tx, draft, known)
        compose.require_open(known.named, transaction.entries, booked_on)
        template.private_to = transaction.private_to
        if transaction.refund_of_id:
            if transaction.kind != compose.REFUND:
                raise InvalidInput.of_field(
                    "refund_of_id", "is for refunds only", ErrorReason.ERROR_REASON_INVALID_REFUND
                )
            original = known.expenses_and_refunds.get(transaction.refund_of_id)
            compose.require_refundable(transaction, original, known.refunds_of(transaction.refund_of_id))


def _keep_due(tx: WriteTx, template: Template, book: Book, *, afresh: bool) -> None:
    """Keeps the row that the job finds the template by."""
    due_at = rules.due_at(template, book.time_zone)
    user_id = UUID(template.user_id)
    tx.beside(writes.TEMPLATE_DUES.compose(tx.space_id, UUID(template.id), user_id, due_at, afresh=afresh))
