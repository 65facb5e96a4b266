"""What does a CAMT.053 statement say? Pure. ISO 20022, versions 001.02 to 001.08 and later, whatever namespace stands before its names.

Nothing outside of the file is read, and no entity: whoever declares some is refused before the first one.
"""

from dataclasses import dataclass, field
from datetime import date
from xml.parsers import expat

from tallystick.imports.reading.days import Order, parse_day
from tallystick.imports.reading.lines import (
    Amount,
    Line,
    Reading,
    RowError,
    UnreadableError,
    refusal,
    require_currency,
    require_few,
    require_short,
    to_amount,
)
from tallystick.imports.reading.numbers import Mark, parse_number

_DEPTH_MAX = 40
# A payment has some fifty. All of them are in memory at once.
_NODES_MAX = 500_000
# Words that banks write where there is no reference.
_NO_ID = {"NOTPROVIDED", "NONREF", "NOREF"}
# The one on the other side. Since version 8 a name is one level deeper.
_CREDITOR = ("RltdPties/Cdtr/Nm", "RltdPties/Cdtr/Pty/Nm")
_DEBTOR = ("RltdPties/Dbtr/Nm", "RltdPties/Dbtr/Pty/Nm")


@dataclass(slots=True)
class _Node:
    """An element, its text and the attributes that matter: `Ccy`."""

    name: str
    line: int
    currency: str = ""
    text: str = ""
    children: list["_Node"] = field(default_factory=list)

    def all(self, path: str) -> list["_Node"]:
        found = [self]
        for name in path.split("/"):
            found = [child for node in found for child in node.children if child.name == name]
        return found

    def first(self, *paths: str) -> str:
        """The text of the first of these that there is."""
        return next((text for path in paths for node in self.all(path) if (text := node.text.strip())), "")


def is_camt(text: str) -> bool:
    return "<" in text[:200] and ("camt.053" in text[:2000] or "BkToCstmrStmt" in text[:4000])


def read_camt(text: str) -> Reading:
    lines: list[Line] = []
    errors: list[RowError] = []
    for statement in _parse(text).all("Document/BkToCstmrStmt/Stmt"):
        account = statement.first("Acct/Id/IBAN", "Acct/Id/Othr/Id")
        for entry in statement.all("Ntry"):
            for detail in entry.all("NtryDtls/TxDtls") or [entry]:
                try:
                    lines.append(_line(entry, detail, account))
                except UnreadableError as wrong:
                    errors.append(wrong.at(detail.line))
                require_few(len(lines) + len(errors), detail.line)
    return Reading(tuple(lines), tuple(errors))


def _parse(text: str) -> _Node:
    tree = _Tree()
    # The text is decoded already: what it says about its encoding is not asked.
    parser = tree.parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = tree.start
    parser.EndElementHandler = tree.end
    parser.CharacterDataHandler = tree.say
    try:
        parser.Parse(text.encode("utf-8"), True)
    except (expat.ExpatError, UnicodeEncodeError) as malformed:
        raise refusal(f"is no XML: {malformed}") from malformed
    if not tree.root.all("Document/BkToCstmrStmt"):
        raise refusal("is no CAMT.053")
    return tree.root


class _Tree:
    def __init__(self) -> None:
        self.root = _Node("", 0)
        self.parser: expat.XMLParserType | None = None
        self._open = [self.root]
        self._nodes = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        node = _Node(name.rsplit(" ", maxsplit=1)[-1], self._line(), attributes.get("Ccy", ""))
        if len(self._open) > _DEPTH_MAX:
            raise refusal("has too many parts within parts", node.line)
        self._nodes += 1
        if self._nodes > _NODES_MAX:
            raise refusal(f"has more than {_NODES_MAX} elements", node.line)
        self._open[-1].children.append(node)
        self._open.append(node)

    def end(self, _name: str) -> None:
        self._open.pop()

    def say(self, text: str) -> None:
        node = self._open[-1]
        # Between elements there is nothing but white space.
        if not node.children:
            node.text += text
        require_short(len(node.text), node.line)

    def _line(self) -> int:
        return self.parser.CurrentLineNumber if self.parser else 0


