"""Exports through Envoy: over REST a link gives the file as it is, or its parts as lines of JSON."""

import base64
import hashlib
import json

from clients.people import Book
from clients.rest import Rest
from up.stack import Stack


def test_a_link_gives_the_file_with_its_name_and_type(book: Book) -> None:
    reply = book.rest.get(f"/v1/books/{book.id}/export:download?export.format=EXPORT_FORMAT_CSV")
    assert reply.status == 200, reply
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    assert reply.headers["content-disposition"].startswith('attachment; filename="')
    header, *_ = reply.text.splitlines()
    assert header.startswith("Date,Account,Payee,Category,Amount,Currency,")


def test_filters_are_parameters_of_the_link(book: Book) -> None:
    link = f"/v1/books/{book.id}/export:download?export.table.separator=EXPORT_SEPARATOR_SEMICOLON"
    reply = book.rest.get(f"{link}&export.filter.text=nothing+has+this&export.fromOn=2026-01-01")
    assert reply.status == 200, reply
    assert len(reply.text.splitlines()) == 1
    assert reply.text.startswith("Date;Account;")


def test_parts_are_lines_of_json(book: Book) -> None:
    reply = book.rest.get(f"/v1/books/{book.id}/export?format=EXPORT_FORMAT_JSON")
    assert reply.status == 200, reply
    first, *parts, last = (json.loads(line) for line in reply.text.splitlines())
    data = b"".join(base64.b64decode(part["chunk"]) for part in parts if "chunk" in part)
    assert first["header"]["contentType"] == "application/x-ndjson"
    assert int(last["end"]["sizeBytes"]) == len(data)
    assert base64.b64decode(last["end"]["sha256"]) == hashlib.sha256(data).digest()


def test_what_cannot_be_had_says_why(book: Book, stack: Stack) -> None:
    link = f"/v1/books/{book.id}/export:download"
    reply = book.rest.get(f"{link}?export.format=EXPORT_FORMAT_ZIP")
    assert (reply.status, reply.reason) == (400, "EXPORT_NOT_OFFERED")
    assert (Rest(stack).get(link).status, Rest(stack).get(link).reason) == (401, "NOT_SIGNED_IN")
