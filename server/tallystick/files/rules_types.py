"""What is a content, by itself? Pure: names lie, and so do those who send them; the first bytes say what a program would make of it.

Nothing here is ever called a page or a script: what a browser would run is plain text.
"""

import codecs
import re

# So much of the beginning is looked at.
HEAD_BYTES = 64 * 1024

UNKNOWN = "application/octet-stream"
JPEG, PNG, WEBP, GIF, HEIC = "image/jpeg", "image/png", "image/webp", "image/gif", "image/heic"
PDF, ZIP = "application/pdf", "application/zip"
# A backup of ours: it is closed, and nobody sees into it.
ARCHIVE = "application/x-tallystick-archive"
OFX, XML, CSV, TEXT = "application/x-ofx", "application/xml", "text/csv", "text/plain"

_BEGINNINGS = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"%PDF-", PDF),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"\x89TLY\r\n\x1a\n", ARCHIVE),
)
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# What no text has: controls other than those that end lines and pages, and the escape.
_NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
# What a browser would draw or run, whatever stands around it.
_ACTIVE = re.compile(
    r"<(?:\w+:)?(?:html|svg|script|body|iframe|xsl|stylesheet)\b|<\?xml-stylesheet|xmlns[^>]{0,40}(?:xhtml|svg)",
    re.IGNORECASE,
)
_XML = re.compile(r"\s*<\?xml\b", re.IGNORECASE)
_OFX = re.compile(
    r"\s*(?:OFXHEADER\s*:|<\?OFX\b|<\?xml\b[^>]{0,200}\?>\s*<\?OFX\b|(?:<\?xml\b[^>]{0,200}\?>\s*)?<OFX>)",
    re.IGNORECASE,
)
_SEPARATORS = (",", ";", "\t", "|")


def type_of(head: bytes) -> str:
    """The type of a content, from the first HEAD_BYTES of it."""
    for beginning, kind in _BEGINNINGS:
        if head.startswith(beginning):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return HEIC
    text = _read(head)
    return UNKNOWN if text is None else _type_of_text(text)


def _type_of_text(text: str) -> str:
    if _OFX.match(text):
        return OFX
    if _ACTIVE.search(text):
        return TEXT
    if _XML.match(text):
        return XML
    return CSV if _is_table(text) else TEXT


def _read(head: bytes) -> str | None:
    """As text. Banks still send Windows' letters, of which any byte could be one; then there must be lines that look like some."""
    encoding = next((name for mark, name in _MARKS if head.startswith(mark)), "utf-8")
    try:
        # The head may end in the middle of a letter.
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        text = head.decode("cp1252", errors="replace")
        if "\ufffd" in text:
            return None
    return None if _NOT_TEXT.search(text) else text


def _is_table(text: str) -> bool:
    """Lines that are cut by the same sign the same number of times."""
    lines = [line for line in text.splitlines() if line.strip()][:10]
    if len(lines) > 1 and len(text) >= HEAD_BYTES // 4:
        lines = lines[:-1] or lines
    counts = [[line.count(sign) for line in lines] for sign in _SEPARATORS]
    return len(lines) > 1 and any(min(each) == max(each) > 0 for each in counts)
