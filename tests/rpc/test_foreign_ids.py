"""Can anybody learn that something of somebody else exists? Every call, with every id that it takes, answers alike.

The test walks the contract: an RPC that is added without a case here fails `test_every_rpc_that_takes_an_id_has_a_case`.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message

import proof
from circle import Circle, make_circle
from inbox import tell_something
from meeting import make_conflict
from people import BookOf, Client, Person, make_book, new_id, refusal_of, sign_up
from rpc import (
    backup_cases,
    budget_cases,
    file_cases,
    group_cases,
    import_cases,
    ledger_cases,
    report_cases,
    webhook_cases,
)
from rpc.backup_cases import make_backups
from rpc.backups.conftest import offering
from rpc.budget_cases import make_budget_nouns
from rpc.file_cases import make_files
from rpc.group_cases import make_group_nouns, make_link
from rpc.import_cases import make_imports
from rpc.ledger_cases import make_nouns
from rpc.webhook_cases import keep_letter, make_hook
from tallystick import contract
from tallystick.app import App
from tallystick_client.v1 import (
    auth_service_pb2,
    backup_service_pb2_grpc,
    export_service_pb2_grpc,
    file_service_pb2_grpc,
    group_service_pb2_grpc,
    identity_pb2,
    import_service_pb2_grpc,
    ledger_service_pb2_grpc,
    notification_pb2,
    role_pb2,
    settings_displays_pb2,
    space_service_pb2,
    sync_service_pb2,
    sync_service_pb2_grpc,
)
from tallystick_client.v1.export_pb2 import ExportFormat
from tallystick_client.v1.export_service_pb2 import ExportRequest
from tallystick_client.v1.sync_conflicts_pb2 import ConflictChoice, ResolveConflictRequest
from tallystick_client.v1.sync_mutation_pb2 import Mutation

# Ids that the client makes: they name what is to be, not what is.
MINTED = {
    ("CreateBook", "book_id"),
    ("CreateAccount", "account_id"),
    ("CreateCategory", "category_id"),
    ("CreateTransaction", "transaction_id"),
    ("CreatePayee", "payee_id"),
    ("CreatePaymentMethod", "payment_method_id"),
    ("CreateTag", "tag_id"),
    ("CreateTemplate", "template_id"),
    ("CreateRule", "rule_id"),
    ("ReconcileAccount", "reconciliation_id"),
    # Files keep their own.
    ("CreateTransaction", "attachment_ids"),
    ("CreateGroup", "group_id"),
    ("AddGuest", "member_id"),
    ("AddComment", "comment_id"),
    ("CreateRecurringExpense", "recurring_id"),
    ("CreateSettlementPlan", "plan_id"),
    ("RecordSettlement", "settlement_id"),
    ("CreateBudget", "budget_id"),
    ("CopyBudget", "new_budget_id"),
    ("CreateBudgetItem", "item_id"),
    ("AssignMoney", "move_id"),
    ("MoveMoney", "move_id"),
    ("CreateWebhook", "webhook_id"),
    ("StartUpload", "file_id"),
    ("CreateImport", "import_id"),
}
# Ids that narrow a list: what is not there fits nothing, whosever it is.
FILTERS = {
    ("ListTransactions", field)
    for field in ("account_ids", "category_ids", "payee_ids", "tag_ids", "payment_method_ids")
} | {("ListExpenses", "member_id"), ("ListSettlements", "member_id"), ("GetPersonBalance", "user_id")}
OWNER, VIEWER = role_pb2.Role.ROLE_OWNER, role_pb2.Role.ROLE_VIEWER


@dataclass
class World:
    """One person with something of everything."""

    person: Person
    book: BookOf
    ids: dict[str, str]
    circle: Circle
    group_ids: dict[str, str]

    def id_of(self, name: str, field: str) -> str:
        """What a call takes under that name: a member of a group is not one of a book."""
        return (self.group_ids if name in GROUPS else self.ids)[field]


async def make_world(client: Client, name: str) -> World:
    person = await sign_up(client, name)
    book = await make_book(person)
    transaction = (await book.spend()).transaction
    members = await person.spaces.ListMembers(space_service_pb2.ListMembersRequest(space_id=book.id))
    invited = await person.spaces.Invite(
        space_service_pb2.InviteRequest(request_id=new_id(), space_id=book.id, role=VIEWER)
    )
    key = await person.auth.CreateAccessKey(
        auth_service_pb2.CreateAccessKeyRequest(
            request_id=new_id(),
            name="key",
            book_ids=[book.id],
            scope=identity_pb2.AccessKeyScope.ACCESS_KEY_SCOPE_READ,
            days=1,
        )
    )
    nouns = await make_nouns(book)
    conflict = await make_conflict(book)
    circle, group_ids = await make_group_nouns(person)
    ids = {
        **nouns,
        **await make_hook(book),
        **await make_files(book),
        **await make_imports(book),
        **{f"{name}s": each for name, each in nouns.items()},
        "book_id": book.id,
        "book_ids": book.id,
        "space_id": book.id,
        "account_id": book.account_id,
        "category_id": book.spending_id,
        "account_ids": book.account_id,
        "to_account_id": book.account_id,
        "category_ids": book.spending_id,
        "parent_id": book.spending_id,
        "default_category_id": book.spending_id,
        "transaction_id": transaction.id,
        "transaction_ids": transaction.id,
        "refund_of_id": transaction.id,
        "member_id": members.members[0].id,
        "held_by_member_id": members.members[0].id,
        "invitation_id": invited.invitation.id,
        "session_id": person.tokens.session_id,
        "access_key_id": key.access_key.id,
        "conflict_id": conflict.id,
        "guest_id": circle.guests["Gus"],
        "link_id": await make_link(book, circle.id),
        **await make_budget_nouns(book),
        "paid_from_account_id": book.account_id,
        # One that no book follows yet.
        "group_id": (await make_circle(person)).id,
    }
    return World(person, book, ids, circle, group_ids)


async def make_told_world(client: Client, server: App, name: str) -> World:
    """One whose person was told something, too: that is nothing that they could do themselves."""
    world = await make_world(client, name)
    told = await tell_something(world.person, server)
    world.ids |= {"notification_id": told, "notification_ids": told}
    return world


def _case(name: str, field: str, w: World) -> Message:
    """A request for a call that takes an id, which would succeed but for the id that the test puts in."""
    if name in LEDGER:
        return ledger_cases.compose(name, field, w.book, w.ids)
    if name in BUDGETS:
        return budget_cases.compose(name, w.book, w.ids)
    if name in GROUPS:
        return group_cases.compose(name, field, w.circle, w.group_ids)
    if name in REPORTS:
        return report_cases.compose(name, w.book)
    for names, compose in OF_SPACES:
        if name in names:
            return compose(name, w.ids)
    return _cases(w, field)[name]


def _cases(w: World, field: str = "") -> dict[str, Message]:
    spaces, auth = space_service_pb2, auth_service_pb2
    book, rid, told = w.ids["book_id"], new_id(), w.ids.get("notification_id", "")
    return {
        "GetSpace": spaces.GetSpaceRequest(space_id=book),
        "ListMembers": spaces.ListMembersRequest(space_id=book),
        "UpdateMember": spaces.UpdateMemberRequest(
            request_id=rid, space_id=book, member_id=w.ids["member_id"], display_name="x"
        ),
        "RemoveMember": spaces.RemoveMemberRequest(request_id=rid, space_id=book, member_id=w.ids["member_id"]),
        "LeaveSpace": spaces.LeaveSpaceRequest(request_id=rid, space_id=book),
        "Invite": spaces.InviteRequest(request_id=rid, space_id=book, role=VIEWER),
        "ListInvitations": spaces.ListInvitationsRequest(space_id=book),
        "AcceptInvitation": spaces.AcceptInvitationRequest(request_id=rid, invitation_id=w.ids["invitation_id"]),
        "DeclineInvitation": spaces.DeclineInvitationRequest(request_id=rid, invitation_id=w.ids["invitation_id"]),
        "CancelInvitation": spaces.CancelInvitationRequest(
            request_id=rid, space_id=book, invitation_id=w.ids["invitation_id"]
        ),
        "Export": ExportRequest(group_id=w.circle.id)
        if field == "group_id"
        else ExportRequest(book_id=book, account_id=w.book.account_id, format=ExportFormat.EXPORT_FORMAT_OFX),
        "Pull": sync_service_pb2.PullRequest(space_id=book),
        "Push": sync_service_pb2.PushRequest(
            space_id=book, mutations=[Mutation(create_transaction=w.book.expense(request_id=rid))]
        ),
        "ResolveConflict": ResolveConflictRequest(
            request_id=rid,
            space_id=book,
            conflict_id=w.ids["conflict_id"],
            choice=ConflictChoice.CONFLICT_CHOICE_KEEP_THEIRS,
        ),
        "ListConflicts": sync_service_pb2.ListConflictsRequest(space_id=book),
        "GetSyncStatus": sync_service_pb2.GetSyncStatusRequest(space_id=book),
        "ListDisplays": settings_displays_pb2.ListDisplaysRequest(book_id=book),
        "RevokeSession": auth.RevokeSessionRequest(request_id=rid, session_id=w.ids["session_id"]),
        "CreateAccessKey": auth.CreateAccessKeyRequest(
            request_id=rid, name="x", book_ids=[book], scope=identity_pb2.AccessKeyScope.ACCESS_KEY_SCOPE_READ, days=1
        ),
        "MarkRead": notification_pb2.MarkReadRequest(request_id=rid, notification_ids=[told]),
        "MarkAllRead": notification_pb2.MarkAllReadRequest(request_id=rid, notification_id=told),
        "DeleteNotification": notification_pb2.DeleteNotificationRequest(request_id=rid, notification_id=told),
        "RevokeAccessKey": auth.RevokeAccessKeyRequest(request_id=rid, access_key_id=w.ids["access_key_id"]),
    }


def _id_fields(rpc: contract.Rpc) -> list[str]:
    names = (field.name for field in rpc.request_type.fields)
    return [
        name
        for name in names
        if name.endswith(("_id", "_ids")) and name != "request_id" and (rpc.name, name) not in MINTED
    ]


def _rpcs_of(service: str) -> set[str]:
    return {rpc.name for rpc in contract.rpcs().values() if rpc.service.endswith(service)}


LEDGER, BUDGETS, REPORTS, GROUPS = map(_rpcs_of, ("LedgerService", "BudgetService", "ReportService", "GroupService"))
# Whose requests need nothing but ids.
OF_SPACES = (
    (_rpcs_of("BackupService"), backup_cases.compose),
    (_rpcs_of("FileService"), file_cases.compose),
    (_rpcs_of("ImportService"), import_cases.compose),
    (_rpcs_of("WebhookService"), webhook_cases.compose),
)
PAIRS = [(rpc.name, field) for rpc in contract.rpcs().values() for field in _id_fields(rpc)]


@pytest.fixture(scope="module")
async def worlds(client: Client, server: App) -> AsyncIterator[tuple[World, World]]:
    made = await make_told_world(client, server, "Ann"), await make_told_world(client, server, "Bob")
    with offering(server) as drive:
        for world in made:
            await keep_letter(server, world.ids)
            world.ids |= await make_backups(world.person, drive)
        yield made


@pytest.fixture(scope="module", autouse=True)
def untouched(worlds: tuple[World, World], database: proof.Connection) -> Iterator[None]:
    """Not one of these calls may write anything."""
    before = proof.count_rows(database)
    yield
    assert proof.count_rows(database) == before


async def test_every_rpc_that_takes_an_id_has_a_case(worlds: tuple[World, World]) -> None:
    """If you are here because this failed, you added an RPC that takes an id. To fix: give it a request in `_cases`."""
    elsewhere = (LEDGER | BUDGETS | GROUPS | REPORTS).union(*(names for names, _ in OF_SPACES))
    assert {name for name, _ in PAIRS} - elsewhere == set(_cases(worlds[0]))
    for name, field in PAIRS:
        assert _case(name, field, worlds[0]).IsInitialized()


@pytest.mark.parametrize(("name", "field"), PAIRS, ids=[f"{name}.{field}" for name, field in PAIRS])
async def test_what_is_foreign_and_what_is_missing_are_the_same(
    worlds: tuple[World, World], name: str, field: str
) -> None:
    ann, bob = worlds
    if (name, field) in FILTERS:
        for other in (bob.id_of(name, field), new_id()):
            request = _case(name, field, ann)
            _set(request, field, other)
            answer = await _call(ann.person, name)(request)
            assert answer == type(answer)()
        return
    refusals = []
    for other in (bob.id_of(name, field), new_id()):
        request = _case(name, field, ann)
        _set(request, field, other)
        refusals.append(await refusal_of(_call(ann.person, name)(request)))
    foreign, missing = refusals
    assert (foreign.code, foreign.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
    assert foreign.raw == missing.raw


def _call(person: Person, name: str) -> Callable[[Message], Awaitable[Any]]:
    service_name = next(rpc.service for rpc in contract.rpcs().values() if rpc.name == name).rsplit(".", 1)[1]
    if not contract.rpcs()[f"/tallystick.v1.{service_name}/{name}"].is_streaming:
        unary = {
            "AuthService": person.auth,
            "SpaceService": person.spaces,
            "LedgerService": person.ledger,
            "BudgetService": person.budgets,
            "GroupService": person.groups,
            "ReportService": person.reports,
            "SettingsService": person.settings,
            "NotificationService": person.notifications,
            "SyncService": person.sync,
            "WebhookService": person.webhooks,
            "FileService": person.files,
            "ImportService": person.imports,
            "BackupService": person.backups,
        }
        call: Callable[[Message], Awaitable[Any]] = getattr(unary[service_name], name)
        return call

    async def read(request: Message) -> None:
        stubs: dict[str, Any] = {
            "LedgerService": ledger_service_pb2_grpc.LedgerServiceStub,
            "GroupService": group_service_pb2_grpc.GroupServiceStub,
            "FileService": file_service_pb2_grpc.FileServiceStub,
            "SyncService": sync_service_pb2_grpc.SyncServiceStub,
            "ExportService": export_service_pb2_grpc.ExportServiceStub,
            "ImportService": import_service_pb2_grpc.ImportServiceStub,
            "BackupService": backup_service_pb2_grpc.BackupServiceStub,
        }
        async for _ in getattr(stubs[service_name](person.channel), name)(request, metadata=person.metadata):
            pass

    return read


def _set(request: Any, field: str, value: str) -> None:
    if field.endswith("_ids"):
        request.ClearField(field)
        getattr(request, field).append(value)
    else:
        setattr(request, field, value)
