"""How do the parts become a server? The whole assembly on one screen: store, services, gate, jobs, and the order of stopping."""

import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import grpc
from grpc_health.v1.health_pb2_grpc import add_HealthServicer_to_server
from prometheus_client import CollectorRegistry

from tallystick import contract, schema
from tallystick.backups.assembly import Backups
from tallystick.backups.own.assembly import OwnBackups, Tells
from tallystick.backups.own.erasing import OwnBackupTraces
from tallystick.budgets import pushed as of_budgets
from tallystick.budgets.service import BudgetService
from tallystick.clock import Clock
from tallystick.config import Config
from tallystick.exports.assembly import Exports
from tallystick.files import pushed as of_files
from tallystick.files.assembly import Files
from tallystick.files.erasing import FileTraces
from tallystick.files.storage.closed import ClosedContents
from tallystick.finishing import compose_finish, list_differing
from tallystick.gate import validation
from tallystick.gate.authentication import Addresses
from tallystick.gate.calls import Calls
from tallystick.gate.chain import Gate
from tallystick.gate.limits import EXCHANGE_EVERY_S, Quota
from tallystick.gate.observation import Observation
from tallystick.groups import pushed as of_groups
from tallystick.groups.assembly import Groups
from tallystick.groups.erasing import GroupTraces
from tallystick.groups.profiles.queries import get_group_name
from tallystick.groups.proof.proving import GroupProof
from tallystick.groups.rebuilding.shape import GroupShape
from tallystick.identity import pushed as of_identity
from tallystick.identity.assembly import Identity
from tallystick.identity.queries import get_time_zone
from tallystick.identity.traces import Traces
from tallystick.imports import pushed as of_imports
from tallystick.imports.assembly import Imports
from tallystick.imports.erasing import ImportTraces
from tallystick.imports.rebuilding import ImportSecrets
from tallystick.jobs.ticker import Ticker
from tallystick.ledger import pushed as of_ledger
from tallystick.ledger.assembly import Ledger
from tallystick.ledger.books.queries import get_book_name
from tallystick.ledger.proof.proving import BookProof
from tallystick.ledger.rebuilding.shape import BookShape
from tallystick.listen import SERVER_OPTIONS, add_port
from tallystick.log import log
from tallystick.metrics import serve_metrics
from tallystick.notifications import pushed as of_notifications
from tallystick.notifications.assembly import Notifications
from tallystick.notifications.backups import telling_failures, telling_restores, telling_staleness
from tallystick.notifications.due.devices import NotedDevices
from tallystick.notifications.erasing import NotificationTraces
from tallystick.notifications.rebuilding import catch_up
from tallystick.proof.proving import entities_of
from tallystick.readiness import READINESS_EVERY_S, Readiness
from tallystick.rebuilding.rebuilding import Rebuilding
from tallystick.rebuilding.work import Others
from tallystick.reflection import add_reflection
from tallystick.registration import ByName
from tallystick.reports.service import ReportService
from tallystick.settings import pushed as of_settings
from tallystick.settings.service import SettingsService
from tallystick.spaces import pushed as of_spaces
from tallystick.spaces.service import SpaceService
from tallystick.status.service import StatusService, Watched
from tallystick.stopping import stop
from tallystick.store.apart import Apart
from tallystick.store.pages import Pages
from tallystick.store.pool import open_pool
from tallystick.store.store import Store
from tallystick.sync.assembly import Sync
from tallystick.sync.heads import Heads
from tallystick.v1 import (
    auth_service_pb2_grpc,
    backup_service_pb2_grpc,
    budget_service_pb2_grpc,
    export_service_pb2_grpc,
    file_service_pb2_grpc,
    group_service_pb2_grpc,
    import_service_pb2_grpc,
    ledger_service_pb2_grpc,
    notification_service_pb2_grpc,
    report_service_pb2_grpc,
    settings_service_pb2_grpc,
    space_service_pb2_grpc,
    status_service_pb2_grpc,
    sync_service_pb2_grpc,
    webhook_service_pb2_grpc,
)
from tallystick.v1.space_pb2 import SpaceKind
from tallystick.webhooks import pushed as of_webhooks
from tallystick.webhooks.assembly import Webhooks
from tallystick.webhooks.erasing import WebhookTraces

