"""Who signs, for where, and what content is about. Configuration, not content."""

from django.contrib.auth.models import Group
from django.db import models
from wagtail.admin.panels import FieldPanel


class Forum(models.Model):
    """A parent carer forum. Its members are the people in its group."""

    name = models.CharField(max_length=120, unique=True)
    short_name = models.CharField(
        max_length=20, help_text="As families say it, for example PACC."
    )
    slug = models.SlugField(unique=True)
    website = models.URLField(blank=True)
    group = models.OneToOneField(
        Group,
        on_delete=models.PROTECT,
        related_name="forum",
        help_text="Everyone in this group may sign for the forum.",
    )

    panels = [
        FieldPanel("name"),
        FieldPanel("short_name"),
        FieldPanel("slug"),
        FieldPanel("website"),
        FieldPanel("group"),
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
