"""Posts in CSV and its kin: a heading row, its columns known by ``job_fields.toml`` or chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from domain.errors import SourceError
from domain.issues import error, info, warning
from domain.posts import RawPosting
from spiders.parsers.audit import Audit
from spiders.parsers.fieldnames import Path, key_of, names_a_title, plan_for
from spiders.parsers.record import RecordReader
from spiders.parsers.result import ParseResult
from spiders.parsers.rows import Row, open_table, rows_of

_LISTED = 30
_HEAD = 2_000


def looks_like_table(body: bytes, columns: Mapping[str, str] | None = None) -> bool:
    """Return whether ``body`` is a table: a heading that names a title, or two rows of as many cells."""
    table = open_table(body)
    first = [row.cells for row, _ in zip(rows_of(table), range(2), strict=False)]
    if not first or not _is_text(table.text):
        return False
    if names_a_title(first[0]) or columns:
        return True
    return len(first) > 1 and len(first[0]) == len(first[1]) > 1


def _is_text(text: str) -> bool:
    """Return whether ``text`` starts like text: pictures and archives hold control characters."""
    return not any(character < " " and character not in "\t\r\n\0" for character in text[:_HEAD])


def parse(
    body: bytes, *, source: str, where: str, first_line: int = 1, columns: Mapping[str, str] | None = None
) -> ParseResult:
    """Return a post for every row of ``body`` that has a title or a description.

    ``columns`` are headings by the field they fill, as the person chose; ``first_line`` is the number of the
    first row after the heading, for tables that come in pieces. A row that cannot be used is an issue of its
    own; a cell too few or too many is one too. Raises :class:`SourceError`, listing the columns there are, if
    none holds titles or a chosen one does not exist.
    """
    table = open_table(body)
    rows = rows_of(table)
    heading = next(rows, None)
    if heading is None:
        return ParseResult()
    headings = _Headings(heading.cells, where, columns or {})
    audit = Audit()
    if table.note:
        audit.warn(where, table.note)
    reader = RecordReader(source=source, where=where, audit=audit, chosen=headings.chosen)
    posts, blank = [], 0
    for row in rows:
        place = f"{where}:{row.line + first_line - 1}"
        if not any(cell.strip(" \t\r\0") for cell in row.cells):
            blank += 1
            continue
        post = _post(row, headings, reader, audit, place)
        if post is not None:
            posts.append(post)
    if blank:
        audit.info(where, f"rows without any text: {blank}; left out")
    reader.finish()
    return ParseResult(posts=tuple(posts), issues=audit.issues)


class _Headings:
    """The columns of a table: their paths in order, and which the person chose."""

    def __init__(self, cells: Sequence[str], where: str, columns: Mapping[str, str]) -> None:
        self.written = [" ".join(cell.replace("\0", "").split()) for cell in cells]
        keys = [key_of(name) for name in self.written]
        # A heading that stands twice fills a field once; the second column is kept beside it.
        first = {key: place for place, key in reversed(list(enumerate(keys)))}
        self.paths: list[Path] = [
            (key,) if first[key] == place else (f"{key}_{place + 1}",) for place, key in enumerate(keys)
        ]
        self.names = {
            path: name or f"column {place}"
            for place, (path, name) in enumerate(zip(self.paths, self.written, strict=True), start=1)
        }
        self.chosen = {field: self._path(name, where) for field, name in columns.items()}
        if "title" not in plan_for(self.paths, self.chosen).fills:
            raise SourceError(
                f"no column for titles; choose one with --columns title=…; {self._there_are()}", where=where
            )

    def _path(self, name: str, where: str) -> Path:
        for same in (lambda one: one == name, lambda one: key_of(one) == key_of(name)):
            for path, written in zip(self.paths, self.written, strict=True):
                if same(written):
                    return path
        raise SourceError(f"there is no column {name!r}; {self._there_are()}", where=where)

    def _there_are(self) -> str:
        names = [repr(name[:60]) for name in self.written[:_LISTED]]
        more = f" and {len(self.written) - _LISTED} more" if len(self.written) > _LISTED else ""
        return f"the columns are {', '.join(names)}{more}"


def _post(row: Row, headings: _Headings, reader: RecordReader, audit: Audit, place: str) -> RawPosting | None:
    cells = [cell.replace("\0", "") for cell in row.cells]
    if row.problem:
        audit.each(warning(place, row.problem))
    if any("\0" in cell for cell in row.cells):
        audit.each(info(place, "NUL characters were taken out"))
    width = len(headings.paths)
    while len(cells) > width and not cells[-1].strip():
        cells.pop()
    values = dict(zip(headings.paths, cells, strict=False))
    surplus = cells[width:]
    if len(cells) < width:
        audit.each(
            warning(place, f"{len(cells)} cells where the heading has {width}; the rest is not stated")
        )
        values |= dict.fromkeys(headings.paths[len(cells) :], "")
    post = reader.read(values, headings.names, place)
    if surplus:
        audit.each(
            warning(
                place,
                f"{len(cells)} cells where the heading has {width}; only its title was read, all is in extra",
            )
        )
        post = _uncertain(post, cells, headings, place)
    if not post.title.strip() and not (post.description or "").strip():
        audit.each(error(place, "no title; left out"))
        return None
    return post


def _uncertain(post: RawPosting, cells: list[str], headings: _Headings, place: str) -> RawPosting:
    """Return a post whose cells have moved against their headings: nobody knows which cell is the pay."""
    written = [
        *headings.names.values(),
        *(f"column {number}" for number in range(len(headings.paths) + 1, len(cells) + 1)),
    ]
    extra = {name: cell for name, cell in zip(written, cells, strict=True) if cell.strip()}
    return RawPosting(source=post.source, where=place, title=post.title, url=post.url, extra=extra)