def _refuse_doctype(name: str, system_id: str | None, public_id: str | None, has_subset: bool) -> None:  # noqa: FBT001 - as expat calls it
    raise refusal("declares a DOCTYPE")


def _line(entry: _Node, detail: _Node, account: str) -> Line:
    """Of a batch every detail is a line; its amount and direction are its own where it tells them."""
    # A reversal (RvslInd) is told as what it does to the account already: only the direction counts.
    is_spent = _is_spent(entry, detail)
    amount = _amount(entry, detail)
    return Line(
        row=detail.line,
        day=_day(entry),
        amount=amount._replace(minor=-amount.minor) if is_spent else amount,
        payee=detail.first(*(_CREDITOR if is_spent else _DEBTOR)),
        note=_note(entry, detail),
        bank_id=_bank_id(entry, detail),
        account=account,
        foreign=_foreign(detail, amount.currency, is_spent=is_spent),
        # Since version 8 the status is an element with a code in it.
        is_pending=entry.first("Sts", "Sts/Cd") == "PDNG",
    )


def _is_spent(entry: _Node, detail: _Node) -> bool:
    direction = detail.first("CdtDbtInd") or entry.first("CdtDbtInd")
    if direction not in {"DBIT", "CRDT"}:
        raise UnreadableError("sign", f"{direction[:20]!r} is neither DBIT nor CRDT")
    return direction == "DBIT"


def _amount(entry: _Node, detail: _Node) -> Amount:
    """Before version 3 the amount of a detail is in its own part; one detail alone has that of the entry."""
    alone = len(entry.all("NtryDtls/TxDtls")) <= 1
    found = entry.all("Amt") if alone else []
    found = found or [*detail.all("AmtDtls/TxAmt/Amt"), *detail.all("Amt"), *detail.all("AmtDtls/InstdAmt/Amt")]
    if not found:
        raise UnreadableError("amount", "is missing")
    return _money(found[0])


def _money(node: _Node) -> Amount:
    number = parse_number(node.text.strip(), Mark.POINT)
    if number is None or number.value < 0:
        raise UnreadableError("amount", f"{node.text[:40]!r} is no amount")
    return to_amount(number.value, require_currency(node.currency))


def _foreign(detail: _Node, currency: str, *, is_spent: bool) -> Amount | None:
    """What was paid in the currency of the shop, if that is another one."""
    for node in detail.all("AmtDtls/InstdAmt/Amt"):
        if node.currency != currency:
            amount = _money(node)
            return amount._replace(minor=-amount.minor) if is_spent else amount
    return None


def _day(entry: _Node) -> date:
    text = entry.first("BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm")
    day = parse_day(text[:10], Order.YEAR_MONTH_DAY)
    if day is None:
        raise UnreadableError("day", f"{text[:40]!r} is no day" if text else "is missing")
    return day


def _note(entry: _Node, detail: _Node) -> str:
    told = [text for node in detail.all("RmtInf/Ustrd") if (text := node.text.strip())]
    return " ".join(told) or detail.first("RmtInf/Strd/CdtrRefInf/Ref", "AddtlTxInf") or entry.first("AddtlNtryInf")


def _bank_id(entry: _Node, detail: _Node) -> str:
    """The bank's own reference. That of an entry is of all its details, so it is theirs only if there is one."""
    own = detail.first("Refs/AcctSvcrRef", "Refs/TxId")
    if not own and len(entry.all("NtryDtls/TxDtls")) <= 1:
        own = entry.first("AcctSvcrRef")
    own = own or detail.first("Refs/EndToEndId")
    return "" if own.upper() in _NO_ID else own
