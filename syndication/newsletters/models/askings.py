"""What was sent with a form, until a worker looks whom it concerns."""

from django.db import models


class Asking(models.Model):
    """One form that somebody sent with an address. Gone within seconds.

    The page that takes it in writes this one row and looks nothing up. So it answers
    alike, in what it says and in how long it takes, for an address that is known and
    for one that is not.
    """

    class Sort(models.TextChoices):
        SUBSCRIBE = "subscribe", "the newsletter"
        LINK = "link", "the link to their own choices"
        MOVE = "move", "the newsletter at another address"

    sort = models.CharField(max_length=10, choices=Sort.choices)
    email = models.EmailField(max_length=254)
    asked_at = models.DateTimeField()
    # What else the form said: see ``askings``.
    details = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.get_sort_display()} asked for at {self.asked_at:%Y-%m-%d %H:%M}"
