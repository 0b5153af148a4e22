"""A website of somebody else: another origin, with a security policy of its own."""

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from .loopback import free_port


@dataclass
class Answer:
    """What a site says at one address."""

    body: str = ""
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)


class Site:
    """A server on a port of its own that says what it was told, by address.

    Values of ``answers`` may be changed while it runs, and may be made at each request by
    a function. ``requests`` are the addresses that were asked for, with their parameters,
    and ``sent`` the headers of each.
    """

    def __init__(self):
        self.answers = {}
        self.requests = []
        self.sent = []
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler())
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error):
        self.server.shutdown()
        self.server.server_close()

    def count(self, path):
        """How often an address was asked for."""
        return sum(1 for one in self.requests if urlsplit(one).path == path)

    def _handler(self):
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                site.requests.append(self.path)
                site.sent.append(dict(self.headers))
                known = site.answers.get(self.path) or site.answers.get(
                    urlsplit(self.path).path
                )
                answer = known or Answer("There is no such page.", status=404)
                if callable(answer):
                    answer = answer()
                body = answer.body.encode()
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.content_type)
                self.send_header("Content-Length", str(len(body)))
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        return Handler


STYLE = """
body { font-family: Georgia, serif; margin: 0 auto; max-width: 40rem; padding: 1rem;
       color: #222; background: #fff; }
h1, h2, h3, h4 { font-family: Verdana, sans-serif; color: #5a1846; }
a { color: #0b4f6c; }
iframe { width: 100%; border: 0; }
"""


def policy(origin, *, trusted_types=False):
    """The strictest policy with which all that ``docs/embeds.md`` offers works."""
    lines = [
        "default-src 'none'",
        f"script-src {origin}",
        f"connect-src {origin}",
        f"img-src {origin}",
        "style-src 'self'",
        f"frame-src {origin}",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    if trusted_types:
        lines += ["require-trusted-types-for 'script'", "trusted-types countersign"]
    return "; ".join(lines)


def page(body, *, origin, script="", csp="", title="Hill Top School"):
    """A page of the partner's that has ``body`` in it, with our script where asked."""
    tag = f'<script async src="{script}"></script>' if script else ""
    return Answer(
        f"""<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="/site.css">{tag}
</head>
<body><main><h1>{title}</h1>
{body}
<p><a href="/contact" id="after">Contact the school</a></p>
</main></body>
</html>""",
        headers={"Content-Security-Policy": csp or policy(origin)},
    )


def style():
    """The partner's own style sheet."""
    return Answer(STYLE, content_type="text/css; charset=utf-8")
