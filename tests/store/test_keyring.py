"""Is the keyring never half written, never readable by others, and never silently another one?"""

import json
import multiprocessing
import os
import secrets
import signal
import stat
import subprocess
import sys
import time
from base64 import b64encode
from pathlib import Path

import pytest

from tallystick.store import keyring as keyrings
from tallystick.store.keyring import Keyring, KeyringError, Wrapped, load_or_create

KILLS = 20


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keyring.json"


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_keyring_is_made_once_and_found_again(path: Path) -> None:
    made = load_or_create(path)
    assert load_or_create(path).dump() == made.dump()


def test_a_keyring_is_readable_by_its_owner_alone_whatever_the_umask(path: Path) -> None:
    before = os.umask(0)
    try:
        load_or_create(path)
        keyrings.change(path, Keyring.with_new_master)
    finally:
        os.umask(before)
    assert mode_of(path) == 0o600


def test_what_a_killed_writer_left_behind_is_not_built_on(path: Path) -> None:
    left = path.with_name("keyring.json.new")
    left.write_text("half a key")
    left.chmod(0o666)
    load_or_create(path)
    assert mode_of(path) == 0o600
    assert not left.exists()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"current": "m1", "masters": {}, "lookup": ""}',
        '{"current": "m1", "masters": {"m1": "%"}, "lookup": ""}',
        '{"current": "m1", "masters": {"m1": "AAAA"}, "lookup": "AAAA"}',
        '{"current": "m1", "masters": null, "lookup": ""}',
    ],
)
def test_a_damaged_keyring_is_refused(path: Path, text: str) -> None:
    path.write_text(text)
    with pytest.raises(KeyringError):
        load_or_create(path)
    assert path.read_text() == text, "a damaged keyring may yet be repaired, so it must not be replaced"


def test_a_keyring_whose_current_master_is_missing_is_refused() -> None:
    document = json.loads(Keyring.generate().dump())
    with pytest.raises(KeyringError):
        Keyring.load(json.dumps({**document, "current": "m2"}))


def test_a_keyring_cut_off_anywhere_is_refused() -> None:
    text = Keyring.generate().dump()
    for length in range(len(text)):
        with pytest.raises(KeyringError):
            Keyring.load(text[:length])


def test_what_an_unknown_master_wrapped_is_refused() -> None:
    keyring = Keyring.generate()
    with pytest.raises(KeyringError):
        keyring.unwrap(Wrapped("m2", bytes(60)), b"purpose")


@pytest.mark.parametrize("sealed", [b"", bytes(12), bytes(60)])
def test_what_another_installation_wrapped_is_refused(sealed: bytes) -> None:
    with pytest.raises(KeyringError):
        Keyring.generate().unwrap(Wrapped("m1", sealed), b"purpose")


def test_a_wrapped_secret_opens_only_for_its_purpose() -> None:
    keyring = Keyring.generate()
    wrapped = keyring.wrap(b"secret", b"purpose")
    assert keyring.unwrap(wrapped, b"purpose") == b"secret"
    with pytest.raises(KeyringError):
        keyring.unwrap(wrapped, b"other purpose")


def test_rotation_keeps_what_hashes_are_made_with() -> None:
    keyring = Keyring.generate()
    rotated = keyring.with_new_master()
    assert rotated.current_id != keyring.current_id
    assert rotated.derive(b"addresses") == keyring.derive(b"addresses")
    assert rotated.unwrap(keyring.wrap(b"secret", b""), b"") == b"secret"
    with pytest.raises(KeyringError):
        rotated.without_old_masters().unwrap(keyring.wrap(b"secret", b""), b"")


def test_masters_may_have_any_names() -> None:
    key = b64encode(secrets.token_bytes(32)).decode()
    keyring = Keyring.load(json.dumps({"current": "main", "masters": {"main": key}, "lookup": key}))
    assert keyring.with_new_master().ids == ("main", "m1")


def test_a_running_server_finds_a_master_that_was_added(path: Path) -> None:
    running = load_or_create(path)
    rotated = keyrings.change(path, Keyring.with_new_master)
    assert running.unwrap(rotated.wrap(b"secret", b""), b"") == b"secret"


