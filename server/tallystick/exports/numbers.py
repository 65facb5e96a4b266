"""How is an amount written out? Pure: integers in, digits out; nothing is rounded, because there is nothing to round."""

from tallystick.currencies import EXPONENTS


def plain(minor: int, currency: str, mark: str = ".") -> str:
    """For programs: `-1234.50`. The currency says how many decimals there are."""
    exponent = EXPONENTS[currency]
    digits = str(abs(minor)).rjust(exponent + 1, "0")
    whole, decimals = (digits[:-exponent], digits[-exponent:]) if exponent else (digits, "")
    return ("-" if minor < 0 else "") + whole + (mark + decimals if decimals else "")


def grouped(minor: int, currency: str) -> str:
    """For people: with a true minus, and thousands apart."""
    whole, point, decimals = plain(abs(minor), currency).partition(".")
    return ("\u2212" if minor < 0 else "") + f"{int(whole):,}" + point + decimals


def percent(basis_points: int) -> str:
    """`12.34`, of a hundred."""
    sign, whole, rest = "-" if basis_points < 0 else "", abs(basis_points) // 100, abs(basis_points) % 100
    return f"{sign}{whole}.{rest:02}"
