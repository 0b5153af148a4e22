"""Words of a shared vocabulary, as data: the law and practice change faster than code."""

import datetime as dt
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from wagtail.admin.panels import FieldPanel, FieldRowPanel


class TermQuerySet(models.QuerySet["Term"]):
    def of(self, scheme: str) -> Self:
        return self.filter(scheme=scheme)

    def valid(self, on: dt.date | None = None) -> Self:
        """Terms that are in use on a day, today without one."""
        on = on or timezone.localdate()
        return self.filter(
            Q(valid_from=None) | Q(valid_from__lte=on),
            Q(valid_to=None) | Q(valid_to__gte=on),
        )


class Term(models.Model):
    """One term of one scheme, with the days from which and to which it is in use.

    A term that is over stays where it was chosen, and cannot be chosen newly.
    """

    class Scheme(models.TextChoices):
        NEED = "need", "area of need"
        STAGE = "stage", "stage"
        TIER = "tier", "tier of support"
        OUTCOME = "outcome", "adulthood outcome"
        STATUTORY = "statutory", "statutory item of the Local Offer"

    class Mark(models.TextChoices):
        """How well the wording of a statutory item is established."""

        VERIFIED = "V", "read in the law itself"
        SECONDARY = "S", "taken from a secondary source"
        MEMORY = "M", "written from memory"

    scheme = models.CharField(max_length=20, choices=Scheme.choices)
    code = models.SlugField(
        help_text="Its short name for programs. Do not change it once it is in use."
    )
    name = models.CharField(max_length=200)
    description = models.TextField(
        help_text="What it means, in a sentence. Partners get it as well."
    )
    term_uri = models.URLField(
        blank=True,
        verbose_name="address of the term",
        help_text="Where a national list defines it, for example "
        "https://id.esd.org.uk/…",
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name="part of",
        help_text="Optional: a term of the same scheme that has no such term itself.",
    )
    position = models.PositiveSmallIntegerField(
        default=0, help_text="Its place in lists, the lowest number first."
    )
    valid_from = models.DateField(null=True, blank=True, verbose_name="in use from")
    valid_to = models.DateField(
        null=True,
        blank=True,
        verbose_name="in use to",
        help_text="After this day nobody can choose it newly. Pages keep it.",
    )
    mark = models.CharField(
        max_length=1,
        choices=Mark.choices,
        blank=True,
        verbose_name="how well the wording is established",
        help_text="For statutory items. What was not read in the law itself is shown "
        "as a draft of the law, to be checked.",
    )
    mark_note = models.CharField(
        max_length=200, blank=True, verbose_name="a note on that"
    )

    objects = TermQuerySet.as_manager()

    panels: ClassVar[list[Any]] = [
        FieldPanel("scheme"),
        FieldPanel("code"),
        FieldPanel("name"),
        FieldPanel("description"),
        FieldPanel("term_uri"),
        FieldPanel("parent"),
        FieldPanel("position"),
        FieldRowPanel([FieldPanel("valid_from"), FieldPanel("valid_to")]),
        FieldPanel("mark"),
        FieldPanel("mark_note"),
    ]

    class Meta:
        ordering = ["scheme", "position", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "code"], name="one_term_per_scheme_and_code"
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None)
                | Q(valid_to=None)
                | Q(valid_to__gte=models.F("valid_from")),
                name="term_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        said = f"{self.code} {self.name}" if self.scheme == "statutory" else self.name
        return f"{said} (draft of the law, to be checked)" if self.is_draft else said

    @property
    def is_draft(self) -> bool:
        """Whether it words the law in a way that nobody read in the law itself."""
        return self.mark in (self.Mark.SECONDARY, self.Mark.MEMORY)

    def clean(self) -> None:
        super().clean()
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValidationError(
                {"valid_to": "The last day must not be before the first."}
            )
        if self.parent is None:
            return
        if self.parent.pk == self.pk or self.parent.scheme != self.scheme:
            raise ValidationError({"parent": "Choose another term of the same scheme."})
        if self.parent.parent_id or (self.pk and self.children.exists()):
            raise ValidationError(
                {"parent": "There are two levels: a part of a part is one too many."}
            )
