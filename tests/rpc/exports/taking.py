"""How does a test take a file? It holds the stream against its own end: size, digest, order of parts."""

import csv
import hashlib
import io
from dataclasses import dataclass
from typing import Any

from people import Client
from tallystick_client.v1.export_pb2 import ExportContent, ExportFormat
from tallystick_client.v1.export_service_pb2 import ExportRequest

CSV, JSON = ExportFormat.EXPORT_FORMAT_CSV, ExportFormat.EXPORT_FORMAT_JSON
QIF, OFX = ExportFormat.EXPORT_FORMAT_QIF, ExportFormat.EXPORT_FORMAT_OFX
PDF, ZIP = ExportFormat.EXPORT_FORMAT_PDF, ExportFormat.EXPORT_FORMAT_ZIP
ALL, STATEMENT = ExportContent.EXPORT_CONTENT_ALL, ExportContent.EXPORT_CONTENT_STATEMENT
TRANSACTIONS, ACCOUNTS = ExportContent.EXPORT_CONTENT_TRANSACTIONS, ExportContent.EXPORT_CONTENT_ACCOUNTS
EXPENSES, REPORT = ExportContent.EXPORT_CONTENT_EXPENSES, ExportContent.EXPORT_CONTENT_REPORT
BREAKDOWN, NET_WORTH = ExportContent.EXPORT_CONTENT_BREAKDOWN, ExportContent.EXPORT_CONTENT_NET_WORTH
BUDGETS = ExportContent.EXPORT_CONTENT_BUDGETS


@dataclass(frozen=True)
class Taken:
    """A whole file."""

    name: str
    content_type: str
    items: int
    data: bytes

    def rows(self, separator: str = ",") -> list[dict[str, str]]:
        """Of a table."""
        text = self.data.decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=separator, strict=True))


async def take(person: Client, **fields: Any) -> Taken:
    parts = [part async for part in person.exports.Export(ExportRequest(**fields))]
    kinds = [part.WhichOneof("part") for part in parts]
    assert (kinds[0], kinds[-1]) == ("header", "end")
    assert (kinds.count("header"), kinds.count("end")) == (1, 1)
    data = b"".join(part.chunk for part in parts)
    header, end = parts[0].header, parts[-1].end
    assert (len(data), hashlib.sha256(data).digest()) == (end.size_bytes, end.sha256)
    done = [part.progress.items for part in parts if part.WhichOneof("part") == "progress"]
    assert done == sorted(set(done))
    return Taken(header.file_name, header.content_type, header.items, data)


async def refused(person: Client, **fields: Any) -> Any:
    """Awaits what must be refused, for `refusal_of`."""
    return await take(person, **fields)
