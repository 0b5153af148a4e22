"""What every address of this channel does alike."""

from syndication.rest import views


class PublicView(views.PublicView):
    """An anonymous, cacheable address of the standard."""

    # The standard has a description of its own.
    schema = None

    def cache_tags(self) -> tuple[str, ...]:
        return ("oruk", *self.tags)
