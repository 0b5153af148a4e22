"""What somebody shows on their own website: one text, or a list of them."""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString

from syndication.models import permalink
from syndication.publisher import Publisher

from .selections import ONE, Selection

WIDTH, HEIGHT = 600, 600
# What a text in a frame may do there: run the script that tells its height, and open
# links, telephone numbers and addresses when somebody chooses one.
SANDBOX = (
    "allow-scripts allow-popups allow-popups-to-escape-sandbox "
    "allow-top-navigation-by-user-activation"
)


@dataclass(frozen=True)
class Subject:
    """One thing to show, by its addresses.

    ``label`` names a frame for those who hear it. It stays in pages that nobody changes
    when a text is corrected or taken back, so it is never the title of a text.
    """

    path: str
    link: str
    label: str

    @property
    def embed(self) -> str:
        return f"{settings.PUBLIC_ORIGIN}/embed/{self.path}"

    @property
    def fragment(self) -> str:
        return f"{settings.PUBLIC_ORIGIN}/fragments/{self.path}.html"

    def frame(
        self, width: int | str = "100%", height: int = HEIGHT, *, src: str = ""
    ) -> SafeString:
        """Return the frame in HTML. ``src`` is where from, if not by its full address."""
        return format_html(
            '<iframe src="{}" title="{}" width="{}" height="{}" loading="lazy" '
            'frameborder="0" sandbox="{}"></iframe>',
            src or self.embed,
            self.label,
            width,
            height,
            SANDBOX,
        )


def of_item(content_id: UUID, kind: str, publisher: Publisher) -> Subject:
    """The number tells frames on one page apart, for whoever hears them."""
    number = str(content_id)[:8]
    label = f"{ONE.get(kind, 'Text')} {number} from {publisher['name']}"
    return Subject(str(content_id), permalink(content_id), label)


def of_selection(named: Selection, publisher: Publisher) -> Subject:
    label = f"{named.title}, from {publisher['name']}"
    return Subject(named.path, named.page, label)
