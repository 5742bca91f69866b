"""The measure of neighbours measures what it says, and its chart shows what was measured."""

from __future__ import annotations

import sys
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from benchmarks.chart import Panel, Series, chart
from benchmarks.neighbours import drawn, measure, varied
from tests.indexing import clustered

SVG = "{http://www.w3.org/2000/svg}"


def test_vectors_are_drawn_alike_each_time_and_have_unit_length():
    base = clustered(40, 384)
    near = np.argsort(-(base @ base.T), axis=1)[:, :5]
    ((ids, rows),), ((again, same),) = (list(varied(base, near, 30, 7)) for _ in range(2))
    assert (ids, len(set(ids))) == (again, 30)
    assert np.array_equal(rows, same)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(30), abs=1e-5)
    ((_, others),) = varied(base, near, 30, 8)
    assert not np.array_equal(rows, others)


@pytest.mark.skipif(sys.platform != "linux", reason="reads its memory from /proc")
def test_what_is_measured_is_there(tmp_path):
    found = measure(500, clustered(40, 384), tmp_path)
    assert (found["count"], found["kind"], found["recall"]) == (500, "flat", 1.0)
    assert found["file_megabytes"] >= 500 * 384 * 4 / 1e6
    assert min(found[name] for name in ("ours_ms", "theirs_ms", "build_s", "save_s", "load_s")) > 0
    assert list(tmp_path.iterdir()) == []


def test_the_chart_holds_every_point_where_it_belongs():
    series = Series(label="ours & others", points=[(1000, 0.1), (10_000, 1.0), (100_000, 10.0)])
    tree = ET.fromstring(chart("growth <b>", [Panel("ms", [series]), Panel("MB", [series])]))
    assert tree.find(f"{SVG}title").text == "growth <b>"
    points = [(float(dot.get("cx")), float(dot.get("cy"))) for dot in tree.iter(f"{SVG}circle")]
    assert len(points) == 6
    (x0, y0), (x1, y1), (x2, y2) = points[:3]
    assert x1 - x0 == pytest.approx(x2 - x1)
    assert y0 - y1 == pytest.approx(y1 - y2)
    assert y0 > y1
    assert next(tree.iter(f"{SVG}circle")).find(f"{SVG}title").text == "ours & others: 0.1 at 1,000"


def test_the_growth_is_drawn_in_three_panels():
    names = ("ours_ms", "theirs_ms", "megabytes", "theirs_megabytes", "build_s", "save_s", "load_s")
    found = [{"count": count, **dict.fromkeys(names, count / 1000)} for count in (1000, 1_000_000)]
    tree = ET.fromstring(drawn(found))
    assert len(list(tree.iter(f"{SVG}circle"))) == 2 * len(names)
