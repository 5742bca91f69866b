"""The digest as one HTML file: no script, nothing loaded from elsewhere, light and dark."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from reports.digest import Digest
from reports.view import build_view

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render_html(digest: Digest) -> str:
    """Return the digest as a complete page; everything a post says is text, links pass an allow-list."""
    return _environment().get_template("digest.html.j2").render(view=build_view(digest)) + "\n"
