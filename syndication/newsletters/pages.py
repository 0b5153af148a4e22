"""What the public pages of the newsletter have in common.

GET shows, POST does: mail scanners open every link they see. No page sets a cookie,
so none of the forms has Django's CSRF token, which lives in one. None needs it: asking
changes nothing until the mailbox confirms, and a link from a mail is itself the secret
that a forged form would lack. RFC 8058 asks for the same: its POST comes without
cookies and wants an answer without a redirect.
"""

import logging
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.cache import patch_cache_control
from django.views import View

from site_settings.models import NewsletterSettings
from syndication import limits
from syndication.publisher import publisher

logger = logging.getLogger(__name__)


class NewsletterPage(View):
    """A page that no cache keeps; its address may be a secret."""

    http_method_names = ["get", "head", "post", "options"]
    shell = "countersign/base.html"

    def show(
        self, name: str, context: dict[str, Any] | None = None, status: int = 200
    ) -> HttpResponse:
        # Not ``load``: that writes a missing row, and a GET must not write.
        newsletter = NewsletterSettings.objects.first() or NewsletterSettings()
        return TemplateResponse(
            self.request,
            f"newsletters/{name}.html",
            {
                "shell": self.shell,
                "newsletter": newsletter,
                "publisher": publisher(),
                **(context or {}),
            },
            status=status,
        )

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super().dispatch(request, *args, **kwargs)
        patch_cache_control(response, no_store=True, private=True)
        response["Referrer-Policy"] = "no-referrer"
        return response

    def may_send(self) -> bool:
        """Count a form. Whether this network, and everybody together, may send it."""
        if not limits.may_ask(limits.client_address(self.request)):
            return False
        all_together = limits.of_holder("everybody", limits.policy("newsletter"))
        if all_together is None or not all_together.is_over:
            return True
        if all_together.requests == all_together.policy.quota + 1:
            logger.error(
                "More than %s forms of the newsletter in %s seconds: the rest is "
                "refused until that time is over. It may be an attack.",
                all_together.policy.quota,
                all_together.policy.seconds,
            )
        return False


class LinkedPage(NewsletterPage):
    """A page opened from a mail, which no search engine lists."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super().dispatch(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex"
        return response
