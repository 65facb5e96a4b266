"""Which account of the book is each account that a file names, and what is still to be asked about them? Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from tallystick.errors import InvalidInput, NotVisible
from tallystick.imports.reading.lines import Line
from tallystick.imports.understanding import Understood
from tallystick.ledger.folding import folded
from tallystick.ledger.rules import canonical
from tallystick.v1.import_pb2 import ImportAccount, ImportQuestion
from tallystick.v1.ledger_pb2 import Account

ACCOUNTS_MAX = 200


def place_accounts(
    lines: Iterable[Line],
    known: Sequence[ImportAccount],
    accounts: Mapping[str, Account],
    default_id: str,
) -> list[ImportAccount]:
    """Every account that the lines name, and where its money goes: as was said before, else by its name. `default_id` is for lines
    that name none, or for the only account that they name."""
    own: Counter[str] = Counter()
    beside: Counter[str] = Counter()
    for line in lines:
        own[line.account] += 1
        if line.other_account:
            beside[line.other_account] += 1
    names = [*own, *(name for name in beside if name not in own)]
    if len(names) > ACCOUNTS_MAX:
        raise InvalidInput.of_field("file", f"names more than {ACCOUNTS_MAX} accounts")
    said = {each.name: each for each in known}
    by_name = _by_name(accounts)
    placed = []
    for name in names:
        before = said.get(name)
        account_id = before.account_id if before and before.account_id in accounts else ""
        if not account_id and default_id and name in own and (not name or len(own) == 1):
            account_id = default_id
        if not account_id and not (before and before.skipped):
            account_id = by_name.get(folded(name), "")
        placed.append(
            ImportAccount(
                name=name,
                account_id=account_id,
                skipped=bool(before and before.skipped and not account_id),
                rows=own[name],
                only_beside=name not in own,
            )
        )
    return placed


def _by_name(accounts: Mapping[str, Account]) -> dict[str, str]:
    """Names that two accounts have say nothing."""
    names = Counter(folded(each.name) for each in accounts.values())
    return {name: each.id for each in accounts.values() if names[name := folded(each.name)] == 1 and not each.closed_on}


def merge_said(before: Sequence[ImportAccount], said: Sequence[ImportAccount]) -> list[ImportAccount]:
    """What was said of accounts before, with what is said now."""
    merged = {each.name: each for each in before}
    for each in said:
        account_id = canonical(each.account_id)
        merged[each.name] = ImportAccount(name=each.name, account_id=account_id, skipped=each.skipped)
    return [*merged.values()]


def require_visible(said: Sequence[ImportAccount], accounts: Mapping[str, object]) -> None:
    if any(each.account_id and canonical(each.account_id) not in accounts for each in said):
        raise NotVisible


def ask_accounts(placed: Sequence[ImportAccount]) -> list[ImportQuestion]:
    return [
        ImportQuestion(field="accounts", options=[each.name])
        for each in placed
        if not each.account_id and not each.skipped and not each.only_beside
    ]


def currencies_of(placed: Sequence[ImportAccount], accounts: Mapping[str, Account]) -> list[str]:
    """Those of the accounts that rows go to."""
    own = {accounts[each.account_id].currency for each in placed if each.account_id and not each.only_beside}
    return sorted(own)


def ask_currency(understood: Understood, currency: str, currencies: Sequence[str]) -> list[ImportQuestion]:
    """Where rows name no currency, and their accounts have several."""
    if not understood.has_no_currency or currency or len(currencies) < 2:  # noqa: PLR2004 - one leaves no choice
        return []
    return [ImportQuestion(field="currency", options=currencies)]


def owner_of(placed: Sequence[ImportAccount], accounts: Mapping[str, Account]) -> str:
    """The only user who sees one of the accounts. Empty: all of them are everybody's."""
    owners = (accounts[each.account_id].private_to for each in placed if each.account_id in accounts)
    return next((owner for owner in owners if owner), "")
