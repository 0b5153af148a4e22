"""Who signs, for where, and what content is about. Configuration, not content."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from wagtail.admin.panels import FieldPanel


class Forum(models.Model):
    """Who signs: a parent carer forum, or a professional whom policy asks as well.

    Its members are the people in its group.
    """

    class Role(models.TextChoices):
        FORUM = "forum", "parent carer forum"
        PROFESSIONAL = "professional", "professional signatory"

    name = models.CharField(max_length=120, unique=True)
    short_name = models.CharField(
        max_length=20, help_text="As families say it, for example PACC."
    )
    slug = models.SlugField(unique=True)
    role = models.CharField(
        max_length=20,
        choices=Role.choices,
        default=Role.FORUM,
        help_text=(
            "A professional signatory, such as a clinical lead, signs as well where "
            "the sign-off policy asks for it. It never makes a text co-produced."
        ),
    )
    website = models.URLField(blank=True)
    group = models.OneToOneField(
        Group,
        on_delete=models.PROTECT,
        related_name="forum",
        help_text="Everyone in this group may sign for the forum.",
    )
    second_contact = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Is written to when the forum has not answered in time.",
    )

    panels = [
        FieldPanel("name"),
        FieldPanel("short_name"),
        FieldPanel("slug"),
        FieldPanel("role"),
        FieldPanel("website"),
        FieldPanel("group"),
        FieldPanel("second_contact"),
    ]

    class Meta:
        ordering = ["short_name"]

    def __str__(self) -> str:
        return self.short_name


class Area(models.Model):
    """A council area, or "outside our area". It decides which forums must sign."""

    name = models.CharField(max_length=120, unique=True)
    slug = models.SlugField(unique=True)
    forums = models.ManyToManyField(
        Forum,
        related_name="areas",
        help_text="Every one of these forums must sign what is for this area.",
    )

    panels = [FieldPanel("name"), FieldPanel("slug"), FieldPanel("forums")]

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Topic(models.Model):
    """What an item is about, in words that families use."""

    name = models.CharField(max_length=120, unique=True)
    slug = models.SlugField(unique=True)

    panels = [FieldPanel("name"), FieldPanel("slug")]

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
