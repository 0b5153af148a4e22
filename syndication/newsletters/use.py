"""“Offer this newsletter on your website”: forms for partners, ready to copy."""

from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from site_settings.models import NewsletterSettings
from syndication.http import respond
from syndication.publisher import publisher

from . import sources

# What a form in a frame may do there: be sent, and open links in a window of their own.
SANDBOX = (
    "allow-forms allow-scripts allow-popups allow-popups-to-escape-sandbox "
    "allow-top-navigation-by-user-activation"
)
WITH_PREVIEW = {"script-src": ["'self'"], "frame-src": ["'self'"]}
PLAIN = """\
<form action="{}" method="post">
  <p><label for="countersign-email">Get {} by email. Your email address:</label></p>
  <p><input type="email" id="countersign-email" name="email" autocomplete="email" required>
  <input type="hidden" name="source" value="{}">
  <button type="submit">Go on</button></p>
  <p>You see who sends it, and choose, on the next page.</p>
</form>"""


@require_safe
@csp_update(WITH_PREVIEW)
def use(request: HttpRequest) -> HttpResponse:
    """Show every way to offer the newsletter elsewhere, for the website typed in."""
    typed = request.GET.get("website", "")[:200]
    website = sources.host(typed)
    newsletter = NewsletterSettings.objects.first() or NewsletterSettings()
    title = " ".join(newsletter.title.split())
    query = f"?source={website}" if website else ""
    origin = settings.PUBLIC_ORIGIN
    context: dict[str, Any] = {
        "title": title,
        "typed": typed,
        "website": website,
        "wrong": bool(typed.strip()) and not website,
        "origin": origin,
        "publisher": publisher(),
        "link": f"{origin}/newsletter/{query}",
        "frame": _frame(f"{origin}/newsletter/form{query}", title),
        "preview": _frame("/newsletter/form", title),
        "plain": format_html(PLAIN, f"{origin}/newsletter/start", title, website),
        "height_script": format_html(
            '<script src="{}{}embeds/height.js" defer></script>',
            origin,
            settings.STATIC_URL,
        ),
    }
    # Rendered without the request: no session, no cookie can come in.
    page = render_to_string("newsletters/use.html", context)
    return respond(request, page, tags=["newsletter"])


def _frame(src: str, title: str) -> str:
    return format_html(
        '<iframe src="{}" title="Get {} by email" width="100%" height="1100" '
        'loading="lazy" frameborder="0" sandbox="{}"></iframe>',
        src,
        title,
        SANDBOX,
    )
