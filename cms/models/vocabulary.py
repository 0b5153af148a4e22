"""Who signs, for where, and what content is about. Configuration, not content."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models, transaction
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


class Renamed(models.Model):
    """Something whose slug stands in public addresses, and may change all the same.

    The slugs that it had are kept, so that an address from before leads to the new one.
    """

    slug = models.SlugField(unique=True)

    class Meta:
        abstract = True

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        stored = type(self)._default_manager.filter(pk=self.pk)
        before = stored.values_list("slug", flat=True).first() if self.pk else None
        super().save(*args, **kwargs)
        former: Any = getattr(self, "former_slugs")  # noqa: B009 - of each subclass
        if before and before != self.slug:
            # Whoever had it last before is the one that readers mean.
            former.model.objects.update_or_create(slug=before, defaults={"of": self})
            former.filter(slug=self.slug).delete()


class FormerSlug(models.Model):
    """A slug that something had before it was renamed."""

    slug = models.SlugField(unique=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.slug


class Area(Renamed):
    """A council area, or "outside our area". It decides which forums must sign."""

    name = models.CharField(max_length=120, unique=True)
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


class FormerAreaSlug(FormerSlug):
    of = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="former_slugs")


class Topic(Renamed):
    """What an item is about, in words that families use."""

    name = models.CharField(max_length=120, unique=True)

    panels = [FieldPanel("name"), FieldPanel("slug")]

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class FormerTopicSlug(FormerSlug):
    of = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="former_slugs")
