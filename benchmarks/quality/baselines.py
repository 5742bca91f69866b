"""What people use today to rank posts for a person, written again here: five ways, each a score per post.

Each takes what is visible of the posts and one person and returns a score per post, higher is better.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import bm25s  # type: ignore[import-untyped]
import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]

from domain.profile import Profile

Scores = NDArray[np.float64]
_COSINE_SHARE, _TITLE_SHARE = 0.7, 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Visible:
    """What a ranking may see: titles, texts and the vector of any text by the text itself."""

    titles: Sequence[str]
    texts: Sequence[str]
    vectors: Mapping[str, NDArray[np.float32]]


def query_of(profile: Profile) -> str:
    """Return headline and skills as one text."""
    return f"{profile.headline}. {', '.join(skill.name for skill in profile.skills)}"


def _tokens(texts: str | list[str], stop: Collection[str], **options: bool) -> Any:
    return bm25s.tokenize(texts, stopwords=list(stop), show_progress=False, **options)


def ways(seen: Visible) -> dict[str, Callable[[Profile], Scores]]:
    """Return the five ways by name, with what they compute once already computed."""
    tfidf = TfidfVectorizer(stop_words="english", sublinear_tf=True)
    rows = tfidf.fit_transform(seen.texts)
    stop = tfidf.get_stop_words()
    bm25 = bm25s.BM25()
    bm25.index(_tokens(list(seen.texts), stop), show_progress=False)
    texts = np.stack([seen.vectors[text] for text in seen.texts]).astype(np.float64)
    titles = np.stack([seen.vectors[title] for title in seen.titles]).astype(np.float64)
    lower = [text.lower() for text in seen.texts]
    held: dict[str, Scores] = {}

    def named(skill: str) -> Scores:
        if skill not in held:
            held[skill] = np.array([float(skill in text) for text in lower])
        return held[skill]

    def keywords(profile: Profile) -> Scores:
        shares: Scores = np.mean([named(skill.name.lower()) for skill in profile.skills], axis=0)
        return shares

    def words(profile: Profile) -> Scores:
        scores: Scores = (rows @ tfidf.transform([query_of(profile)]).T).toarray().ravel()
        return scores

    def best_match(profile: Profile) -> Scores:
        asked = _tokens(query_of(profile), stop, return_ids=False)
        return np.asarray(bm25.get_scores(asked[0]), dtype=np.float64)

    def cosine(profile: Profile) -> Scores:
        scores: Scores = texts @ seen.vectors[query_of(profile)]
        return scores

    def mixed(profile: Profile) -> Scores:
        return _COSINE_SHARE * cosine(profile) + (1 - _COSINE_SHARE) * keywords(profile)

    def by_title(profile: Profile) -> Scores:
        near: Scores = titles @ seen.vectors[profile.headline]
        return _TITLE_SHARE * near + (1 - _TITLE_SHARE) * keywords(profile)

    return {
        "TF-IDF cosine": words,
        "BM25 (bm25s)": best_match,
        "MiniLM cosine of headline and skills": cosine,
        "0.7 x MiniLM cosine + 0.3 x share of keywords": mixed,
        "0.6 x title cosine + 0.4 x share of keywords": by_title,
    }
