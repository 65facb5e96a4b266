"""`python -m handbook FOLDER` writes the documentation into a folder, and replaces what is there."""

import argparse
from pathlib import Path

from handbook.model import Contract
from handbook.site import Site


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m handbook", description=__doc__)
    parser.add_argument("folder", type=Path)
    Site(Contract()).write(parser.parse_args().folder)


if __name__ == "__main__":
    main()
