"""What are the things called that transactions name? Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tallystick.v1.ledger_labels_pb2 import Payee, PaymentMethod, Tag
from tallystick.v1.ledger_pb2 import Account, Category, Transaction


@dataclass(frozen=True, slots=True)
class Names:
    """The nouns of a book by their ids, also those that are deleted."""

    accounts: Mapping[str, Account] = field(default_factory=dict)
    categories: Mapping[str, Category] = field(default_factory=dict)
    payees: Mapping[str, Payee] = field(default_factory=dict)
    payment_methods: Mapping[str, PaymentMethod] = field(default_factory=dict)
    tags: Mapping[str, Tag] = field(default_factory=dict)

    def account(self, account_id: str) -> str:
        return self.accounts[account_id].name if account_id in self.accounts else ""

    def category(self, category_id: str) -> str:
        return self.categories[category_id].name if category_id in self.categories else ""

    def above(self, category_id: str) -> str:
        """The names of what a category is below, from the top."""
        found: list[str] = []
        seen = {category_id}
        above = self.categories[category_id].parent_id if category_id in self.categories else ""
        while above in self.categories and above not in seen:
            seen.add(above)
            found.append(self.categories[above].name)
            above = self.categories[above].parent_id
        return " / ".join(reversed(found))

    def payee(self, transaction: Transaction) -> str:
        if transaction.payee or transaction.payee_id not in self.payees:
            return transaction.payee
        return self.payees[transaction.payee_id].name

    def payment_method(self, method_id: str) -> str:
        return self.payment_methods[method_id].name if method_id in self.payment_methods else ""

    def of_tags(self, transaction: Transaction) -> str:
        return ", ".join(self.tags[one].name for one in transaction.tag_ids if one in self.tags)