SWEEP_EVERY_S = 600.0
# What computes in a thread of its own gives way to the other calls after that long. A call comes back to the loop several times.
THREAD_TURN_S = 0.001
HEALTH = "grpc.health.v1.Health"
# How each kind of space says its name.
NAMES = {SpaceKind.SPACE_KIND_BOOK: get_book_name, SpaceKind.SPACE_KIND_GROUP: get_group_name}
# Whose commands may wait in outboxes, and whose entities devices hold copies of.
PUSHED = (
    of_identity,
    of_spaces,
    of_ledger,
    of_budgets,
    of_groups,
    of_settings,
    of_notifications,
    of_webhooks,
    of_files,
    of_imports,
)
# What is to be forgotten of erased users, and of erased spaces.
TRACES: tuple[Traces, ...] = (
    GroupTraces(),
    NotificationTraces(),
    WebhookTraces(),
    FileTraces(),
    ImportTraces(),
    OwnBackupTraces(),
)


@dataclass(frozen=True)
class App:
    """A server that takes calls."""

    port: int
    store: Store
    apart: Apart
    backups: Backups
    identity: Identity
    notifications: Notifications
    sync: Sync
    webhooks: Webhooks
    files: Files
    imports: Imports
    own_backups: OwnBackups
    rebuilding: Rebuilding
    calls: Calls
    registry: CollectorRegistry


