"""What do the calls about exports mean in our words, and back? One short method per RPC."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from google.api.httpbody_pb2 import HttpBody
from grpc.aio import ServicerContext

from tallystick.caller import caller
from tallystick.downloads import compose_disposition
from tallystick.exports.exporting import Exporting
from tallystick.exports.files import chunks, responses
from tallystick.v1.export_service_pb2 import DownloadExportRequest, ExportRequest, ExportResponse
from tallystick.v1.export_service_pb2_grpc import ExportServiceServicer

Context = ServicerContext[Any, Any]


class ExportService(ExportServiceServicer):
    """What is kept here, as files."""

    def __init__(self, exporting: Exporting) -> None:
        self._exporting = exporting

    async def Export(self, request: ExportRequest, context: Context) -> AsyncIterator[ExportResponse]:
        file = await self._exporting.begin(caller(), request)
        async with aclosing(responses(file)) as parts:
            async for part in parts:
                yield part

    async def DownloadExport(self, request: DownloadExportRequest, context: Context) -> AsyncIterator[HttpBody]:
        file = await self._exporting.begin(caller(), request.export)
        # Envoy makes headers of it: the browser saves the file under its name, and shows it to nobody else.
        named = ("content-disposition", compose_disposition(file.name))
        await context.send_initial_metadata((named, ("cache-control", "no-store")))
        async with aclosing(chunks(file)) as pieces:
            async for data, _ in pieces:
                yield HttpBody(content_type=file.content_type, data=data)
