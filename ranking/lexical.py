"""Words shared between a query and posts: cosine of TF-IDF vectors over the posts at hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Keeps c++, c#, .net and node.js whole; a sentence's full stop is no part of a word.
_WORD = r"(?u)(?<!\w)\.?\w[\w+#]*(?:[.\-]\w[\w+#]*)*"


class WordIndex:
    """Texts as unit TF-IDF rows, made once and asked as often as needed.

    Word weights come from the texts: what every post says tells posts apart little. The same texts in the
    same order give the same figures.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        from scipy.sparse import csr_matrix
        from sklearn.feature_extraction.text import TfidfVectorizer

        self._vectorizer: Any = TfidfVectorizer(
            token_pattern=_WORD, stop_words="english", sublinear_tf=True, dtype=np.float32
        )
        self._wordless = False
        try:
            self.rows: Any = self._vectorizer.fit_transform(texts)
        except ValueError:  # no text has a word left once the stop words are gone
            self._wordless = True
            self.rows = csr_matrix((len(texts), 1), dtype=np.float32)

    def similarity(self, query: str) -> NDArray[np.float64]:
        """Return the cosine of ``query`` with each text, shape (number of texts,), from 0 to 1."""
        if self._wordless:
            return np.zeros(self.rows.shape[0])
        scores = (self.rows @ self._vectorizer.transform([query]).T).toarray().ravel()
        held: NDArray[np.float64] = np.clip(scores.astype(np.float64), 0.0, 1.0)
        return held
