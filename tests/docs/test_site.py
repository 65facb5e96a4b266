"""Is the site whole? Every call, message, enum, value and reason is in it, no link leads nowhere, and nothing is asked of anybody else."""

import re
from functools import cache
from html import unescape
from os.path import normpath
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
from google.protobuf.descriptor import Descriptor, EnumDescriptor

from handbook.model import Contract
from handbook.places import Places, list_documents, page_of_call, page_of_service, short_name
from handbook.site import NotOurFolder, Site

PAGE_BYTES_MAX = 200_000
# What a browser fetches by itself, unlike what somebody has to click on.
TAG = re.compile(r"<([a-z0-9]+)((?:\s[^<>\"]+(?:=\"[^\"]*\")?)*)\s*/?>")
ATTRIBUTE = re.compile(r"\s([a-z-]+)=\"([^\"]*)\"")
FETCHED = {"script": "src", "img": "src", "link": "href", "iframe": "src"}


class Read:
    """What a page links to, fetches, and can be linked to at. The tags are our own templates', so their attributes are quoted."""

    def __init__(self, html: str) -> None:
        tags = [(tag, dict(ATTRIBUTE.findall(given))) for tag, given in TAG.findall(html)]
        self.anchors = [unescape(given["id"]) for _, given in tags if "id" in given]
        self.inline = [name for _, given in tags for name in given if name == "style" or name.startswith("on")]
        self.fetched = [given[FETCHED[tag]] for tag, given in tags if FETCHED.get(tag) in given]
        self.links = [unescape(given["href"]) for tag, given in tags if tag == "a" and "href" in given]


@cache
def pages_of(site: Path) -> dict[Path, Read]:
    return {path: Read(path.read_text()) for path in sorted(site.rglob("*.html"))}


def test_every_link_of_the_site_has_its_target(site: Path) -> None:
    pages = pages_of(site)
    files = {path for path in site.rglob("*") if path.is_file()}
    anchors = {path: frozenset(page.anchors) for path, page in pages.items()}

    def leads_nowhere(path: Path, link: str) -> bool:
        place, anchor = urldefrag(link)
        target = Path(normpath(path.parent / place)) if place else path
        return target not in files or bool(anchor and unquote(anchor) not in anchors[target])

    links = {(path, link) for path, page in pages.items() for link in page.links if not re.match(r"[a-z]+:", link)}
    assert len(links) > len(pages)
    assert sorted(f"{path.relative_to(site)}: {link}" for path, link in links if leads_nowhere(path, link)) == []


def test_no_page_asks_anybody_else_or_needs_more_than_its_policy_allows(site: Path) -> None:
    for path, page in pages_of(site).items():
        assert [each for each in page.fetched if not (path.parent / each).resolve().is_relative_to(site)] == []
        assert page.inline == [], path
    assert "http" not in re.sub(
        r"http://www\.w3\.org/\S*", "", "".join(each.read_text() for each in site.glob("*.css"))
    )


def test_no_anchor_is_given_twice(site: Path) -> None:
    for path, page in pages_of(site).items():
        assert len(page.anchors) == len(set(page.anchors)), path


def test_every_call_is_shown_with_its_request_answer_and_reasons(site: Path, contract: Contract) -> None:
    assert len(contract.calls) > 200
    for call in contract.calls:
        html = (site / page_of_call(call)).read_text()
        anchors = pages_of(site)[site / page_of_call(call)].anchors
        assert {f"request.{field.name}" for field in call.method.input_type.fields} <= set(anchors)
        if call.method.output_type.file.package == "tallystick.v1":
            assert {f"response.{field.name}" for field in call.method.output_type.fields} <= set(anchors)
        assert [reason for reason in call.reasons if f"reasons.html#{reason}" not in html] == []
        assert [each.template for each in call.bindings if each.template not in html] == []


def test_every_message_enum_and_reason_has_its_place(site: Path, contract: Contract) -> None:
    places = Places(contract)
    for file in contract.files:
        kinds: list[Descriptor | EnumDescriptor] = [*contract.messages_of(file), *contract.enums_of(file)]
        for kind in kinds:
            page, _, anchor = places.of(kind).partition("#")
            assert anchor in pages_of(site)[site / page].anchors, short_name(kind)
        for enum in contract.enums_of(file):
            html = (site / places.of(enum).partition("#")[0]).read_text()
            assert [value.name for value in enum.values if value.name not in html] == []
    assert set(contract.reasons) <= set(pages_of(site)[site / "reasons.html"].anchors)


def test_every_document_is_a_page(site: Path) -> None:
    documents = list_documents()
    assert {"README.md", "CHANGELOG.md", "server/docs/sync.md"} <= {each.source.as_posix() for each in documents}
    assert [each.page for each in documents if not (site / each.page).is_file()] == []


def test_no_page_is_slow_to_load(site: Path) -> None:
    assert [str(path) for path in site.rglob("*.html") if path.stat().st_size > PAGE_BYTES_MAX] == []


def test_the_site_is_the_same_whoever_writes_it(site: Path, contract: Contract, tmp_path: Path) -> None:
    Site(contract).write(tmp_path / "again")
    files = {path.relative_to(site) for path in site.rglob("*") if path.is_file()}
    assert files == {path.relative_to(tmp_path / "again") for path in (tmp_path / "again").rglob("*") if path.is_file()}
    assert [str(each) for each in files if (site / each).read_bytes() != (tmp_path / "again" / each).read_bytes()] == []


def test_a_folder_with_something_else_in_it_is_left_alone(contract: Contract, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear Ann")
    with pytest.raises(NotOurFolder):
        Site(contract).write(tmp_path)
    assert (tmp_path / "letter.txt").read_text() == "Dear Ann"


@pytest.mark.parametrize("name", ["CreateTransaction", "NOT_FOUND", "LedgerService", "Money"])
def test_what_there_is_can_be_searched_for(site: Path, name: str) -> None:
    assert f'["{name}",' in (site / "search-index.js").read_text()


def test_every_service_lists_its_calls(site: Path, contract: Contract) -> None:
    for service in contract.services:
        html = (site / page_of_service(service)).read_text()
        assert [call.name for call in service.calls if f"{call.name}.html" not in html] == []


def test_a_call_that_fails_as_another_does_names_its_reasons(contract: Contract) -> None:
    reasons = {call.name: call.reasons for call in contract.calls}
    assert set(reasons["UploadPart"]) | set(reasons["StartUpload"]) <= set(reasons["Upload"])
    assert set(reasons["DownloadExport"]) == set(reasons["Export"])
