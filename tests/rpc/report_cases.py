"""A request for each report, which would succeed but for the id that a test puts in. Ids in filters fit nothing, and are no names."""

from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from people import BookOf
from tallystick_client.v1 import report_service_pb2

_SERVICE = report_service_pb2.DESCRIPTOR.services_by_name["ReportService"]


def compose(name: str, book: BookOf) -> Message:
    made: Message = GetMessageClass(_SERVICE.methods_by_name[name].input_type)(book_id=book.id)
    return made
