"""Feeds as they are served: bytes that can be made again at any time."""

from django.db import models


class FeedDocument(models.Model):
    """One feed in one format. ``documents`` alone writes it, and says when it counts."""

    # Behind ``/feeds/``: ``news/shropshire.atom``.
    path = models.CharField(max_length=200, unique=True)
    # What it was made of: the last number of the change log, read before the releases
    # were, and a fingerprint of all else.
    change = models.PositiveBigIntegerField()
    basis = models.CharField(max_length=64)
    body = models.BinaryField()
    compressed = models.BinaryField()
    etag = models.CharField(max_length=32)
    # Seconds since 1970: when these bytes came to be what they are.
    modified = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return self.path


class FeedEdition(models.Model):
    """A number that is raised when feeds are to be made again and the log says nothing."""

    last = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.last)
