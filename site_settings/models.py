"""What editors and administrators may set without touching a server."""

from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting


@register_setting(icon="globe")
class PublisherSettings(BaseGenericSetting):
    """Who publishes, as named in feeds, mails and on every public page."""

    name = models.CharField(max_length=120, default="Countersign")
    contact_email = models.EmailField(blank=True, help_text="A shared mailbox.")
    licence_name = models.CharField(
        max_length=120, default="Open Government Licence v3.0"
    )
    licence_url = models.URLField(
        default="https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
    )

    panels = [
        FieldPanel("name"),
        FieldPanel("contact_email"),
        FieldPanel("licence_name"),
        FieldPanel("licence_url"),
    ]

    class Meta:
        verbose_name = "publisher"

    def __str__(self) -> str:
        return self.name


@register_setting(icon="mail")
class NewsletterSettings(BaseGenericSetting):
    """How the newsletter names itself, and what subscribers agree to."""

    title = models.CharField(max_length=120, default="SEND news")
    from_name = models.CharField(max_length=120, blank=True)
    reply_to = models.EmailField(
        blank=True, help_text="A shared mailbox. Answers to the newsletter go there."
    )
    consent_wording = models.TextField(
        default=(
            "I would like to get this newsletter by email. I can leave at any time "
            "with one click."
        ),
        help_text=(
            "Name every organisation that relies on this consent. The wording shown "
            "is kept with each subscription."
        ),
    )

    panels = [
        FieldPanel("title"),
        FieldPanel("from_name"),
        FieldPanel("reply_to"),
        FieldPanel("consent_wording"),
    ]

    class Meta:
        verbose_name = "newsletter"

    def __str__(self) -> str:
        return self.title


@register_setting(icon="check")
class SignOffSettings(BaseGenericSetting):
    """The policy for asking forums."""

    days_to_answer = models.PositiveSmallIntegerField(
        default=10, help_text="Days within which a forum is asked to answer."
    )

    panels = [FieldPanel("days_to_answer")]

    class Meta:
        verbose_name = "sign-off"

    def __str__(self) -> str:
        return "Sign-off policy"
