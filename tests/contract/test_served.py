"""Is every call of the contract somebody's? What nobody writes falls to the generated base class, which only says that it is not there."""

import pytest

from tallystick import contract
from tallystick.backups.own.service import BackupService
from tallystick.budgets.service import BudgetService
from tallystick.contract import Rpc
from tallystick.exports.service import ExportService
from tallystick.files.service import FileService
from tallystick.groups.service import GroupService
from tallystick.identity.service import AuthService
from tallystick.imports.service import ImportService
from tallystick.ledger.service import LedgerService
from tallystick.notifications.service import NotificationService
from tallystick.reports.service import ReportService
from tallystick.settings.service import SettingsService
from tallystick.spaces.service import SpaceService
from tallystick.status.service import StatusService
from tallystick.sync.service import SyncService
from tallystick.webhooks.service import WebhookService

SERVED = {
    each.__name__: each
    for each in (
        AuthService,
        SpaceService,
        LedgerService,
        BudgetService,
        BackupService,
        ExportService,
        ImportService,
        GroupService,
        ReportService,
        SettingsService,
        WebhookService,
        FileService,
        SyncService,
        StatusService,
        *(AuthService, SpaceService, LedgerService, GroupService, NotificationService),
        *(SyncService, StatusService),
    )
}


@pytest.mark.parametrize("rpc", contract.rpcs().values(), ids=lambda rpc: rpc.name)
def test_every_call_has_a_method_of_ours(rpc: Rpc) -> None:
    """If you are here because this failed, you added an RPC to the contract alone. To fix: write its method in the feature's service.py;
    a new service is named above, too."""
    service = SERVED[rpc.service.rpartition(".")[2]]
    assert not getattr(service, rpc.name).__module__.endswith("_pb2_grpc")
