"""The register of letters, and why editors kept words that a program doubted."""

from django.conf import settings
from django.db import models
from wagtail.admin.panels import FieldPanel

from cms import words

from .vocabulary import Area


class Acronym(models.Model):
    """Letters, and the words that they stand for. Kept by editors."""

    class Use(models.TextChoices):
        EXPLAIN = "explain", "Explained at its first use"
        KNOWN = "known", "Known to every family: needs no explanation"
        AVOID = "avoid", "Not used: the words stand in its place"

    short_form = models.CharField(
        max_length=20, unique=True, help_text="The letters, for example EHC."
    )
    long_form = models.CharField(
        max_length=150,
        help_text="As it stands in the middle of a sentence, for example “education, "
        "health and care”.",
    )
    use = models.CharField(
        max_length=10,
        choices=Use.choices,
        default=Use.EXPLAIN,
        verbose_name="how it is used",
    )
    area = models.ForeignKey(
        Area,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="only in",
        help_text="Where the letters mean this. Empty: everywhere.",
    )
    note = models.CharField(max_length=300, blank=True, help_text="For editors.")

    panels = [
        FieldPanel("short_form"),
        FieldPanel("long_form"),
        FieldPanel("use"),
        FieldPanel("area"),
        FieldPanel("note"),
    ]

    class Meta:
        ordering = ["short_form"]

    def __str__(self) -> str:
        return f"{self.short_form} ({self.long_form})"


class KeptWording(models.Model):
    """Why an item keeps words that a program doubted. Forums read it beside the hint.

    The newest of each kind counts; the ones before it stay.
    """

    content_id = models.UUIDField()
    code = models.CharField(max_length=20, choices=list(words.KINDS.items()))
    reason = models.CharField(max_length=500)
    # Of the draft that it was said of: tells whether that has changed (see cms.source).
    source_digest = models.CharField(max_length=64)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["content_id", "-id"])]

    def __str__(self) -> str:
        return f"{self.get_code_display()}: {self.reason}"
