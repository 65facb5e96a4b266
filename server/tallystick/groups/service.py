"""How do the calls of all nouns make one service?"""

from tallystick.groups.comments.service import CommentCalls
from tallystick.groups.expenses.service import ExpenseCalls
from tallystick.groups.members.service import MemberCalls
from tallystick.groups.plans.service import PlanCalls
from tallystick.groups.profiles.service import ProfileCalls
from tallystick.groups.proof.proving import GroupProof
from tallystick.groups.proof.service import GroupProofCalls
from tallystick.groups.recurring.service import RecurringCalls
from tallystick.groups.settlements.service import SettlementCalls
from tallystick.groups.sums.service import BalanceCalls
from tallystick.store.apart import Apart
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.group_service_pb2_grpc import GroupServiceServicer


class GroupService(
    ProfileCalls,
    MemberCalls,
    ExpenseCalls,
    CommentCalls,
    RecurringCalls,
    BalanceCalls,
    PlanCalls,
    SettlementCalls,
    GroupProofCalls,
    GroupServiceServicer,
):
    """Groups, their shared expenses, balances and settlements."""

    def __init__(self, store: Store, pages: Pages, apart: Apart, proof: GroupProof) -> None:
        self._store = store
        self._apart = apart
        self._pages = pages
        self._proof = proof
