"""How mails are dressed: the style sheet of their frame, written into each tag.

Many mail programs ignore style sheets. What they cannot have inline (dark colours) is
in a second sheet that stays, for those that read it.
"""

import css_inline

# Nothing is fetched: a sheet elsewhere would tell its owner when we send.
_inliner = css_inline.CSSInliner(load_remote_stylesheets=False)


def inline(html: str) -> str:
    """Return a whole mail with the rules of its first style sheet in its tags.

    >>> inline("<style>p { margin: 0 }</style><p>Hello</p>")
    '<html><head></head><body><p style="margin: 0;">Hello</p></body></html>'
    """
    return _inliner.inline(html)
