"""Marks shared by test modules."""

from __future__ import annotations

import sys

import pytest

LINUX = pytest.mark.skipif(
    sys.platform != "linux", reason="needs addresses 127.x.y.z that only Linux has untold"
)
