"""The words of a piece as HTML, for every format that is some sort of HTML."""

from collections.abc import Iterable

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from .pieces import Run


def html(runs: Iterable[Run], *, link_style: SafeString | None = None) -> SafeString:
    """Return ``runs`` with links and bold, and nothing else."""
    style = format_html(' style="{}"', link_style) if link_style else ""
    return format_html_join("", "{}", ((_html(run, style),) for run in runs))


def _html(run: Run, style: str) -> SafeString:
    words = format_html("{}", run.text)
    if run.strong:
        words = format_html("<strong>{}</strong>", words)
    if run.href:
        words = format_html('<a href="{}"{}>{}</a>', run.href, style, words)
    return words
