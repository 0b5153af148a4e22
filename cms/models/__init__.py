from .images import FrozenImage
from .items import CoProducedMixin, CoProducedSnippet
from .pages import (
    CoProducedPage,
    HomePage,
    LocalOfferIndexPage,
    LocalOfferPage,
    NewsIndexPage,
    NewsItemPage,
)
from .proofs import Proof, SignOff
from .tasks import ForumSignOffTask
from .vocabulary import Area, Forum, Topic

__all__ = [
    "Area",
    "CoProducedMixin",
    "CoProducedPage",
    "CoProducedSnippet",
    "Forum",
    "ForumSignOffTask",
    "FrozenImage",
    "HomePage",
    "LocalOfferIndexPage",
    "LocalOfferPage",
    "NewsIndexPage",
    "NewsItemPage",
    "Proof",
    "SignOff",
    "Topic",
]
