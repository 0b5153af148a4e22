from .audit import AuditEntry, AuditHead
from .channels import ProofForm, ProofVoice
from .comments import Comment
from .consent import Consent
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
from .reviews import Assurance
from .shared import SharedBlock
from .tasks import ForumSignOffTask
from .terms import Term
from .vocabulary import Area, FormerAreaSlug, FormerTopicSlug, Forum, Topic
from .words import Acronym, KeptWording

__all__ = [
    "Acronym",
    "Area",
    "Assurance",
    "AuditEntry",
    "AuditHead",
    "CoProducedMixin",
    "CoProducedPage",
    "CoProducedSnippet",
    "Comment",
    "Consent",
    "FormerAreaSlug",
    "FormerTopicSlug",
    "Forum",
    "ForumSignOffTask",
    "FrozenAttachment",
    "FrozenImage",
    "HomePage",
    "KeptWording",
    "LocalOfferIndexPage",
    "LocalOfferPage",
    "NewsIndexPage",
    "NewsItemPage",
    "NoReply",
    "Notice",
    "Proof",
    "ProofForm",
    "ProofVoice",
    "SectionPage",
    "SharedBlock",
    "SignOff",
    "Term",
    "Topic",
    "Withdrawal",
]
