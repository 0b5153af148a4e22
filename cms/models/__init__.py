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
from .tasks import ForumSignOffTask
from .terms import Term
from .vocabulary import Area, Forum, Topic

__all__ = [
    "Area",
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
    "Term",
    "Topic",
    "Withdrawal",
]
