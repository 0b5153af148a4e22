"""The words of a piece as HTML, for every format that is some sort of HTML."""

from collections.abc import Iterable

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from .pieces import Run


def html(runs: Iterable[Run], *, link_style: SafeString | None = None) -> SafeString:
    """Return ``runs`` with links and bold, and nothing else.

    Square brackets are written so that WordPress runs no “[gallery]” among the words.
    """
    style = format_html(' style="{}"', link_style) if link_style else ""
    return format_html_join("", "{}", ((_html(run, style),) for run in runs))


def _html(run: Run, style: str) -> SafeString:
    words = _escaped(run.text)
    if run.strong:
        words = format_html("<strong>{}</strong>", words)
    if run.href:
        words = format_html('<a href="{}"{}>{}</a>', _escaped(run.href), style, words)
    return words


def _escaped(words: str) -> SafeString:
    return mark_safe(escape(words).replace("[", "&#91;"))  # noqa: S308 - escaped here
