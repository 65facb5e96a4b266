"""How does a statement look as OFX 2, the XML that banks send? Pure. The same transaction has the same FITID in every export, so that
whoever reads two of them knows what they have already."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from html import escape

from tallystick.exports.numbers import plain
from tallystick.exports.statement import Line, Statement
from tallystick.v1.ledger_pb2 import AccountType

# The lengths that the format allows.
NAME_CHARS, EXTENDED_CHARS, MEMO_CHARS, ACCOUNT_CHARS = 32, 100, 255, 22
_BANK_ID = "TALLYSTCK"
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\r\n'
    '<?OFX OFXHEADER="200" VERSION="220" SECURITY="NONE" OLDFILEUID="NONE" NEWFILEUID="NONE"?>\r\n'
)
_FINE = "<STATUS><CODE>0</CODE><SEVERITY>INFO</SEVERITY></STATUS>"
_TYPES = {
    AccountType.ACCOUNT_TYPE_SAVINGS: "SAVINGS",
    AccountType.ACCOUNT_TYPE_LOAN: "CREDITLINE",
}
# What XML 1.0 cannot hold, and what would break a line.
_UNFIT = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]+")


def begin(statement: Statement, now: datetime) -> bytes:
    is_card = _is_card(statement)
    account_id = statement.account.id.replace("-", "")[-ACCOUNT_CHARS:]
    if is_card:
        opened = f"<CREDITCARDMSGSRSV1><CCSTMTTRNRS><TRNUID>0</TRNUID>{_FINE}<CCSTMTRS>"
        account = f"<CCACCTFROM><ACCTID>{account_id}</ACCTID></CCACCTFROM>"
    else:
        opened = f"<BANKMSGSRSV1><STMTTRNRS><TRNUID>0</TRNUID>{_FINE}<STMTRS>"
        kind = _TYPES.get(statement.account.type, "CHECKING")
        account = (
            f"<BANKACCTFROM><BANKID>{_BANK_ID}</BANKID><ACCTID>{account_id}</ACCTID>"
            f"<ACCTTYPE>{kind}</ACCTTYPE></BANKACCTFROM>"
        )
    signed = (
        f"<SIGNONMSGSRSV1><SONRS>{_FINE}<DTSERVER>{now:%Y%m%d%H%M%S}</DTSERVER><LANGUAGE>ENG</LANGUAGE>"
        "</SONRS></SIGNONMSGSRSV1>"
    )
    return (
        f"{_HEAD}<OFX>{signed}\r\n{opened}<CURDEF>{statement.account.currency}</CURDEF>{account}\r\n"
        f"<BANKTRANLIST><DTSTART>{_day(statement.from_on or date(1970, 1, 1))}</DTSTART>"
        f"<DTEND>{_day(statement.until_on)}</DTEND>\r\n"
    ).encode()


def transactions(statement: Statement, lines: Iterable[Line]) -> bytes:
    return "".join(_transaction(statement, line) for line in lines).encode()


def end(statement: Statement) -> bytes:
    closed = (
        "</CCSTMTRS></CCSTMTTRNRS></CREDITCARDMSGSRSV1>"
        if _is_card(statement)
        else "</STMTRS></STMTTRNRS></BANKMSGSRSV1>"
    )
    balance = plain(statement.closing, statement.account.currency)
    return (
        f"</BANKTRANLIST>\r\n<LEDGERBAL><BALAMT>{balance}</BALAMT><DTASOF>{_day(statement.until_on)}</DTASOF>"
        f"</LEDGERBAL>{closed}</OFX>\r\n"
    ).encode()


def _transaction(statement: Statement, line: Line) -> str:
    kind = "XFER" if line.is_transfer else "CREDIT" if line.moved >= 0 else "DEBIT"
    words = (
        *_word("NAME", line.payee, NAME_CHARS),
        *(_word("EXTDNAME", line.payee, EXTENDED_CHARS) if len(line.payee) > NAME_CHARS else ()),
        *_word("MEMO", line.transaction.note, MEMO_CHARS),
    )
    return (
        f"<STMTTRN><TRNTYPE>{kind}</TRNTYPE><DTPOSTED>{_day(date.fromisoformat(line.transaction.booked_on))}</DTPOSTED>"
        f"<TRNAMT>{plain(line.moved, statement.account.currency)}</TRNAMT><FITID>{line.transaction.id}</FITID>"
        f"{''.join(words)}</STMTTRN>\r\n"
    )


def _word(tag: str, value: str, chars_max: int) -> tuple[str, ...]:
    cut = _UNFIT.sub(" ", value).strip()[:chars_max].strip()
    return (f"<{tag}>{escape(cut, quote=False)}</{tag}>",) if cut else ()


def _day(day: date) -> str:
    return f"{day.year:04}{day:%m%d}"


def _is_card(statement: Statement) -> bool:
    return statement.account.type == AccountType.ACCOUNT_TYPE_CREDIT_CARD
