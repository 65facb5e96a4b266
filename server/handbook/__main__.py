"""`python -m handbook FOLDER` writes the documentation into a folder, and replaces what is there."""

import sys
from pathlib import Path

from handbook.model import Contract
from handbook.site import Site


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: python -m handbook FOLDER")
    Site(Contract()).write(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
