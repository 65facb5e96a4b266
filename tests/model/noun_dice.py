"""What might somebody do next to accounts, categories, labels and templates? And how often each command of all comes."""

from typing import Any

from model.dice import WORDS, Asked, Dice
from model.drafts import EXPENSE, TRANSFER, draft_of
from model.recurring import rule_of
from tallystick_client.v1 import ledger_accounts_pb2 as accounts
from tallystick_client.v1 import ledger_categories_pb2 as categories
from tallystick_client.v1 import ledger_labels_pb2 as labels
from tallystick_client.v1 import ledger_service_pb2 as service
from tallystick_client.v1 import ledger_templates_pb2 as templates
from tallystick_client.v1.ledger_pb2 import (
    Account,
    AccountType,
    Category,
    CategoryKind,
    Transaction,
    TransactionDraft,
)
from tallystick_client.v1.ledger_templates_pb2 import Template

ACCOUNTS_MAX = 9
CURRENCIES = ("EUR", "EUR", "USD", "JPY", "KWD")
KINDS = (CategoryKind.CATEGORY_KIND_EXPENSE, CategoryKind.CATEGORY_KIND_EXPENSE, CategoryKind.CATEGORY_KIND_INCOME)

# How often each command comes, of a hundred or so.
WEIGHTS = {
    "create_transaction": 24,
    "update_transaction": 22,
    "delete_transaction": 6,
    "restore_transaction": 4,
    "revert_transaction": 5,
    "batch_create_transactions": 4,
    "batch_update_transactions": 5,
    "batch_delete_transactions": 2,
    "create_account": 2,
    "update_account": 2,
    "close_account": 2,
    "reopen_account": 2,
    "delete_account": 2,
    "restore_account": 2,
    "reconcile_account": 5,
    "create_category": 2,
    "update_category": 3,
    "delete_category": 2,
    "restore_category": 1,
    "merge_categories": 2,
    "create_label": 1,
    "delete_label": 1,
    "restore_label": 1,
    "create_template": 1,
    "execute_template": 2,
    "skip_occurrence": 1,
    "delete_template": 1,
}


