"""Starting this package's own programs in processes of their own."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def module_command(module: str) -> list[str]:
    """Return the command that runs ``module`` in this interpreter, whatever the working directory holds."""
    return [sys.executable, "-P", "-m", module]


def module_environment() -> dict[str, str]:
    """Return the environment in which ``module_command`` finds the packages this process was loaded from."""
    root = str(Path(__file__).resolve().parents[1])
    known = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([root, known] if known else [root])}


def keyless_environment() -> dict[str, str]:
    """Return :func:`module_environment` without the variables of ours that may hold keys and passwords."""
    return {name: value for name, value in module_environment().items() if not name.startswith("BIDWRIGHT_")}
