"""What editors and administrators may set without touching a server."""

from django.core.validators import MinValueValidator
from django.db import models
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel
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
class SignOffSettings(BaseGenericSetting, ClusterableModel):
    """The policy for asking forums."""

    class Dissent(models.TextChoices):
        BLOCK = "block", "Nothing is published that a forum did not agree to"
        PUBLISH = (
            "publish",
            "Editors may ask all forums to sign the text with the dissent in it",
        )

    class Leaving(models.TextChoices):
        ASK = "ask", "It signs once more, and so agrees to leave"
        TELL = "tell", "It is told"

    days_to_answer = models.PositiveSmallIntegerField(
        default=10,
        validators=[MinValueValidator(1)],
        help_text="Days within which a forum is asked to answer.",
    )
    days_before_reminder = models.PositiveSmallIntegerField(
        default=3, help_text="Days before the due date on which forums are reminded."
    )
    days_to_review_correction = models.PositiveSmallIntegerField(
        default=5,
        validators=[MinValueValidator(1)],
        help_text="Days within which a fact that was corrected at once is reviewed.",
    )
    dissent = models.CharField(
        max_length=10,
        choices=Dissent.choices,
        default=Dissent.BLOCK,
        verbose_name="when a forum does not agree",
    )
    leaving = models.CharField(
        max_length=10,
        choices=Leaving.choices,
        default=Leaving.ASK,
        verbose_name="when a text is no longer for a forum that signed it",
    )
    correct_closure = models.BooleanField(
        default=True, verbose_name="a closure or a change at short notice"
    )
    correct_phone = models.BooleanField(default=True, verbose_name="telephone numbers")
    correct_email = models.BooleanField(default=True, verbose_name="email addresses")
    correct_hours = models.BooleanField(default=True, verbose_name="opening hours")
    correct_waiting = models.BooleanField(default=True, verbose_name="waiting times")
    correct_link = models.BooleanField(
        default=True, verbose_name="the address of a call to action"
    )
    correct_dates = models.BooleanField(default=True, verbose_name="dates in fields")

    panels = [
        MultiFieldPanel(
            [
                FieldPanel("days_to_answer"),
                FieldPanel("days_before_reminder"),
                FieldPanel("days_to_review_correction"),
            ],
            heading="How long forums have",
        ),
        FieldPanel("dissent"),
        FieldPanel("leaving"),
        MultiFieldPanel(
            [
                FieldPanel("correct_closure"),
                FieldPanel("correct_phone"),
                FieldPanel("correct_email"),
                FieldPanel("correct_hours"),
                FieldPanel("correct_waiting"),
                FieldPanel("correct_link"),
                FieldPanel("correct_dates"),
            ],
            heading="What may be corrected at once, before forums review it",
        ),
        InlinePanel("rules", heading="Who signs besides the forums", label="Rule"),
    ]

    class Meta:
        verbose_name = "sign-off"

    def __str__(self) -> str:
        return "Sign-off policy"

    @classmethod
    def current(cls) -> "SignOffSettings":
        """Return the policy in force. Unlike ``load`` it writes nothing."""
        return cls.objects.first() or cls()


class SignOffRule(models.Model):
    """One more signatory for some of the content."""

    class Kind(models.TextChoices):
        LOCAL_OFFER = "local-offer", "local offer pages"
        NEWS = "news", "news items"
        ISSUES = "issues", "newsletter issues"

    policy = ParentalKey(
        SignOffSettings, on_delete=models.CASCADE, related_name="rules"
    )
    kind = models.CharField(
        max_length=20, choices=Kind.choices, blank=True, help_text="Empty: everything."
    )
    topic = models.ForeignKey(
        "cms.Topic",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="Only content about this topic. Empty: any.",
    )
    only_joint = models.BooleanField(
        default=False,
        verbose_name="joint items only",
        help_text="Only what is for more than one area.",
    )
    forum = models.ForeignKey(
        "cms.Forum",
        # Nobody may drop out of the policy by being deleted.
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="also signed by",
    )
    reason = models.CharField(
        max_length=200,
        help_text="Shown to whoever is asked, for example “Health content is also "
        "read by the clinical lead.”",
    )

    panels = [
        FieldPanel("kind"),
        FieldPanel("topic"),
        FieldPanel("only_joint"),
        FieldPanel("forum"),
        FieldPanel("reason"),
    ]

    def __str__(self) -> str:
        return self.reason
