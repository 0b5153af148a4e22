from .audit import AuditEntry, AuditHead
from .images import FrozenImage
from .items import CoProducedMixin, CoProducedSnippet
from .notices import Notice
from .pages import (
    CoProducedPage,
    HomePage,
    LocalOfferIndexPage,
    LocalOfferPage,
    NewsIndexPage,
    NewsItemPage,
    SectionPage,
)
from .proofs import NoReply, Proof, SignOff, Withdrawal
from .reviews import Assurance
from .tasks import ForumSignOffTask
from .vocabulary import Area, Forum, Topic

__all__ = [
    "Area",
    "Assurance",
    "AuditEntry",
    "AuditHead",
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
    "NoReply",
    "Notice",
    "Proof",
    "SectionPage",
    "SignOff",
    "Topic",
    "Withdrawal",
]
