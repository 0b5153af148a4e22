"""Mail to the people who write and sign, as a part of the ledger."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from cms.ledger import Entry

from .consent import Consent
from .proofs import Proof, SignOff
from .vocabulary import Forum

REVIEWS = ("review_soon", "review_due")
MEMBERSHIP = ("joined", "gone", "you_joined", "you_left")


class Notice(Entry):
    """One message to one person about one proof, or about who signs for a forum.

    What it says is made when it is sent (``cms.letters``), so it is never older than
    the facts. Whatever writes notices may run again: nobody is told anything twice.
    """

    class Purpose(models.TextChoices):
        WAITS = "waits", "waits for a forum"
        ASKED_TOO = "asked_too", "another forum is asked"
        NOBODY_LEFT = "nobody_left", "nobody in a forum may sign"
        REMINDER = "reminder", "still waits for a forum"
        OVERDUE = "overdue", "a forum did not reply, to its second person"
        NO_REPLY = "no_reply", "a forum did not reply, to editors"
        UNREVIEWED = "unreviewed", "a correction is overdue"
        CHANGES = "changes", "a forum asks for changes"
        NOT_AGREED = "not_agreed", "a forum does not agree"
        TAKEN_BACK = "taken_back", "a forum took its sign-off back"
        VOID = "void", "no longer waits"
        PUBLIC = "public", "signed and public"
        WITHDRAWN = "withdrawn", "no longer public"
        BLOCK_GONE = "block_gone", "a shared block left the texts that held it"
        HOSTS_WAIT = "hosts_wait", "texts cannot follow a shared block by themselves"
        LEFT = "left", "a forum is no longer asked"
        REVIEW_SOON = "review_soon", "is to be checked soon"
        REVIEW_DUE = "review_due", "is to be checked now"
        CONSENT_ENDED = "consent_ended", "a voice in it was taken out"
        CONSENT_REVIEW = "consent_review", "a consent is to be reviewed"
        JOINED = "joined", "somebody can sign for their forum"
        GONE = "gone", "somebody no longer signs for their forum"
        YOU_JOINED = "you_joined", "they can sign for a forum"
        YOU_LEFT = "you_left", "they no longer sign for a forum"
        COMMENTS = "comments", "comments wait to be read"
        LEFT_OUT = "left_out", "something is left out of a signed issue"

    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    proof = models.ForeignKey(
        Proof, on_delete=models.CASCADE, null=True, related_name="notices"
    )
    # The forum that it is about, which need not be the recipient's.
    forum = models.ForeignKey(
        Forum, on_delete=models.CASCADE, null=True, related_name="+"
    )
    # Which one was taken back: that can happen more than once to a proof.
    sign_off = models.ForeignKey(
        SignOff, on_delete=models.CASCADE, null=True, related_name="+"
    )
    # Of which check a reminder reminds: the same text is checked every year.
    review_by = models.DateField(null=True)
    # Which one ended, or is to be reviewed. No mail says anything of it.
    consent = models.ForeignKey(
        Consent, on_delete=models.CASCADE, null=True, related_name="+"
    )
    # The name of who joined or left: their account may go. Of comments, the day.
    about = models.CharField(max_length=254, blank=True)

    class Meta(Entry.Meta):
        constraints = [
            *Entry.Meta.constraints,
            models.UniqueConstraint(
                fields=["purpose", "proof", "forum", "recipient"],
                condition=Q(
                    proof__isnull=False, forum__isnull=False, sign_off__isnull=True
                ),
                name="one_notice_per_person_forum_and_proof",
            ),
            models.UniqueConstraint(
                fields=["purpose", "proof", "recipient"],
                condition=Q(
                    forum__isnull=True, review_by__isnull=True, consent__isnull=True
                ),
                name="one_notice_per_person_and_proof",
            ),
            models.UniqueConstraint(
                fields=["purpose", "proof", "review_by", "recipient"],
                condition=Q(review_by__isnull=False),
                name="one_reminder_per_person_and_check",
            ),
            models.UniqueConstraint(
                fields=["purpose", "proof", "consent", "recipient"],
                condition=Q(consent__isnull=False),
                name="one_notice_per_person_proof_and_consent",
            ),
            models.CheckConstraint(
                condition=Q(purpose__in=REVIEWS, review_by__isnull=False)
                | (~Q(purpose__in=REVIEWS) & Q(review_by=None)),
                name="reminder_of_a_check_says_of_which",
            ),
            models.UniqueConstraint(
                fields=["purpose", "sign_off", "recipient"],
                condition=Q(sign_off__isnull=False),
                name="one_notice_per_person_and_sign_off",
            ),
            models.UniqueConstraint(
                fields=["purpose", "about", "recipient"],
                condition=Q(purpose="comments"),
                name="one_notice_of_comments_per_person_and_day",
            ),
            models.CheckConstraint(
                condition=Q(purpose__in=MEMBERSHIP, proof=None, forum__isnull=False)
                | Q(purpose="comments", proof=None, forum=None)
                | Q(purpose="consent_review", proof=None, consent__isnull=False)
                | (
                    ~Q(purpose__in=[*MEMBERSHIP, "comments", "consent_review"])
                    & Q(proof__isnull=False)
                ),
                name="notice_says_what_it_is_about",
            ),
            models.CheckConstraint(
                condition=(Q(purpose__in=["joined", "gone", "comments"]) & ~Q(about=""))
                | (~Q(purpose__in=["joined", "gone", "comments"]) & Q(about="")),
                name="notice_of_membership_names_the_member",
            ),
            models.CheckConstraint(
                condition=Q(purpose="taken_back", sign_off__isnull=False)
                | (~Q(purpose="taken_back") & Q(sign_off=None)),
                name="notice_of_taking_back_names_the_sign_off",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.message_id}: {self.status}"
