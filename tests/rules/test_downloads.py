"""Does whoever saves a file get its name, whatever it is?"""

import pytest

from tallystick.downloads import compose_disposition


@pytest.mark.parametrize(
    ("name", "plain", "whole"),
    [
        ("march.csv", "march.csv", "march.csv"),
        ("Café 7.jpg", "Caf_ 7.jpg", "Caf%C3%A9%207.jpg"),
        ('a"; filename="b', "a__ filename__b", "a%22%3B%20filename%3D%22b"),
        ("../up\r\nX: y", ".._up__X_ y", "..%2Fup%0D%0AX%3A%20y"),
    ],
    ids=["ascii", "letters", "quotes", "lines"],
)
def test_a_name_is_told_twice_and_is_only_ever_a_name(name: str, plain: str, whole: str) -> None:
    assert compose_disposition(name) == f"attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}"
