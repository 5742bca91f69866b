"""Words shared between the person and a post: cosine of TF-IDF vectors over the posts at hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# Keeps c++, c#, .net and node.js whole; a sentence's full stop is no part of a word.
_WORD = r"(?u)(?<!\w)\.?\w[\w+#]*(?:[.\-]\w[\w+#]*)*"


def lexical_similarity(texts: Sequence[str], query: str) -> NDArray[np.float64]:
    """Return the TF-IDF cosine of ``query`` with each of ``texts``, shape ``(len(texts),)``, from 0 to 1.

    Word weights come from ``texts``: what every post says tells posts apart little. The same texts in the
    same order give the same figures.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    scores: NDArray[np.float64] = np.zeros(len(texts))
    vectorizer = TfidfVectorizer(token_pattern=_WORD, stop_words="english", sublinear_tf=True)
    try:
        rows = vectorizer.fit_transform(texts)
    except ValueError:  # no post has a word left once the stop words are gone
        return scores
    scores += np.asarray((rows @ vectorizer.transform([query]).T).todense()).ravel()
    return np.clip(scores, 0.0, 1.0)
