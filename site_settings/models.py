"""What editors and administrators may set without touching a server."""

from calendar import monthrange
from datetime import date, time

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting


def months_after(day: date, months: int) -> date:
    """Return the same day ``months`` later, or the last day of a shorter month.

    >>> months_after(date(2026, 8, 31), 6)
    datetime.date(2027, 2, 28)
    """
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _months(default: int, name: str) -> "models.PositiveSmallIntegerField[int, int]":
    return models.PositiveSmallIntegerField(
        default=default, validators=[MaxValueValidator(120)], verbose_name=name
    )


@register_setting(icon="globe")
class PublisherSettings(BaseGenericSetting):
    """Who publishes, as named in feeds, mails and on every public page."""

    name = models.CharField(max_length=120, default="Countersign")
    contact_email = models.EmailField(blank=True, help_text="A shared mailbox.")
    # PECR regulation 23 and the E-Commerce Regulations 2002: who sends, and from where.
    postal_address = models.CharField(
        max_length=200,
        blank=True,
        help_text="On one line. It stands at the end of every newsletter.",
    )
    licence_name = models.CharField(
        max_length=120, default="Open Government Licence v3.0"
    )
    licence_url = models.URLField(
        default="https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
    )

    # Regulation 57 of the SEND Regulations 2014: how to get a copy in another way.
    other_ways = models.TextField(
        max_length=500,
        default=(
            "Do you need this in another way, for example in large print, in Easy "
            "Read, on paper or in another language? Please ask us. It is free."
        ),
        verbose_name="other ways to get this",
        help_text="Shown below every text, with the shared mailbox. Say whom to ask, "
        "and how people without internet can ask.",
    )

    panels = [
        FieldPanel("name"),
        FieldPanel("contact_email"),
        FieldPanel("postal_address"),
        FieldPanel("other_ways"),
        FieldPanel("licence_name"),
        FieldPanel("licence_url"),
    ]

    class Meta:
        verbose_name = "publisher"

    def __str__(self) -> str:
        return self.name


