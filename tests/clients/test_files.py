"""Files through Envoy: brought as a browser brings them, and kept with curl."""

import base64
import hashlib
import shutil
from pathlib import Path

import pytest

from clients.app import make_app
from clients.people import Book
from clients.tools import read_json, run
from files.desk import photo
from people import new_id
from tallystick.disposition import compose_disposition
from up.stack import Stack

FILES = Path(__file__).with_name("files.mjs")


@pytest.fixture
def app(sdk: Path, tmp_path: Path) -> Path:
    return make_app(tmp_path, sdk)


def keep(stack: Stack, token: str, path: str, to: Path) -> tuple[int, dict[str, str]]:
    """Downloads as curl does, and says how it was answered."""
    head = to.with_suffix(".head")
    words = ("curl", "--silent", "--show-error", "--http1.1", "--dump-header", head, "--output", to)
    done = run(*map(str, words), "--header", f"authorization: Bearer {token}", f"{stack.url}{path}")
    assert done.returncode == 0, done.stderr
    first, *lines = head.read_text().strip().splitlines()
    pairs = (line.partition(":") for line in lines)
    return int(first.split()[1]), {name.lower(): value.strip() for name, _, value in pairs}


def bring(book: Book, content: bytes, name: str) -> str:
    """As a script without any library brings a file: with JSON."""
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    path, file_id = f"/v1/spaces/{book.id}/files", new_id()
    started = book.rest.post(
        f"{path}:startUpload", requestId=new_id(), fileId=file_id, name=name, sizeBytes=str(len(content))
    )
    assert (started.status, started.json["upload"]["partCount"]) == (200, 1), started
    part = base64.b64encode(content).decode()
    assert book.rest.post(f"{path}/{file_id}:uploadPart", number=0, data=part, sha256=digest).status == 200
    known = book.rest.get(f"{path}/{file_id}/upload").json["upload"]
    assert known["partNumbers"] == [0]
    finished = book.rest.post(f"{path}/{file_id}:finishUpload", requestId=new_id(), sha256=digest)
    assert finished.status == 200, finished
    return file_id


def test_a_browser_brings_a_file_goes_on_and_reads_it_again(
    app: Path, stack: Stack, book: Book, tmp_path: Path
) -> None:
    script = shutil.copy(FILES, app)
    said = read_json(run("node", script, stack.url, book.token, book.id))
    assert (said["name"], said["told"]) == ("bill.bin", [1024 * 1024, 1_500_000])
    assert (said["wasCut"], said["parts"], said["again"]) == (True, [0], True)
    assert said["sha256"] == said["wanted"]
    assert (said["isOurs"], said["large"]) == ("NOT_FOUND", "FILE_TOO_LARGE")
    status, headers = keep(stack, book.token, f"/v1/spaces/{book.id}/files/{said['fileId']}/content", tmp_path / "got")
    assert (status, headers["content-type"]) == (200, "application/octet-stream")
    assert hashlib.sha256((tmp_path / "got").read_bytes()).hexdigest() == said["wanted"]


def test_curl_keeps_an_image_as_it_is_and_a_page_as_text(stack: Stack, book: Book, tmp_path: Path) -> None:
    image, page = photo(), b"<html><script>alert(1)</script></html>"
    path = f"/v1/spaces/{book.id}/files"
    image_id, page_id = bring(book, image, "../Bon für Ann.png"), bring(book, page, "page.html")

    status, headers = keep(stack, book.token, f"{path}/{image_id}/content", tmp_path / "image")
    assert (status, headers["content-type"]) == (200, "image/png")
    assert headers["content-disposition"] == compose_disposition("Bon für Ann.png")
    assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "private, no-cache")
    assert (tmp_path / "image").read_bytes() == image

    status, headers = keep(stack, book.token, f"{path}/{image_id}/content?thumbnail=true", tmp_path / "small")
    assert (status, headers["content-type"]) == (200, "image/jpeg")
    assert (tmp_path / "small").read_bytes().startswith(b"\xff\xd8\xff")

    status, headers = keep(stack, book.token, f"{path}/{page_id}/content?offset=1&limit=4", tmp_path / "page")
    assert (status, headers["content-type"]) == (200, "text/plain")
    assert (tmp_path / "page").read_bytes() == page[1:5]


def test_what_is_not_there_is_said_in_json(stack: Stack, book: Book, tmp_path: Path) -> None:
    status, headers = keep(stack, book.token, f"/v1/spaces/{book.id}/files/{new_id()}/content", tmp_path / "none")
    assert (status, headers["content-type"]) == (404, "application/json")
    reply = book.rest.get(f"/v1/spaces/{book.id}/files/{new_id()}")
    assert (reply.status, reply.reason) == (404, "NOT_FOUND")


def test_a_deleted_file_comes_back(book: Book) -> None:
    path = f"/v1/spaces/{book.id}/files"
    file_id = bring(book, b"abc", "x.txt")
    assert book.rest.call("DELETE", f"{path}/{file_id}?requestId={new_id()}").status == 200
    assert book.rest.get(f"{path}/{file_id}").status == 404
    assert file_id in [file["id"] for file in book.rest.get(f"{path}?deleted=true").json["files"]]
    restored = book.rest.post(f"{path}/{file_id}:restore", requestId=new_id())
    assert (restored.status, restored.json["file"]["name"]) == (200, "x.txt")