class AnyDice(Dice):
    """Composes any command."""

    def asked(self, name: str = "", user: str = "") -> Asked:
        user = user or self.user()
        name = name or self.random.choices([*WEIGHTS], [*WEIGHTS.values()])[0]
        return Asked(user, getattr(self, name)(user))

    def create_account(self, user: str, currency: str = "") -> Any:
        if len(self.book.everything(Account)) >= ACCOUNTS_MAX:
            return self.update_account(user)
        currency = currency or self.pick(CURRENCIES)
        request = service.CreateAccountRequest(
            **self.heads(),
            account_id=self.new_id(),
            name=self.pick(("Cash", " Bank ", "Zoë", "\t")) if self.chance(97) else "\t",
            type=self.pick([each for each in AccountType.values() if each]),
            currency=currency if self.chance(98) else "XQQ",
            position=self.random.randrange(4),
            note=self.pick(WORDS),
            private=self.chance(25),
        )
        if self.chance(50):
            request.opening_balance.CopyFrom(self.money(currency if self.chance(97) else "EUR"))
            request.opening_balance.minor *= self.pick((1, 1, -1))
            request.opening_on = self.day() if self.chance(97) else ""
        return request

    def update_account(self, user: str) -> Any:
        request = accounts.UpdateAccountRequest(**self.heads(), account_id=self.one_of(Account, user))
        names = self.random.sample(["name", "position", "icon", "color", "note", "private", "type"], 2)
        for name, value in (
            ("name", self.pick(("Cash", "Wallet", " "))),
            ("position", self.random.randrange(3)),
            ("icon", self.pick(("", "coin"))),
            ("color", self.pick(("", "#aabbcc"))),
            ("note", self.pick(WORDS)),
            ("private", self.chance(50)),
            ("type", self.random.randrange(1, 4)),
        ):
            if name in names:
                setattr(request, name, value)
        return self._masked(request, names)

    def _masked(self, request: Any, names: list[str]) -> Any:
        if self.chance(70):
            request.update_mask.paths.extend(names)
        if self.chance(25):
            request.base_version = max(0, self.book.seq - self.pick((0, 1, 5, 50)))
        return request

    def close_account(self, user: str) -> Any:
        closed_on = self.day() if self.chance(97) else "2026-02-30"
        account_id = self.one_of(Account, user)
        if self.chance(60):
            closed_on = max(
                [line.booked_on for line in self.book.lines() if line.account_id == account_id] or [closed_on]
            )
        return accounts.CloseAccountRequest(**self.heads(), account_id=account_id, closed_on=closed_on)

    def reopen_account(self, user: str) -> Any:
        closed = [each.id for each in self.book.all(user, Account) if each.closed_on]
        account_id = self.pick(closed) if closed and self.chance(90) else self.one_of(Account, user)
        return accounts.ReopenAccountRequest(**self.heads(), account_id=account_id)

    def delete_account(self, user: str) -> Any:
        booked = {line.account_id for line in self.book.lines()}
        empty = [
            each.id for each in self.book.all(user, Account) if each.id not in booked or each.opening_transaction_id
        ]
        account_id = self.pick(empty) if empty and self.chance(80) else self.one_of(Account, user)
        return accounts.DeleteAccountRequest(**self.heads(), account_id=account_id)

    def restore_account(self, user: str) -> Any:
        gone = [each.id for each in self.book.all(user, Account, deleted=True)]
        account_id = self.pick(gone) if gone and self.chance(85) else self.one_of(Account, user)
        return accounts.RestoreAccountRequest(**self.heads(), account_id=account_id)

    def reconcile_account(self, user: str) -> Any:
        account_id = self.one_of(Account, user)
        account, on = self.book.find(user, Account, account_id), self.day() if self.chance(97) else "2026-02-30"
        statement = self.money(account.currency if account and self.chance(97) else "EUR")
        if account and on != "2026-02-30" and self.chance(75):
            statement.minor = self.book.held(account_id, on).cleared
        return accounts.ReconcileAccountRequest(
            **self.heads(),
            account_id=account_id,
            statement_balance=statement,
            statement_on=on,
            adjust=self.chance(30),
            reconciliation_id=self.new_id(),
        )

    def create_category(self, user: str, kind: Any = 0) -> Any:
        kind = kind or self.pick(KINDS)
        return service.CreateCategoryRequest(
            **self.heads(),
            category_id=self.new_id() if self.chance(97) else self.one_of(Category, user),
            name=self.pick(("Food", " Rent", "Ferien")),
            kind=kind,
            parent_id=self._parent(kind) if self.chance(50) else "",
            position=self.random.randrange(4),
            color="#00ff00",
        )

    def _parent(self, kind: Any) -> str:
        """Mostly of the same kind."""
        found = [each.id for each in self.book.everything(Category) if each.kind == kind]
        return self.pick(found) if found and self.chance(90) else self.one_of(Category, "")

    def update_category(self, user: str) -> Any:
        request = categories.UpdateCategoryRequest(**self.heads(), category_id=self.one_of(Category, user))
        category = self.book.find(user, Category, request.category_id)
        names = self.random.sample(["name", "parent_id", "position", "archived"], 1)
        if "name" in names:
            request.name = self.pick(("Food", "Drink", " "))
        if "parent_id" in names:
            request.parent_id = self._parent(category.kind if category else 1) if self.chance(80) else ""
        if "position" in names:
            request.position = self.random.randrange(3)
        if "archived" in names:
            request.archived = self.chance(35)
        return self._masked(request, names)

    def delete_category(self, user: str) -> Any:
        used = {line.category_id for line in self.book.lines()}
        unused = [each.id for each in self.book.everything(Category) if each.id not in used]
        category_id = self.pick(unused) if unused and self.chance(70) else self.one_of(Category, user)
        return categories.DeleteCategoryRequest(**self.heads(), category_id=category_id)

    def restore_category(self, user: str) -> Any:
        gone = [each.id for each in self.book.all(user, Category, deleted=True)]
        category_id = self.pick(gone) if gone and self.chance(85) else self.one_of(Category, user)
        return categories.RestoreCategoryRequest(**self.heads(), category_id=category_id)

    def merge_categories(self, user: str) -> Any:
        source = self.book.live.get(self.one_of(Category, user))
        into = self._parent(source.kind) if source else self.new_id()
        return categories.MergeCategoriesRequest(
            **self.heads(), category_id=source.id if source else self.new_id(), into_category_id=into
        )

    def create_label(self, user: str) -> Any:
        if self.chance(50):
            return labels.CreateTagRequest(**self.heads(), tag_id=self.new_id(), name="trip", color="#0000ff")
        return labels.CreatePayeeRequest(
            **self.heads(),
            payee_id=self.new_id() if self.chance(95) else self.one_of(labels.Payee, user),
            name=self.pick(("Bakery", "ÉTÉ 24", " ")) if self.chance(95) else " ",
            default_category_id=self.one_of(Category, user) if self.chance(50) else "",
        )

    def delete_label(self, user: str) -> Any:
        if self.chance(50):
            return labels.DeleteTagRequest(**self.heads(), tag_id=self.one_of(labels.Tag, user))
        return labels.DeletePayeeRequest(**self.heads(), payee_id=self.one_of(labels.Payee, user))

    def restore_label(self, user: str) -> Any:
        gone: list[labels.Payee | labels.Tag] = [*self.book.all(user, labels.Payee, deleted=True)]
        gone += self.book.all(user, labels.Tag, deleted=True)
        label = self.pick(gone) if gone else None
        if isinstance(label, labels.Tag):
            return labels.RestoreTagRequest(**self.heads(), tag_id=label.id)
        return labels.RestorePayeeRequest(**self.heads(), payee_id=label.id if label else self.new_id())

    def create_template(self, user: str) -> Any:
        draft: TransactionDraft = self.draft(user)
        expenses = [each for each in self.book.all(user, Transaction) if each.kind in (EXPENSE, TRANSFER)]
        if expenses and self.chance(30):
            draft = draft_of(self.pick(expenses))
            for split in draft.splits:
                split.ClearField("line")
        for name in ("transaction_id", "booked_on", "import_key", "to_import_key"):
            draft.ClearField(name)
        schedule = templates.Schedule(
            starts_on=f"2026-{self.random.randint(1, 4):02}-15", rule=rule_of(self.pick((1, 15, 28)))
        )
        return templates.CreateTemplateRequest(
            **self.heads(),
            template_id=self.new_id(),
            name=self.pick(("Rent", "Wages")),
            draft=draft,
            schedule=schedule,
            mode=templates.TemplateMode.TEMPLATE_MODE_REMIND,
        )

    def execute_template(self, user: str) -> Any:
        request = templates.ExecuteTemplateRequest(**self.heads(), template_id=self.one_of(Template, user))
        template = self.book.find(user, Template, request.template_id)
        if self.chance(30):
            request.booked_on = self.day() if self.chance(95) else "2026-02-30"
        if template and self.chance(20):
            request.amount.CopyFrom(self.money(template.draft.amount.currency))
        return request

    def skip_occurrence(self, user: str) -> Any:
        return templates.SkipOccurrenceRequest(**self.heads(), template_id=self.one_of(Template, user))

    def delete_template(self, user: str) -> Any:
        return templates.DeleteTemplateRequest(**self.heads(), template_id=self.one_of(Template, user))


def starting(dice: AnyDice, owner: str, editor: str) -> list[Asked]:
    """What every book begins with: accounts in several currencies, one of them private, categories, and labels."""
    heads, asked = dice.heads, list[Asked]()
    for number, (user, currency) in enumerate(
        ((owner, "EUR"), (owner, "EUR"), (owner, "USD"), (owner, "KWD"), (editor, "EUR"))
    ):
        request = service.CreateAccountRequest(
            **heads(),
            account_id=dice.new_id(),
            name=f"Account {number}",
            type=AccountType.ACCOUNT_TYPE_CASH,
            currency=currency,
            private=user == editor,
        )
        asked.append(Asked(user, request))
    for kind in (*KINDS, *KINDS):
        category = service.CreateCategoryRequest(**heads(), category_id=dice.new_id(), name="Category", kind=kind)
        asked.append(Asked(owner, category))
    for number in range(2):
        asked.append(Asked(owner, labels.CreateTagRequest(**heads(), tag_id=dice.new_id(), name=f"tag {number}")))
        payee = labels.CreatePayeeRequest(**heads(), payee_id=dice.new_id(), name=f"Payee {number}")
        asked.append(Asked(editor, payee))
    return asked
