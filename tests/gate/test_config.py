"""Are settings read once, completely, and refused together?"""

from pathlib import Path

import pytest

from tallystick.config import BadSettings, Config


def test_read_of_nothing_gives_the_defaults() -> None:
    config = Config.read({})
    assert (config.listen, config.access_token_s, config.quota_units_an_hour) == (("127.0.0.1", 50051), 900, 1000)


def test_read_names_every_setting_that_cannot_be_used() -> None:
    with pytest.raises(BadSettings) as refused:
        Config.read(
            {
                "TALLYSTICK_POOL_SIZE": "many",
                "TALLYSTICK_BCRYPT_COST": "99",
                "TALLYSTICK_REFLECTION": "maybe",
                "TALLYSTICK_LISTEN": "127.0.0.1:99999",
                "TALLYSTICK_POOLSIZE": "5",
                "HOME": "/nowhere",
            }
        )
    named = {line.split(":")[0] for line in str(refused.value).splitlines()}
    assert named == {
        "TALLYSTICK_POOL_SIZE",
        "TALLYSTICK_BCRYPT_COST",
        "TALLYSTICK_REFLECTION",
        "TALLYSTICK_LISTEN",
        "TALLYSTICK_POOLSIZE",
    }


def test_read_takes_a_secret_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text("postgresql://ann@/books\n")
    assert Config.read({"DATABASE_URL_FILE": str(file)}).database_url == "postgresql://ann@/books"


def test_read_refuses_a_secret_that_is_given_twice_or_whose_file_is_missing(tmp_path: Path) -> None:
    for environment in (
        {"DATABASE_URL": "a", "DATABASE_URL_FILE": str(tmp_path / "b")},
        {"DATABASE_URL_FILE": str(tmp_path / "missing")},
    ):
        with pytest.raises(BadSettings):
            Config.read(environment)


@pytest.mark.parametrize(
    ("text", "listen"),
    [("0.0.0.0:8443", ("0.0.0.0", 8443)), ("[::1]:80", ("::1", 80)), (":9000", ("127.0.0.1", 9000))],
)
def test_read_takes_a_host_and_a_port(text: str, listen: tuple[str, int]) -> None:
    assert Config.read({"TALLYSTICK_HTTP_LISTEN": text}).http_listen == listen
