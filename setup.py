"""What is in the server's wheel beside its code? What it brings along from elsewhere in the project; pyproject.toml says the rest."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

TOP = Path(__file__).resolve().parent
# From where, and as what in tallystick/shipped/ (see server/tallystick/shipped.py).
SHIPPED = {"migrations": "migrations", "sdk/typescript/demo/dist": "site", ".build/docs": "docs"}


class BuildWithShipped(build_py):
    def run(self) -> None:
        for made in (TOP / "server" / "tallystick" / "v1" / "__init__.py", TOP / ".build" / "docs" / "index.html"):
            if not made.exists():
                raise SystemExit(f"{made.relative_to(TOP)} is missing. To fix: make ready")
        super().run()
        for source, name in SHIPPED.items():
            target = Path(self.build_lib) / "tallystick" / "shipped" / name
            shutil.copytree(TOP / source, target, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)


setup(cmdclass={"build_py": BuildWithShipped})
