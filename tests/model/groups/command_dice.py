"""What might somebody do in a group next? And how often each command comes."""

from model.dice import WORDS, Asked
from model.groups.dice import DraftDice
from model.groups.state import DISPUTED, GUEST, RECORDED
from tallystick_client.v1 import group_expenses_pb2 as expenses
from tallystick_client.v1 import group_members_pb2 as members
from tallystick_client.v1 import group_pb2 as groups
from tallystick_client.v1 import group_settlements_pb2 as settlements
from tallystick_client.v1.group_expenses_pb2 import Expense, ExpenseDraft
from tallystick_client.v1.group_settlements_pb2 import Settlement
from tallystick_client.v1.money_pb2 import Money
from tallystick_client.v1.role_pb2 import Role

BATCH_MAX = 3
PRESENT_MAX = 9
# How often each command comes, of a hundred or so.
WEIGHTS = {
    "create_expense": 30,
    "update_expense": 24,
    "delete_expense": 6,
    "restore_expense": 4,
    "revert_expense": 5,
    "batch_create_expenses": 3,
    "record_settlement": 9,
    "confirm_settlement": 5,
    "dispute_settlement": 4,
    "reverse_settlement": 3,
    "add_guest": 2,
    "leave_group": 3,
    "update_group": 2,
    "lock_period": 2,
    "reopen_period": 2,
    "archive_group": 1,
    "unarchive_group": 1,
}
_OF_OWNERS = ("update_group", "lock_period", "reopen_period", "archive_group", "unarchive_group")
_CHANGES = (
    *("booked_on", "booked_on", "amount", "amount", "payers", "payers", "split", "split", "conversion"),
    *("description", "category", "note", "kind", "refund_of_id"),
)


