"""Every format of an issue: where it is, for whom, and what makes it."""

from collections.abc import Callable
from dataclasses import dataclass

from . import fragment, markdown, plain, rich_text, structured, wordpress
from .copies import Copy

PLAIN = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, kw_only=True)
class Form:
    """One format. Its address is that of the issue with a full stop and ``suffix``."""

    suffix: str
    name: str
    # Where people paste it, in words that they know.
    goes_to: str
    content_type: str
    make: Callable[[Copy], str | bytes]
    # Whether one can choose how much of each item is in it.
    has_lengths: bool = True
    # Whether it is a file to keep, rather than words to copy.
    is_file: bool = False

    @property
    def media_type(self) -> str:
        return self.content_type.partition(";")[0]


def _word(copy: Copy) -> bytes:
    # Only who makes documents pays for the memory of what makes them.
    from . import word

    return word.make(copy)


def _paper(copy: Copy) -> bytes:
    from . import paper

    return paper.make(copy)


FORMS = {
    form.suffix: form
    for form in (
        Form(
            suffix="rich.html",
            name="Words with headings and links",
            goes_to="Outlook, Gmail, govDelivery, Word, most website editors",
            content_type=HTML,
            make=rich_text.make,
        ),
        Form(
            suffix="html",
            name="HTML for a newsletter tool",
            goes_to="Mailchimp, Brevo, Mailjet: in a block called “code” or “HTML”",
            content_type=HTML,
            make=fragment.make,
        ),
        Form(
            suffix="wordpress.html",
            name="Blocks for WordPress",
            goes_to="WordPress: in the code editor of a page or post",
            content_type=HTML,
            make=wordpress.make,
        ),
        Form(
            suffix="md",
            name="Markdown for GOV.UK Notify",
            goes_to="An email template in GOV.UK Notify",
            content_type="text/markdown; charset=utf-8",
            make=markdown.make,
        ),
        Form(
            suffix="txt",
            name="Plain words",
            goes_to="Anywhere that takes no headings and no links",
            content_type=PLAIN,
            make=plain.long,
        ),
        Form(
            suffix="short.txt",
            name="A short message",
            goes_to="School apps and text messages: at most 600 characters",
            content_type=PLAIN,
            make=plain.short,
            has_lengths=False,
        ),
        Form(
            suffix="docx",
            name="A document for Word",
            goes_to="Newsletters that are made in Word, or to change its size and print",
            content_type=(
                "application/vnd.openxmlformats-officedocument"
                ".wordprocessingml.document"
            ),
            make=_word,
            is_file=True,
        ),
        Form(
            suffix="pdf",
            name="Pages to print",
            goes_to="A PDF on A4: to hang up, to hand out, to attach to a message",
            content_type="application/pdf",
            make=_paper,
            is_file=True,
        ),
        Form(
            suffix="json",
            name="For programs",
            goes_to="JSON: every item in order, with its version",
            content_type="application/json",
            make=structured.make,
            has_lengths=False,
        ),
    )
}
