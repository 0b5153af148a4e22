from .audit import AuditEntry, AuditHead
from .channels import ProofForm, ProofVoice
from .consent import Consent
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
from .vocabulary import Area, Forum, Topic

__all__ = [
    "Area",
    "AuditEntry",
    "AuditHead",
    "CoProducedMixin",
    "CoProducedPage",
    "CoProducedSnippet",
    "Consent",
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
    "ProofForm",
    "ProofVoice",
    "SectionPage",
    "SignOff",
    "Topic",
    "Withdrawal",
]