class GroupDice(DraftDice):
    """Composes any command."""

    def user(self) -> str:
        if self.chance(6):
            return self.pick([*self.book.roles])
        return self.pick([user for user in self.book.roles if self.book.role_of(user) >= Role.ROLE_EDITOR])

    def owner(self) -> str:
        return next(user for user in self.book.roles if self.book.role_of(user) == Role.ROLE_OWNER)

    def asked(self, name: str = "", user: str = "") -> Asked:
        if not name and self.book.group.archived and self.chance(25):
            name = "unarchive_group"
        if not name and self.book.group.locked_until > "2026-01-15" and self.chance(15):
            name = "reopen_period"
        name = name or self.random.choices([*WEIGHTS], [*WEIGHTS.values()])[0]
        user = self.owner() if name in _OF_OWNERS and self.chance(90) else user or self.user()
        return getattr(self, name)(user)  # type: ignore[no-any-return]  # each of them composes a command

    # --- expenses ---

    def create_expense(self, user: str) -> Asked:
        return Asked(user, expenses.CreateExpenseRequest(**self.heads(), expense=self.expense_draft()))

    def batch_create_expenses(self, user: str) -> Asked:
        drafts = [self.expense_draft() for _ in range(self.random.randint(1, BATCH_MAX))]
        if self.chance(5):
            drafts[-1].expense_id = drafts[0].expense_id
        return Asked(user, expenses.BatchCreateExpensesRequest(**self.heads(), expenses=drafts))

    def update_expense(self, user: str) -> Asked:
        request = expenses.UpdateExpenseRequest(**self.heads(), expense_id=self.one_of(Expense, user))
        if self.chance(25):
            request.base_version = max(0, self.book.seq - self.pick((0, 1, 5, 50)))
        before = self.book.live.get(request.expense_id)
        if not isinstance(before, Expense):
            request.change.note = "nobody is there"
            return Asked(user, request)
        change = self._reworded(before)
        request.change.CopyFrom(change)
        names = {field.name for field, _ in change.ListFields()} - {"expense_id", "convert_with", "convert_source"}
        if change.convert_with:
            names.add("conversion")
        if self.chance(75) or not names:
            request.update_mask.paths.extend(sorted(names) or [self.pick(("note", "conversion", "refund_of_id"))])
        if self.chance(2):
            request.update_mask.paths.append(self.pick(("expense_id", "version", "shares")))
        return Asked(user, request)

    def _reworded(self, before: Expense) -> ExpenseDraft:
        """Some fields of an expense as somebody would rather have them."""
        new = self.expense_draft()
        if self.chance(8):
            return new
        change = ExpenseDraft()
        for name in self.random.sample(_CHANGES, self.pick((1, 1, 1, 2, 3))):
            if name == "amount":
                self._resized(change, before)
            elif name == "payers":
                change.ClearField("payers")
                change.payers.extend(self.payers((change.amount if change.amount.minor else before.amount).minor))
            elif name == "split":
                change.split.CopyFrom(self.split((change.amount if change.amount.minor else before.amount).minor))
            elif name == "conversion":
                self.convert(change)
            elif name == "kind":
                change.kind = new.kind
            elif new.ListFields():
                change.MergeFrom(ExpenseDraft(**{name: getattr(new, name)}))
        return change

    def _resized(self, change: ExpenseDraft, before: Expense) -> None:
        currency = before.amount.currency if self.chance(85) else self.pick(("EUR", "USD"))
        change.amount.CopyFrom(self.money(currency))
        if self.chance(80):
            change.ClearField("payers")
            change.payers.extend(self.payers(change.amount.minor))

    def delete_expense(self, user: str) -> Asked:
        request = expenses.DeleteExpenseRequest(**self.heads(), expense_id=self.one_of(Expense, user))
        if self.chance(20):
            request.base_version = max(0, self.book.seq - self.pick((0, 1, 20)))
        return Asked(user, request)

    def restore_expense(self, user: str) -> Asked:
        gone = [each.id for each in self.book.all(user, Expense, deleted=True)]
        expense_id = self.pick(gone) if gone and self.chance(90) else self.one_of(Expense, user)
        return Asked(user, expenses.RestoreExpenseRequest(**self.heads(), expense_id=expense_id))

    def revert_expense(self, user: str) -> Asked:
        many = [
            key for key, found in self.book.history.items() if len(found) > 1 and isinstance(found[0].entity, Expense)
        ]
        expense_id = self.pick(many) if many and self.chance(90) else self.one_of(Expense, user)
        versions = [each.entity.version for each in self.book.history.get(expense_id.lower(), [])]
        to_version = self.pick(versions) if versions and self.chance(97) else self.book.seq + 1
        return Asked(user, expenses.RevertExpenseRequest(**self.heads(), expense_id=expense_id, to_version=to_version))

    # --- settlements ---

    def record_settlement(self, user: str) -> Asked:
        request = settlements.RecordSettlementRequest(
            **self.heads(), settlement_id=self.new_id(), booked_on=self.day(), note=self.pick(WORDS)
        )
        debts = self._debts()
        if debts and self.chance(70):
            (debtor, creditor), currency = self.pick(debts)
            minor = self.book.debts()[currency][debtor, creditor]
            request.from_member_id, request.to_member_id = debtor, creditor
            request.amount.CopyFrom(Money(currency=currency, minor=max(1, minor // self.pick((1, 1, 2, 3)))))
        else:
            request.to_member_id = self.member()
            request.amount.CopyFrom(self.money(self.pick(("EUR", "USD"))))
            if self.chance(80):
                request.from_member_id = self.member()
        if self.chance(10):
            request.paid.CopyFrom(self.money("USD"))
        if self.chance(4):
            request.amount.minor = self.pick((0, -1))
        if self.chance(3):
            request.amount.currency = "XQQ"
        return Asked(user, request)

    def _debts(self) -> list[tuple[tuple[str, str], str]]:
        """What is open, in an order that no id decides: the same seed gives the same story to other people."""
        place = {member_id: number for number, member_id in enumerate(self.book.members())}
        found = [(pair, currency) for currency, pairs in self.book.debts().items() for pair in pairs]
        return sorted(found, key=lambda each: (each[1], *(place[member_id] for member_id in each[0])))

    def confirm_settlement(self, user: str) -> Asked:
        settlement_id = self._settlement(DISPUTED if self.chance(40) else RECORDED)
        request = settlements.ConfirmSettlementRequest(**self.heads(), settlement_id=settlement_id)
        return Asked(self._payee(settlement_id, user), request)

    def dispute_settlement(self, user: str) -> Asked:
        settlement_id = self._settlement(RECORDED)
        request = settlements.DisputeSettlementRequest(
            **self.heads(), settlement_id=settlement_id, text=self.pick(WORDS)
        )
        return Asked(self._payee(settlement_id, user), request)

    def reverse_settlement(self, user: str) -> Asked:
        request = settlements.ReverseSettlementRequest(**self.heads(), settlement_id=self._settlement(RECORDED))
        return Asked(user, request)

    def _settlement(self, state: int) -> str:
        fitting = [each.id for each in self.book.everything(Settlement) if each.state == state]
        return self.pick(fitting) if fitting and self.chance(70) else self.one_of(Settlement, "")

    def _payee(self, settlement_id: str, user: str) -> str:
        settlement = self.book.live.get(settlement_id)
        if not isinstance(settlement, Settlement) or self.chance(15):
            return user
        member = self.book.member(settlement.to_member_id)
        return self.owner() if member.state == GUEST else member.user_id or user

    # --- the group and its members ---

    def add_guest(self, user: str) -> Asked:
        if len(self.book.present()) >= PRESENT_MAX:
            return self.leave_group(user)
        name = self.pick(("Gus", " Hal ", "Zoë")) if self.chance(95) else "\t"
        return Asked(user, members.AddGuestRequest(**self.heads(), member_id=self.new_id(), display_name=name))

    def leave_group(self, user: str) -> Asked:
        guests = [each for each in self.book.present() if self.book.member(each).state == GUEST]
        goes = self.pick(guests) if guests and self.chance(80) else self.member()
        user = self.owner() if self.chance(80) else user
        request = members.LeaveGroupRequest(**self.heads(), member_id=goes, on=self.day())
        match self.random.randrange(7):
            case 0 | 1:
                request.settled.SetInParent()
            case 2 | 3:
                request.taken_over.member_id = self.member()
            case 4 | 5:
                request.forgiven.SetInParent()
        return Asked(user, request)

    def update_group(self, user: str) -> Asked:
        request = groups.UpdateGroupRequest(**self.heads())
        names = self.random.sample(["name", "description", "simplify_debts", "default_split"], 2)
        if "name" in names:
            request.name = self.pick(("Trip", " Flat ", "\t"))
        if "description" in names:
            request.description = self.pick(WORDS)
        if "simplify_debts" in names:
            request.simplify_debts = self.chance(50)
        if "default_split" in names and self.chance(70):
            request.default_split.extend(self.weights())
        if self.chance(70):
            request.update_mask.paths.extend(names)
        if self.chance(25):
            request.base_version = max(0, self.book.seq - self.pick((0, 1, 5, 50)))
        return Asked(user, request)

    def lock_period(self, user: str) -> Asked:
        until = self.day() if self.chance(10) else f"2025-{self.pick((11, 12))}-{self.random.randint(10, 30)}"
        return Asked(user, groups.LockPeriodRequest(**self.heads(), locked_until=until))

    def reopen_period(self, user: str) -> Asked:
        until = "" if self.chance(50) else f"2025-{self.pick((11, 12))}-{self.random.randint(10, 30)}"
        return Asked(user, groups.ReopenPeriodRequest(**self.heads(), locked_until=until))

    def archive_group(self, user: str) -> Asked:
        return Asked(user, groups.ArchiveGroupRequest(**self.heads()))

    def unarchive_group(self, user: str) -> Asked:
        return Asked(user, groups.UnarchiveGroupRequest(**self.heads()))