@asynccontextmanager
async def running(config: Config, clock: Clock) -> AsyncIterator[App]:
    """A server from its first call to its last. What is opened later is closed earlier."""
    validation.warm()
    sys.setswitchinterval(THREAD_TURN_S)
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(open_pool(config.database_url, config.pool_size))
        keyring, heads = config.load_keyring(), Heads()
        store = Store(pool, keyring, clock, nudge=heads.nudge)
        apart, pages, calls, ticker = Apart(store), Pages(keyring), Calls(), Ticker(clock)
        identity = Identity(config, store, apart, TRACES, NotedDevices())
        stack.push_async_callback(identity.close)

        registry = CollectorRegistry()
        quota = Quota(config.quota_units_an_hour, clock, identity.exchange_quota)
        gate = Gate(
            Observation(registry, logs_messages=config.log_messages),
            Addresses(config.trusted_proxies),
            identity.credentials,
            quota,
            calls,
            deadline_s=config.call_deadline_s,
        )
        server = grpc.aio.server(interceptors=(gate,), options=SERVER_OPTIONS)
        book_proof = BookProof(store, entities_of(schema))
        ledger = Ledger(config, store, apart, pages, book_proof, registry)
        group_proof = GroupProof(store, entities_of(schema), book_proof.turns)
        groups = Groups(store, apart, pages, group_proof, registry)
        notifications = Notifications(store, apart, pages, identity.parts)
        webhooks = Webhooks(config, store, apart, pages)
        files = Files(config, store, apart, pages)
        imports = Imports(store, pages, files.open_content, notifications.raising.raise_notice)
        exports = Exports(store, apart, files.open_content)
        rebuilding = _compose_rebuilding(store, files, book_proof, group_proof)
        own_backups = OwnBackups(
            config,
            store,
            apart,
            pages,
            exports.holdings,
            rebuilding,
            files.open_content,
            _compose_tells(store, notifications),
            partial(get_time_zone, store),
        )
        pushed = [(each.COMMANDS, each.ENTITIES) for each in PUSHED]
        sync = Sync(config, store, apart, pages, validation.validate, pushed, heads, identity.credentials)
        finish = compose_finish(config, TRACES, lambda line: log("backup_trial", told=line))
        backups = Backups(
            config,
            store,
            apart,
            keyring,
            schema.metadata.tables,
            finish,
            list_differing,
            ClosedContents(files.storage),
            partial(identity.parts.mail.send, config.operator_email) if config.operator_email else None,
            registry,
        )
        watched = Watched(apart, ticker, calls, backups, config.data_dir, config.envoy_admin, config.pool_size)
        readiness = Readiness(apart, contract.service_names())
        served: tuple[tuple[Any, Any], ...] = (
            (auth_service_pb2_grpc.add_AuthServiceServicer_to_server, identity.service),
            (
                space_service_pb2_grpc.add_SpaceServiceServicer_to_server,
                SpaceService(store, apart, pages, NAMES, identity),
            ),
            (ledger_service_pb2_grpc.add_LedgerServiceServicer_to_server, ledger.service),
            (budget_service_pb2_grpc.add_BudgetServiceServicer_to_server, BudgetService(store, pages)),
            (group_service_pb2_grpc.add_GroupServiceServicer_to_server, groups.service),
            (report_service_pb2_grpc.add_ReportServiceServicer_to_server, ReportService(store)),
            (export_service_pb2_grpc.add_ExportServiceServicer_to_server, exports.service),
            (settings_service_pb2_grpc.add_SettingsServiceServicer_to_server, SettingsService(store, pages)),
            (sync_service_pb2_grpc.add_SyncServiceServicer_to_server, sync.service),
            (notification_service_pb2_grpc.add_NotificationServiceServicer_to_server, notifications.service),
            (webhook_service_pb2_grpc.add_WebhookServiceServicer_to_server, webhooks.service),
            (file_service_pb2_grpc.add_FileServiceServicer_to_server, files.service),
            (import_service_pb2_grpc.add_ImportServiceServicer_to_server, imports.service),
            (backup_service_pb2_grpc.add_BackupServiceServicer_to_server, own_backups.service),
            (status_service_pb2_grpc.add_StatusServiceServicer_to_server, StatusService(watched, clock)),
            (add_HealthServicer_to_server, readiness.servicer),
        )
        by_name = ByName(server)
        for add, service in served:
            add(service, by_name)
        if config.reflection:
            add_reflection(server, (*contract.service_names(), HEALTH))

        _schedule(ticker, quota, readiness, identity, sync)
        if config.jobs:
            for part in (ledger, groups, notifications, files, backups, own_backups):
                part.schedule(ticker)
            for follower in (ledger.follows.following, notifications.follow.keeping_up, webhooks.job, own_backups.job):
                await stack.enter_async_context(follower.going_on())
        port = add_port(server, config)
        await ticker.start()
        await readiness.look()
        stack.callback(ticker.stop)
        await stack.enter_async_context(heads.asking(apart))
        stack.push_async_callback(stop, server, readiness, sync.watching.drain, calls, config)
        stack.enter_context(serve_metrics(config.metrics_listen, registry))
        await server.start()
        yield App(
            port,
            store,
            apart,
            backups,
            identity,
            notifications,
            sync,
            webhooks,
            files,
            imports,
            own_backups,
            rebuilding,
            calls,
            registry,
        )


def _compose_rebuilding(store: Store, files: Files, books: BookProof, groups: GroupProof) -> Rebuilding:
    others = Others(files.contents, (ImportSecrets(store), catch_up))
    return Rebuilding(store, (BookShape(books), GroupShape(groups)), others)


def _compose_tells(store: Store, notifications: Notifications) -> Tells:
    raising = notifications.raising
    return Tells(
        telling_failures(raising.raise_notice),
        telling_staleness(raising.raise_notice),
        telling_restores(store, raising.raise_notices),
    )


def _schedule(ticker: Ticker, quota: Quota, readiness: Readiness, identity: Identity, sync: Sync) -> None:
    """What every server does, whether or not it works on jobs."""
    ticker.every("quota_exchange", EXCHANGE_EVERY_S, quota.exchange)
    ticker.every("readiness", READINESS_EVERY_S, readiness.look)
    ticker.every("sweep", SWEEP_EVERY_S, identity.sweep)
    sync.schedule(ticker)
