from .audit import AuditEntry, AuditHead
from .frozen import FrozenAttachment, FrozenImage
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
    "FrozenAttachment",
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