def test_a_running_server_wraps_with_the_newest_master_without_having_met_it(path: Path) -> None:
    running = load_or_create(path)
    rotated = keyrings.change(path, Keyring.with_new_master)
    assert running.wrap(b"secret", b"").master_id == rotated.current_id
    dropped = keyrings.change(path, Keyring.without_old_masters)
    assert dropped.unwrap(running.wrap(b"secret", b""), b"") == b"secret"


def test_the_file_is_read_again_only_when_it_was_replaced(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    running, reads = load_or_create(path), []
    read = keyrings._read

    def count_and_read(asked: Path) -> str:
        reads.append(asked)
        return read(asked)

    monkeypatch.setattr(keyrings, "_read", count_and_read)
    for _ in range(50):
        with pytest.raises(KeyringError):
            running.unwrap(Wrapped("m9", bytes(60)), b"")
    assert len(reads) == 1
    keyrings.change(path, Keyring.with_new_master)
    reads.clear()
    for _ in range(50):
        running.wrap(b"secret", b"")
    assert len(reads) == 1


def test_a_server_does_not_take_over_another_installation_s_keyring(path: Path) -> None:
    running = load_or_create(path)
    wrapped = running.wrap(b"secret", b"")
    keyrings.write(path, Keyring.generate().with_new_master())
    with pytest.raises(KeyringError):
        running.wrap(b"secret", b"")
    assert running.unwrap(wrapped, b"") == b"secret"


def test_nothing_is_wrapped_while_the_file_is_gone(path: Path) -> None:
    running = load_or_create(path)
    path.unlink()
    with pytest.raises(KeyringError):
        running.wrap(b"secret", b"")


def test_a_keyring_that_came_as_text_follows_nothing() -> None:
    keyring = Keyring.load(Keyring.generate().dump())
    assert keyring.source is None
    assert keyring.wrap(b"secret", b"").master_id == "m1"


def test_servers_that_start_together_for_the_first_time_end_up_with_one_keyring(path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        made = pool.map(_dump_of, [path] * 12)
    assert set(made) == {path.read_text()}


def _dump_of(path: Path) -> str:
    return load_or_create(path).dump()


def test_rotations_at_the_same_time_lose_no_master(path: Path) -> None:
    load_or_create(path)
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        pool.map(_rotate, [path] * 12)
    assert set(Keyring.follow(path).ids) == {f"m{number}" for number in range(1, 14)}


def _rotate(path: Path) -> None:
    keyrings.change(path, Keyring.with_new_master)


def test_a_writer_killed_at_any_moment_leaves_a_whole_keyring(path: Path) -> None:
    first = load_or_create(path)
    script = (
        "import sys; from pathlib import Path; from tallystick.store import keyring as k; p = Path(sys.argv[1]); print(flush=True)\n"
        "while True: k.change(p, lambda found: found.with_new_master() if len(found.ids) < 40 else found.without_old_masters())"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for kill in range(KILLS):
        with subprocess.Popen(
            [sys.executable, "-c", script, str(path)], env=environment, stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            # Not synchronisation: each kill comes at another moment of the writing.
            time.sleep(kill * 0.0007)
            writer.send_signal(signal.SIGKILL)
        left = Keyring.follow(path)
        assert left.derive(b"") == first.derive(b"")
        assert mode_of(path) == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can write files of others")
def test_root_leaves_a_rotated_keyring_to_the_server_s_account(path: Path) -> None:
    load_or_create(path)
    os.chown(path, 65534, 65534)
    keyrings.change(path, Keyring.with_new_master)
    assert (path.stat().st_uid, path.stat().st_gid, mode_of(path)) == (65534, 65534, 0o600)


def test_a_keyring_behind_a_link_is_replaced_where_it_is(path: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "mounted"
    elsewhere.mkdir()
    load_or_create(elsewhere / "keyring.json")
    path.symlink_to(elsewhere / "keyring.json")
    keyrings.change(path, Keyring.with_new_master)
    assert path.is_symlink()
    assert Keyring.follow(elsewhere / "keyring.json").current_id == "m2"
