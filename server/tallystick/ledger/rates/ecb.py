"""What does the European Central Bank say that a euro is worth? Reads its documents of reference rates, and fetches them."""

import asyncio
import re
import time
from collections.abc import Mapping
from datetime import date
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import IO, Protocol
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener
from xml.parsers import expat

from tallystick import __version__
from tallystick.currencies import EXPONENTS
from tallystick.errors import InvalidInput
from tallystick.ledger.rates.rules import Quote, require_rate

# The last ninety days: a new server knows some of the past, and an outage leaves no gap.
ECB_URL = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist-90d.xml"
SOURCE = "ECB"
BASE = "EUR"
TIMEOUT_S = 30.0
# Every day since 1999 is some 8 MB of XML, or 2 MB of CSV. Whatever is longer than this is something else.
BODY_BYTES_MAX = 10_000_000

_CHUNK_BYTES = 65_536
_CUBE = "http://www.ecb.int/vocabulary/2002-08-01/eurofxref Cube"
_NOT_AVAILABLE = "N/A"
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONG_DAY = re.compile(r"([0-9]{1,2}) ([A-Z][a-z]+) ([0-9]{4})")
# Not the calendar's names, which are those of the server's locale.
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class ProviderUnavailable(Exception):
    """It gave no answer, or not all of it: try again later, and write nothing."""


class ProviderAnswerInvalid(Exception):
    """It answered something that is no document of rates. Nothing of it is to be used."""


class RateProvider(Protocol):
    """Where rates come from. What it fetches is all right or raises: ProviderUnavailable, ProviderAnswerInvalid."""

    name: str

    async def fetch(self) -> list[Quote]: ...


class EcbRates:
    """Rates of the euro from one of the bank's addresses: XML, or CSV where the address ends in `.csv`."""

    name = SOURCE

    def __init__(self, url: str = ECB_URL, *, timeout_s: float = TIMEOUT_S) -> None:
        if not _is_safe(url):
            raise ValueError(f"{url}: rates come over https; over http from this machine only")
        self._url = url
        self._parse = parse_csv if urlsplit(url).path.endswith(".csv") else parse_xml
        self._timeout_s = timeout_s
        self._opener = build_opener(_SafeRedirects())

    async def fetch(self) -> list[Quote]:
        """Everything that the document says, or nothing: a caller can never store half a day."""
        return await asyncio.to_thread(self._fetch)

    def _fetch(self) -> list[Quote]:
        return self._parse(self._download())

    def _download(self) -> bytes:
        deadline = time.monotonic() + self._timeout_s
        request = Request(self._url, headers={"User-Agent": f"tallystick/{__version__}"})  # noqa: S310 - __init__ checked the scheme
        try:
            with self._opener.open(request, timeout=self._timeout_s) as answer:
                return _read(answer, deadline)
        except HTTPError as refused:
            refused.close()
            raise ProviderUnavailable(f"the answer is {refused.code} {refused.reason}") from refused
        # ValueError: a redirect to what is no address.
        except (OSError, HTTPException, ValueError) as failed:
            raise ProviderUnavailable(str(failed) or type(failed).__name__) from failed


def parse_xml(body: bytes) -> list[Quote]:
    """eurofxref-daily.xml, eurofxref-hist-90d.xml and eurofxref-hist.xml, which differ in the number of days only."""
    cubes = _Cubes()
    # What the document says about its encoding is not asked: expat would look for a codec of that name.
    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    # The bank's documents declare no types. Entities, the way to make a small document fill the memory or fetch another, can be
    # declared nowhere else; so whoever brings a DOCTYPE is refused before the first one is read.
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = cubes.start
    parser.EndElementHandler = cubes.end
    try:
        parser.Parse(body, True)
    except expat.ExpatError as malformed:
        raise ProviderAnswerInvalid(f"it is no XML: {malformed}") from malformed
    return _require_whole(cubes.quotes)


