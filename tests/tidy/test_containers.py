"""Do the container files speak of what exists? No engine runs here, so they are held against the code instead."""

import re
from dataclasses import fields
from pathlib import Path

from googleapiclient import discovery_cache

from tallystick.cli.main import main
from tallystick.config import Config

TOP = Path(__file__).parents[2]
DOCKERFILE = (TOP / "Dockerfile").read_text()
COMPOSE = (TOP / "compose.yaml").read_text()
OTHER_SETTINGS = {"TALLYSTICK_MIGRATIONS"}


def test_what_the_image_copies_is_there_and_not_ignored() -> None:
    copied = [line.split()[1] for line in DOCKERFILE.splitlines() if line.startswith("COPY ") and "--from" not in line]
    allowed = {line[1:] for line in (TOP / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert [path for path in copied if not (TOP / path).exists()] == []
    assert [path for path in copied if not any(f"{path.rstrip('/')}/".startswith(f"{each}/") for each in allowed)] == []


def test_the_image_does_not_run_as_root() -> None:
    users = re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)
    assert users, "the image names no user"
    assert users[-1] != "root"


def test_the_image_keeps_the_one_description_of_google_s_that_is_used() -> None:
    kept = re.findall(r"discovery_cache/documents/\*' ! -name (\S+) -delete", DOCKERFILE)
    assert kept == ["drive.v3.json"]
    assert (Path(discovery_cache.__file__).parent / "documents" / kept[0]).exists()


def test_every_setting_in_the_container_files_exists() -> None:
    known = {setting.metadata["env"] for setting in fields(Config)} | OTHER_SETTINGS
    named = set(re.findall(r"\b(?:TALLYSTICK|DATABASE|MIGRATION)_[A-Z_]+\b", DOCKERFILE + COMPOSE))
    assert {name.removesuffix("_FILE") for name in named} <= known


def test_every_command_in_compose_is_a_command_of_ours() -> None:
    ours = re.findall(r"build: \.\n    command: \[([\w-]+)", COMPOSE)
    assert sorted(ours) == ["envoy-config", "migrate", "serve"]
    for command in ours:
        try:
            main([command, "--help"])
        except SystemExit as ended:
            assert ended.code == 0


def test_the_server_waits_for_the_migration_and_keeps_its_data() -> None:
    server = COMPOSE[COMPOSE.index("\n  server:") : COMPOSE.index("\nsecrets:")]
    assert "migrate: {condition: service_completed_successfully}" in server
    assert "data:/data" in server