class Weekday(models.IntegerChoices):
    """A day of the week, numbered as ``date.weekday`` does."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


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
            "What people agree to. The names of the publisher and of every forum are "
            "added behind it, because consent has to name whoever relies on it. Each "
            "wording is kept (Reports, What subscribers agreed to)."
        ),
    )

    weekly = models.BooleanField(
        default=True,
        verbose_name="make a weekly issue",
        help_text="One for each area, of what is new since the last one. Without news "
        "none is made.",
    )
    weekly_day = models.PositiveSmallIntegerField(
        choices=Weekday.choices, default=Weekday.THURSDAY, verbose_name="sent on"
    )
    weekly_time = models.TimeField(default=time(9), verbose_name="at")
    monthly = models.BooleanField(default=True, verbose_name="make a monthly issue")
    monthly_day = models.PositiveSmallIntegerField(
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(31)],
        verbose_name="sent on day",
        help_text="Day of the month. In a shorter month it is the last day.",
    )
    monthly_time = models.TimeField(default=time(9), verbose_name="at")
    days_to_review = models.PositiveSmallIntegerField(
        default=4,
        validators=[MinValueValidator(1), MaxValueValidator(21)],
        verbose_name="days for forums to read it",
        help_text="An issue is made so many days before it is to be sent. Forums are "
        "reminded as of everything else.",
    )
    submit_by_itself = models.BooleanField(
        default=True,
        verbose_name="ask forums at once",
        help_text="Otherwise an issue waits as a draft until an editor submits it.",
    )
    days_until_too_late = models.PositiveSmallIntegerField(
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
        verbose_name="days until it is too late",
        help_text="An issue that is signed later than so many days after its time is "
        "not mailed by itself. Its screen asks an editor first.",
    )

    panels = [
        FieldPanel("title"),
        FieldPanel("from_name"),
        FieldPanel("reply_to"),
        FieldPanel("consent_wording"),
        MultiFieldPanel(
            [
                FieldPanel("weekly"),
                FieldPanel("weekly_day"),
                FieldPanel("weekly_time"),
            ],
            heading="Once a week",
        ),
        MultiFieldPanel(
            [
                FieldPanel("monthly"),
                FieldPanel("monthly_day"),
                FieldPanel("monthly_time"),
            ],
            heading="Once a month",
        ),
        MultiFieldPanel(
            [
                FieldPanel("days_to_review"),
                FieldPanel("submit_by_itself"),
                FieldPanel("days_until_too_late"),
            ],
            heading="Before an issue is sent",
            help_text="Times are those of the United Kingdom, in summer and in winter.",
        ),
    ]

    class Meta:
        verbose_name = "newsletter"

    def __str__(self) -> str:
        return self.title

    @classmethod
    def current(cls) -> "NewsletterSettings":
        """Return what holds now. Unlike ``load`` it writes nothing."""
        return cls.objects.first() or cls()


@register_setting(icon="comment")
class CommentSettings(BaseGenericSetting):
    """How long comments from the public are kept."""

    days_kept = models.PositiveSmallIntegerField(
        default=90,
        validators=[MinValueValidator(1)],
        verbose_name="days until words are deleted",
        help_text=(
            "Days after a decision for which the words of a comment are kept as they "
            "were sent. What is published keeps the words that are published."
        ),
    )

    panels = [FieldPanel("days_kept")]

    class Meta:
        verbose_name = "comments"

    def __str__(self) -> str:
        return "Comments"

    @classmethod
    def current(cls) -> "CommentSettings":
        """Return what holds now. Unlike ``load`` it writes nothing."""
        return cls.objects.first() or cls()


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


@register_setting(icon="date")
class ReviewSettings(BaseGenericSetting):
    """How often what is public is checked again, and who is reminded."""

    months_local_offer = _months(12, "local offer pages")
    months_news = _months(0, "news items")
    months_other = _months(12, "shared blocks and everything else")
    days_before_reminder = models.PositiveSmallIntegerField(
        default=14,
        help_text="Days before the date on which people are reminded. They are "
        "reminded again when the date has passed.",
    )
    second_person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Reminded together with the owner of each page, because owners "
        "leave. Nobody chosen: all editors are.",
    )
    days_until_left_out = models.PositiveSmallIntegerField(
        default=90,
        help_text="Days after the date on which a text that nobody has checked drops "
        "out of lists and search. Its page stays, and says that it is overdue.",
    )

    panels = [
        MultiFieldPanel(
            [
                FieldPanel("months_local_offer"),
                FieldPanel("months_news"),
                FieldPanel("months_other"),
            ],
            heading="Months after which a text is checked again",
            help_text="0 means never, unless its editors name a date.",
        ),
        FieldPanel("days_before_reminder"),
        FieldPanel("second_person"),
        FieldPanel("days_until_left_out"),
    ]

    class Meta:
        verbose_name = "review"

    def __str__(self) -> str:
        return "Review"

    @classmethod
    def current(cls) -> "ReviewSettings":
        """Return what is in force. Unlike ``load`` it writes nothing."""
        return cls.objects.first() or cls()

    def months(self, kind: str) -> int:
        """After how many months items of a kind are checked again; 0 for never."""
        return {
            "local-offer": self.months_local_offer,
            "news": self.months_news,
            # Sent once: nobody checks a newsletter again.
            "issues": 0,
        }.get(kind, self.months_other)


def review_by_default() -> date | None:
    """The day by which a local offer page that is begun today is checked again."""
    months = ReviewSettings.current().months_local_offer
    return months_after(timezone.localdate(), months) if months else None


class SignOffRule(models.Model):
    """One more signatory for some of the content."""

    class Kind(models.TextChoices):
        LOCAL_OFFER = "local-offer", "local offer pages"
        NEWS = "news", "news items"
        ISSUES = "issues", "newsletter issues"
        YOU_SAID = "you-said-we-did", "answers to comments"
        SHARED_BLOCK = "shared-block", "shared blocks"

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