def parse_csv(body: bytes) -> list[Quote]:
    """eurofxref.csv and eurofxref-hist.csv: a column for each currency, a row for each day, and one more comma in every line."""
    try:
        lines = body.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as malformed:
        raise ProviderAnswerInvalid("it is no text") from malformed
    header, *rows = [[cell.strip() for cell in line.split(",")] for line in lines if line.strip()] or [[""]]
    if header[0] != "Date":
        raise ProviderAnswerInvalid("it does not begin with a column of dates")
    quotes = []
    for day, *texts in rows:
        if len(texts) != len(header) - 1:
            raise ProviderAnswerInvalid(f"the row of {day[:20]!r} is not as long as the header")
        on = _require_day(day)
        quotes += [
            _compose_quote(on, currency, text)
            for currency, text in zip(header[1:], texts, strict=True)
            if currency in EXPONENTS and text != _NOT_AVAILABLE
        ]
    return _require_whole(quotes)


class _Cubes:
    """Cubes in cubes: one around all, in it one with a `time` for each day, in it one with `currency` and `rate` for each quote."""

    def __init__(self) -> None:
        self.quotes: list[Quote] = []
        self._days: list[date | None] = [None]

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        on = _require_day(attributes["time"]) if name == _CUBE and "time" in attributes else self._days[-1]
        self._days.append(on)
        if name != _CUBE or not attributes.keys() & {"currency", "rate"}:
            return
        if on is None or not attributes.keys() >= {"currency", "rate"}:
            raise ProviderAnswerInvalid("a rate lacks its day, its currency or its value")
        if attributes["currency"] in EXPONENTS:
            self.quotes.append(_compose_quote(on, attributes["currency"], attributes["rate"]))

    def end(self, _name: str) -> None:
        self._days.pop()


def _refuse_doctype(name: str, system_id: str | None, public_id: str | None, has_subset: bool) -> None:  # noqa: FBT001 - as expat calls it
    raise ProviderAnswerInvalid("it declares a DOCTYPE")


def _compose_quote(on: date, currency: str, text: str) -> Quote:
    try:
        rate = require_rate("rate", text)
    except InvalidInput as wrong:
        raise ProviderAnswerInvalid(f"{currency} on {on} is {text[:40]!r}") from wrong
    return Quote(BASE, currency, on, rate, SOURCE)


def _require_day(text: str) -> date:
    try:
        if _ISO_DAY.fullmatch(text):
            return date.fromisoformat(text)
        if named := _LONG_DAY.fullmatch(text):
            return date(int(named[3]), _MONTHS.index(named[2]) + 1, int(named[1]))
    except ValueError as wrong:
        raise ProviderAnswerInvalid(f"{text[:40]!r} is in no calendar") from wrong
    raise ProviderAnswerInvalid(f"{text[:40]!r} is no date")


def _require_whole(quotes: list[Quote]) -> list[Quote]:
    """A document without rates is some other page, and two rates for one day leave open which of them is meant."""
    if not quotes:
        raise ProviderAnswerInvalid("it holds no rates")
    if len({(quote.on, quote.quote) for quote in quotes}) < len(quotes) or any(quote.quote == BASE for quote in quotes):
        raise ProviderAnswerInvalid("it holds two rates for one currency and day, or one of the euro in euros")
    return quotes


class _SafeRedirects(HTTPRedirectHandler):
    """Follows the bank to another address, never from https to anything that others can read or change."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        if urlsplit(newurl).scheme != urlsplit(req.full_url).scheme or not _is_safe(newurl):
            raise HTTPError(newurl, code, "it sends us to an address that is not safe", headers, fp)
        fp.close()  # urllib would read what is left of this answer, however long it is and however long it takes
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _is_safe(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


def _read(answer: HTTPResponse, deadline: float) -> bytes:
    """The whole body. The socket's own timeout is for one read, so a body that drips would hold the thread for ever."""
    body = bytearray()
    while chunk := answer.read1(_CHUNK_BYTES):
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            raise ProviderAnswerInvalid(f"it is longer than {BODY_BYTES_MAX} bytes")
        if time.monotonic() > deadline:
            raise ProviderUnavailable("the answer takes too long")
    if answer.length:
        raise ProviderUnavailable(f"the answer ended {answer.length} bytes too early")
    return bytes(body)
