"""Bar charts as inline SVG, made here: no script, and a table beside each.

The picture has an accessible name only; what it shows is in its table, which the page
prints with it. Every bar carries its value as text, so no colour has to be told apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH = 360
ROW = 46
BAR = 16
PLOT = 120
FOOT = 22


@dataclass(frozen=True)
class Bar:
    """``value`` decides the length; ``text`` is what is written at it."""

    label: str
    value: float
    text: str


def across(bars: Sequence[Bar], *, name: str) -> SafeString:
    """Bars from left to right, one below the other, for labels of any length."""
    most = max((bar.value for bar in bars), default=0) or 1
    drawn = format_html_join(
        "",
        '<text x="0" y="{}" class="chart-label">{}</text>'
        '<rect x="0" y="{}" width="{}" height="{}" rx="2" class="chart-bar"/>'
        '<text x="{}" y="{}" class="chart-value">{}</text>',
        (
            (
                row * ROW + 15,
                bar.label,
                row * ROW + 21,
                _length(bar.value, most, WIDTH - 90),
                BAR,
                _length(bar.value, most, WIDTH - 90) + 6,
                row * ROW + 34,
                bar.text,
            )
            for row, bar in enumerate(bars)
        ),
    )
    return _picture(drawn, name=name, height=len(bars) * ROW)


def upwards(bars: Sequence[Bar], *, name: str) -> SafeString:
    """Bars side by side from the oldest to the newest, for months."""
    most = max((bar.value for bar in bars), default=0) or 1
    step = WIDTH / (len(bars) or 1)
    drawn = format_html_join(
        "",
        '<rect x="{}" y="{}" width="{}" height="{}" rx="2" class="chart-bar"/>'
        '<text x="{}" y="{}" text-anchor="middle" class="chart-value">{}</text>'
        '<text x="{}" y="{}" text-anchor="middle" class="chart-label">{}</text>',
        (
            (
                round(column * step + step * 0.15, 1),
                FOOT + PLOT - _length(bar.value, most, PLOT),
                round(step * 0.7, 1),
                _length(bar.value, most, PLOT),
                round(column * step + step / 2, 1),
                FOOT + PLOT - _length(bar.value, most, PLOT) - 5,
                bar.text,
                round(column * step + step / 2, 1),
                FOOT + PLOT + 16,
                bar.label,
            )
            for column, bar in enumerate(bars)
        ),
    )
    return _picture(drawn, name=name, height=FOOT + PLOT + FOOT)


def _length(value: float, most: float, room: int) -> float:
    # Nothing is no bar; something is at least a line.
    return max(round(room * value / most, 1), 2) if value else 0


def _picture(drawn: SafeString, *, name: str, height: int) -> SafeString:
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}" '
        'focusable="false">{}</svg>',
        WIDTH,
        height,
        name,
        drawn,
    )
