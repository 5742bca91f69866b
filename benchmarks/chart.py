"""Line charts with logarithmic axes as SVG: enough to see how something grows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

_WIDTH, _HEIGHT = 360, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 32, 70, 45
_COLOURS = ("#0072b2", "#d55e00", "#009e73")  # told apart by the colour-blind too
_DASHES = ("", "6 3", "2 3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A line: its name, and its points ``(x, y)``, all above 0."""

    label: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Panel:
    """One chart: what its y axis shows, and its lines."""

    title: str
    series: Sequence[Series]


def chart(title: str, panels: Sequence[Panel]) -> str:
    """Return ``panels`` side by side under ``title`` as an SVG document."""
    wide = _WIDTH * len(panels)
    size = f'font-family="sans-serif" viewBox="0 0 {wide} {_HEIGHT}" width="{wide}" height="{_HEIGHT}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-size="11" role="img">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{wide}" height="{_HEIGHT}" fill="white"/>',
            f'<text x="{_LEFT}" y="20" font-size="14">{escape(title)}</text>',
            *(line for place, panel in enumerate(panels) for line in _panel(panel, place * _WIDTH)),
            "</svg>",
            "",
        ]
    )


def _panel(panel: Panel, left: int) -> list[str]:
    points = [point for series in panel.series for point in series.points]
    across = _Axis([x for x, _ in points], left + _LEFT, left + _WIDTH - _RIGHT)
    up = _Axis([y for _, y in points], _HEIGHT - _BOTTOM, _TOP)
    lines = [f'<text x="{left + _LEFT}" y="42" font-weight="bold">{escape(panel.title)}</text>']
    for tick in across.ticks():
        x = across.place(tick)
        lines.append(f'<path d="M{x:.1f} {_TOP}V{_HEIGHT - _BOTTOM}" stroke="#ddd"/>')
        lines.append(
            f'<text x="{x:.1f}" y="{_HEIGHT - _BOTTOM + 15}" text-anchor="middle">{tick:,.10g}</text>'
        )
    for tick in up.ticks():
        y = up.place(tick)
        lines.append(f'<path d="M{left + _LEFT} {y:.1f}H{left + _WIDTH - _RIGHT}" stroke="#ddd"/>')
        lines.append(f'<text x="{left + _LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">{tick:,.10g}</text>')
    for number, series in enumerate(panel.series):
        lines += _line(series, number, left, across, up)
    return lines


def _line(series: Series, number: int, left: int, across: _Axis, up: _Axis) -> list[str]:
    colour = _COLOURS[number % len(_COLOURS)]
    dash = _DASHES[number % len(_DASHES)]
    places = [(across.place(x), up.place(y)) for x, y in series.points]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    x = left + _LEFT + 95 * number
    return [
        f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>',
        *(
            f'<circle cx="{at_x:.1f}" cy="{at_y:.1f}" r="3" fill="{colour}">'
            f"<title>{escape(series.label)}: {y:,.4g} at {given:,g}</title></circle>"
            for (at_x, at_y), (given, y) in zip(places, series.points, strict=True)
        ),
        f'<path d="M{x} 56h18" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>',
        f'<text x="{x + 22}" y="60">{escape(series.label)}</text>',
    ]


class _Axis:
    """A logarithmic axis over whole powers of ten, between two places."""

    def __init__(self, values: Sequence[float], begin: float, end: float) -> None:
        self._low, self._high = floor(log10(min(values))), ceil(log10(max(values)))
        self._high += self._high == self._low
        self._begin, self._end = begin, end

    def ticks(self) -> list[float]:
        return [10.0**power for power in range(self._low, self._high + 1)]

    def place(self, value: float) -> float:
        share = (log10(value) - self._low) / (self._high - self._low)
        return self._begin + share * (self._end - self._begin)
