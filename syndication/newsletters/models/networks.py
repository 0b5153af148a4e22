"""How often a network asked for the newsletter today."""

from django.db import models


class NetworkCount(models.Model):
    """Requests of one day from one network, which is known by a keyed hash only."""

    day = models.DateField()
    network = models.CharField(max_length=64)
    requests = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "network"], name="one_row_per_day_and_network"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.network[:8]}: {self.requests}"
