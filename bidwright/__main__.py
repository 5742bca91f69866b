"""Entry point: ``bidwright`` and ``python -m bidwright``."""

from __future__ import annotations

import io
import sys

from bidwright.cli.main import run


def main() -> None:
    """Run the command line and exit with its status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Posts hold every script there is; what the terminal cannot show becomes an escape, not a crash.
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
