"""The answer to a comment: an item like any other, signed by its forums."""

from typing import Any

from csp.decorators import csp_replace
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.cache import patch_cache_control
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel

from cms import missing, policy
from cms.errors import NoForumConcerned
from cms.models import Area, Comment, CoProducedSnippet, Forum
from syndication.models import Release

from . import about, representation

LONGEST = 3000


class AnswerForm(WagtailAdminModelForm):
    """Offers the versions of the text that the comment is about; says who lacks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        missing.say_what_to_do(self)
        if "result" in self.fields:
            self.fields["result"].queryset = about.versions(
                self.instance.comment.content_id
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if not self.is_deferred_validation:
            try:
                for area in self.instance.areas_covered():
                    policy.forums_of(area, item=self.instance)
            except NoForumConcerned as error:
                self.add_error(None, str(error))
        return cleaned


class YouSaidWeDid(CoProducedSnippet):
    """What somebody said of a text, what is answered, and what is done.

    Made when a comment is accepted (``receivers``). Its forums are those of the text
    that the comment is about.
    """

    base_form_class = AnswerForm

    kind = "you-said-we-did"

    title = models.CharField(
        max_length=150, help_text="What lists and feeds show. Never a person’s name."
    )
    comment = models.OneToOneField(
        Comment, on_delete=models.PROTECT, editable=False, related_name="+"
    )
    # Their words, not an editor's: settled when the comment was accepted.
    said = models.TextField(editable=False, verbose_name="you said")
    response = models.TextField(
        max_length=LONGEST,
        verbose_name="our answer",
        help_text="To whoever wrote it, in plain words. A new line is a new paragraph.",
    )
    action = models.TextField(
        blank=True,
        max_length=LONGEST,
        verbose_name="what we do",
        help_text=(
            "What was done or will be, and by when. If nothing is done, the answer "
            "says why."
        ),
    )
    result = models.ForeignKey(
        Release,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="the version that came of it",
        help_text="Optional, and can follow later: then forums sign once more.",
    )

    panels = [
        FieldPanel("title"),
        FieldPanel("said", read_only=True),
        FieldPanel("response"),
        FieldPanel("action"),
        FieldPanel("result"),
        FieldPanel("release_at"),
        *CoProducedSnippet.co_production_panels,
    ]

    class Meta:
        verbose_name = "answer to a comment"
        verbose_name_plural = "answers to comments"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.title

    def areas_covered(self) -> list[Area]:
        """The areas of the text that the comment is about, as it was last released.

        Raises ``NoForumConcerned`` where one of them is gone: nobody could tell then
        who has to sign.
        """
        return about.areas(self.comment.content_id)

    def topics_covered(self) -> set[int]:
        """The topics of that text: whoever signs for one signs the answer as well."""
        return about.topics(self.comment.content_id)

    def sections(self) -> list[Forum]:
        """Whose section that text stands in; once it is deleted, all who signed it."""
        item = self.comment.proof.item
        if item is None:
            return list(self.comment.proof.forums.all())
        found: list[Forum] = item.sections()
        return found

    def representation(self) -> dict[str, Any]:
        return representation.of_answer(self)

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """The answer as forums will read it, inside the editor's preview panel."""
        item = self.representation()

        @csp_replace({"frame-ancestors": ["'self'"]})
        def show(request: HttpRequest) -> HttpResponse:
            return TemplateResponse(request, "comments/preview.html", {"item": item})

        response: HttpResponse = show(request)  # type: ignore[assignment]
        patch_cache_control(response, no_store=True, private=True)
        return response
