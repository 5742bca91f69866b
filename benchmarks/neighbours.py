"""Neighbours at 1,000 to 1,000,000 vectors: our index beside FAISS's own exact scan, one thread each.

Every size is measured in a process of its own, so that its memory is its own:
``python -m benchmarks.neighbours COUNT BASE.npy FOLDER`` prints the measurements as JSON.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from math import log
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.chart import Panel, Series, chart

Rows = NDArray[np.float32]
Search = Callable[[Rows], object]
SIZES = (1_000, 10_000, 100_000, 200_000, 1_000_000)
CHART = Path(__file__).with_name("neighbours.svg")
_ROOT = Path(__file__).parents[1]
_DIMENSIONS = 384
_POSTS = 2_000  # real posts the vectors are varied from
_NEAR = 20  # a vector lies between a post and one of so many nearest to it …
_NOISE = (
    0.7  # … and this far off: then the nearest of 7,000 is as near as among real posts (0.69, the tenth 0.59)
)
_PORTION = 10_000
_K = 10
_SEED = 20260302


def neighbours(data: Path | None, folder: Path, *, quick: bool) -> list[dict[str, str]]:
    """Return a row for every size, and draw the growth."""
    base = folder / "base.npy"
    np.save(base, _real_vectors(data) if data is not None else _made_vectors())
    found = [_measured(count, base, folder) for count in (SIZES[:2] if quick else SIZES)]
    if not quick:
        CHART.write_text(drawn(found), encoding="utf-8")
    return [*map(_row, found), _growth(found)]


def _row(size: dict[str, Any]) -> dict[str, str]:
    found = "every one compared" if size["kind"] == "flat" else f"recall@10 {size['recall']:.3f}"
    held = f"{size['megabytes']:,.0f} MB, {size['bytes']:,.0f} bytes a vector"
    made = (
        f"built in {size['build_s']:.1f} s with {size['peak_megabytes']:,.0f} MB at most, "
        f"saved in {size['save_s']:.1f} s, loaded in {size['load_s']:.1f} s"
    )
    theirs = f"p50 {size['theirs_ms']:.2f} ms; {size['theirs_megabytes']:,.0f} MB"
    return {
        "what": f"ten nearest of {size['count']:,} stored vectors ({size['kind']}; {found}; one thread)",
        "ours": f"p50 {size['ours_ms']:.2f} ms; {held}; {made}",
        "beside": f"FAISS's exact scan, IndexFlatIP: {theirs}",
        "ratio": f"{size['ours_ms'] / size['theirs_ms']:.3f} of its time",
    }


def _growth(found: list[dict[str, Any]]) -> dict[str, str]:
    first, last = found[0], found[-1]

    def power(name: str) -> float:
        return log(last[name] / first[name]) / log(last["count"] / first["count"])

    return {
        "what": f"growth from {first['count']:,} to {last['count']:,} vectors, drawn in `{CHART.name}`: "
        "the power of their number that it goes with, 1 being linear",
        "ours": f"search {power('ours_ms'):.2f}, memory {power('megabytes'):.2f}, "
        f"building {power('build_s'):.2f} (lists must be trained)",
        "beside": f"search {power('theirs_ms'):.2f}, memory {power('theirs_megabytes'):.2f}",
        "ratio": "",
    }


def drawn(found: list[dict[str, Any]]) -> str:
    """Return the growth as SVG."""

    def series(label: str, name: str) -> Series:
        return Series(label=label, points=[(size["count"], size[name]) for size in found])

    return chart(
        "Neighbours of a stored post, 1,000 to 1,000,000 vectors (384 dimensions, one thread)",
        [
            Panel("search, p50 in ms", [series("bidwright", "ours_ms"), series("IndexFlatIP", "theirs_ms")]),
            Panel(
                "memory in MB", [series("bidwright", "megabytes"), series("IndexFlatIP", "theirs_megabytes")]
            ),
            Panel(
                "build, save, load in s", [series(name, f"{name}_s") for name in ("build", "save", "load")]
            ),
        ],
    )


def _real_vectors(data: Path) -> Rows:
    """Return the vectors of real posts, drawn evenly; they are kept between runs."""
    from benchmarks.quality.real_posts import CachedEmbedder, originals, read_posts, without_tags
    from ranking.rank import post_text

    posts = originals(read_posts(data))
    texts = [post_text(without_tags(each.stored).post) for each in posts[:: max(1, len(posts) // _POSTS)]]
    return np.stack(list(CachedEmbedder().vectors(texts).values()))


def _made_vectors() -> Rows:
    """Return unit vectors that lie in groups, where there are no real posts."""
    draw = np.random.default_rng(_SEED)
    groups = draw.standard_normal((100, _DIMENSIONS))
    return _unit(groups[draw.integers(0, 100, _POSTS)] + draw.standard_normal((_POSTS, _DIMENSIONS)))


def _unit(rows: NDArray[Any]) -> Rows:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def _nearest(base: Rows) -> NDArray[np.int64]:
    likeness = base @ base.T
    np.fill_diagonal(likeness, -1)
    return np.argsort(-likeness, axis=1)[:, :_NEAR].copy()


def varied(base: Rows, near: NDArray[np.int64], count: int, seed: int) -> Iterator[tuple[list[str], Rows]]:
    """Yield ``count`` vectors that lie as those of posts do, with ids as long as theirs, in portions.

    ``base`` (n, d) are vectors of posts, ``near`` (n, m) the places of those nearest to each.
    """
    for start in range(0, count, _PORTION):
        size = min(_PORTION, count - start)
        draw = np.random.default_rng((seed, start))
        one = draw.integers(0, len(base), size)
        other = near[one, draw.integers(0, near.shape[1], size)]
        share = draw.random((size, 1), dtype=np.float32) / 2
        rows = _unit(base[one] * (1 - share) + base[other] * share)
        rows += draw.standard_normal(rows.shape, dtype=np.float32) * np.float32(_NOISE / _DIMENSIONS**0.5)
        yield [sha256(f"{seed} {start + place}".encode()).hexdigest() for place in range(size)], _unit(rows)


def _measured(count: int, base: Path, folder: Path) -> dict[str, Any]:
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.neighbours", str(count), str(base), str(folder)],
        check=True,
        capture_output=True,
        text=True,
        cwd=_ROOT,
        env={**os.environ, **one_thread},
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def measure(count: int, base: Rows, folder: Path) -> dict[str, Any]:
    """Return what building, saving, loading and searching ``count`` vectors costs, ours and theirs."""
    from bidwright.files import put_blocks
    from ranking.backends.faiss_index import FaissIndex
    from ranking.backends.index_file import from_file, to_blocks
    from ranking.backends.plan import shipped_plan

    near, path = _nearest(base), folder / "vectors.index"
    index = FaissIndex(_DIMENSIONS)
    index.search(base[:1], _K)  # all is loaded
    index.expect(count)
    empty, build = _resident(), 0.0
    for ids, rows in varied(base, near, count, _SEED):
        build += _seconds(lambda ids=ids, rows=rows: index.add(ids, rows))
    build += _seconds(lambda: index.kind)
    peak, held = _peak() - empty, _resident() - empty
    save = _seconds(lambda: put_blocks(path, to_blocks(index, "benchmark")))
    kind, recall = index.kind, index.recall
    del index
    _give_back()
    begun = time.perf_counter()
    with path.open("rb") as file:
        index = from_file(file, model_id="benchmark", dimensions=_DIMENSIONS, plan=shipped_plan())
    load = time.perf_counter() - begun
    loaded, size = _resident() - empty, path.stat().st_size
    path.unlink()
    return {
        "count": count,
        "kind": kind,
        "probes": recall.probes if recall else 0,
        "recall_at_build": recall.share if recall else 1.0,
        "build_s": build,
        "save_s": save,
        "load_s": load,
        "file_megabytes": size / 1e6,
        "peak_megabytes": peak / 1e6,
        "built_megabytes": held / 1e6,
        "megabytes": loaded / 1e6,
        "bytes": loaded / count,
        **_beside(index, base, near, count),
    }


def _beside(index: Any, base: Rows, near: NDArray[np.int64], count: int) -> dict[str, float]:
    """Search ``index`` and FAISS's flat index in turn with queries that neither holds."""
    import faiss

    before = _resident()
    theirs = faiss.IndexFlatIP(_DIMENSIONS)
    for _, rows in varied(base, near, count, _SEED):
        theirs.add(rows)
    held = _resident() - before
    ((_, queries),) = varied(base, near, 200, _SEED + 1)
    scores, _ = theirs.search(queries, _K)
    shares = [
        sum(hit.score >= edge - 2e-6 for hit in found) / _K
        for found, edge in zip(index.search(queries, _K), scores[:, -1].tolist(), strict=True)
    ]
    mine, other = _turns(lambda one: index.search(one, _K), lambda one: theirs.search(one, _K), queries[:100])
    return {
        "ours_ms": median(mine) * 1e3,
        "theirs_ms": median(other) * 1e3,
        "theirs_megabytes": held / 1e6,
        "recall": float(np.mean(shares)),
    }


def _turns(ours: Search, theirs: Search, queries: Rows) -> tuple[list[float], list[float]]:
    """Return the seconds of either for each of ``queries``; now the one goes first, now the other."""
    mine: list[float] = []
    other: list[float] = []
    for number, query in enumerate(queries):
        pair = [(ours, mine), (theirs, other)]
        for search, taken in pair if number % 2 else reversed(pair):
            begun = time.perf_counter()
            search(query[None, :])
            taken.append(time.perf_counter() - begun)
    return mine, other


def _seconds(work: Any) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _resident() -> int:
    """Return the bytes of memory this process has now."""
    _give_back()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _peak() -> int:
    """Return the most bytes of memory this process has had."""
    line = next(
        line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")
    )
    return int(line.split()[1]) * 1024


def _give_back() -> None:
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)


if __name__ == "__main__":
    size_given, base_given, folder_given = sys.argv[1:]
    sys.stdout.write(json.dumps(measure(int(size_given), np.load(base_given), Path(folder_given))))
