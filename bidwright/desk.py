"""Wiring: a workspace with its open store, embedder, parser and renderer, each made when first needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from bidwright.workspace import Workspace
from domain.clock import Clock, utc_now

if TYPE_CHECKING:
    from bidwright.appraiser import Appraiser
    from domain.profile import Profile
    from proposals.render import Renderer
    from proposals.templates import TemplateLibrary
    from ranking.seams import Embedder
    from spiders.sandbox import ParserPool
    from storage import Store

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much is done and how much there is (0: not known)."""


def no_progress(title: str, done: int, total: int) -> None:
    """Show nothing."""


Address = Callable[[str], str]
"""Gives the address at which what a source calls ``url`` is to be fetched."""


def as_written(url: str) -> str:
    """Return ``url`` as the settings have it."""
    return url


@dataclass
class Desk:
    """Everything a step needs. Use :func:`open_desk`."""

    workspace: Workspace
    clock: Clock
    progress: Progress
    _resources: ExitStack
    load_embedder: Callable[[str], Embedder]
    address: Address = as_written
    force_fetch: bool = False

    @property
    def profile(self) -> Profile:
        """The person."""
        return self.workspace.settings.profile

    @cached_property
    def store(self) -> Store:
        """The open store, migrated to the present schema."""
        from storage import open_store

        return self._resources.enter_context(open_store(self.workspace.storage_url, clock=self.clock))

    @cached_property
    def appraiser(self) -> Appraiser:
        """What is made of posts, kept from one ranking to the next."""
        from bidwright.appraiser import Appraiser

        return Appraiser(self.workspace.state / "kept", self.workspace.settings.exchange)

    @cached_property
    def parser(self) -> ParserPool:
        """The child process that parses foreign bytes under limits."""
        from spiders.sandbox import ParserPool

        return self._resources.enter_context(ParserPool())

    @cached_property
    def renderer(self) -> Renderer:
        """The child process that renders templates under limits."""
        from proposals.render import Renderer

        return self._resources.enter_context(Renderer())

    @cached_property
    def templates(self) -> TemplateLibrary:
        """The shipped proposal templates with the person's own on top."""
        from proposals.templates import load_templates

        return load_templates(self.workspace.root)

    @cached_property
    def embedder(self) -> Embedder:
        """The embedding model the settings name; it is loaded when the first text is encoded."""
        return self.load_embedder(self.workspace.settings.model)

    def preload_embedder(self) -> None:
        """Begin to load the model in the background: it takes seconds that other work can use."""
        self._background.submit(self.embedder.encode, ["warm up"])

    @cached_property
    def _background(self) -> ThreadPoolExecutor:
        return self._resources.enter_context(ThreadPoolExecutor(max_workers=1, thread_name_prefix="model"))


def load_sentence_transformer(model: str) -> Embedder:
    """Return the sentence-transformers model named ``model`` ("bundled" for the shipped one)."""
    from ranking.backends.sentence_transformer import SentenceTransformerEmbedder

    return SentenceTransformerEmbedder(model)


@contextmanager
def open_desk(
    workspace: Workspace,
    *,
    clock: Clock = utc_now,
    progress: Progress = no_progress,
    load_embedder: Callable[[str], Embedder] = load_sentence_transformer,
    address: Address = as_written,
) -> Iterator[Desk]:
    """Yield a desk over ``workspace`` and close what it opened."""
    with ExitStack() as resources:
        yield Desk(workspace, clock, progress, resources, load_embedder, address)
