"""The mail of an issue and of an item: made once, its blanks filled in for each."""

import email
from email.policy import default as policy

import pytest

from cms.models import Proof
from syndication.models import Release
from syndication.newsletters import digests, messages
from syndication.newsletters.errors import NotForAMail, PlaceholderLost

TO = "parent@example.org"
MESSAGE_ID = "<5f0c2f0e-3c0b-4a53-9c3a-3f1f2f9f0001@localoffer.example>"
TOKEN = "0f0c2f0e3c0b4a539c3a3f1f2f9f0001.Kb0klDfPlH_huXbQzTdSbSlcdDOxY4Q7PJlptEuVoss"
LEAVE = f"https://localoffer.example/newsletter/unsubscribe/{TOKEN}/"
CHOOSE = f"https://localoffer.example/newsletter/preferences/{TOKEN}/"
PERSONAL = {
    "to": TO,
    "message_id": MESSAGE_ID,
    "unsubscribe": LEAVE,
    "preferences": CHOOSE,
}
MEMBERS = {"PACC": "pat", "PODS": "pip"}


@pytest.fixture
def signed_issue(world, write, release, sign):
    """Write an item, compile and sign an issue of it; gives the issue's release."""

    def signed_issue(**fields):
        release(write(**fields))
        issue = digests.compile_digest()
        proof = Proof.objects.open().get(content_id=issue.content_id)
        for forum in proof.forums.all():
            sign(proof, forum, getattr(world, MEMBERS[forum.short_name]))
        return Release.objects.get(proof=proof)

    return signed_issue


def read(source):
    return email.message_from_bytes(source, policy=policy)


def html_of(message):
    return message.get_body(["html"]).get_content()


def test_one_mould_makes_everybodys_mail(signed_issue):
    mould = messages.mould(signed_issue())

    source = mould.join(**PERSONAL)
    mail = read(source)

    assert mail["To"] == TO
    assert mail["Message-ID"] == MESSAGE_ID
    assert mail["X-Countersign-Delivery"] == MESSAGE_ID[1:37]
    assert mail["List-Unsubscribe"] == f"<{LEAVE}>"
    assert html_of(mail).count(LEAVE) == 2
    assert html_of(mail).count(CHOOSE) == 1
    assert mail.get_body(["plain"]).get_content().count(LEAVE) == 1
    assert b".invalid" not in source
    assert mould.size_of_html == len(mould.html.encode())
    assert b"\n" not in source.replace(b"\r\n", b"")
    assert all(
        len(line) <= 78 for line in source.split(b"\r\n\r\n", 1)[1].split(b"\r\n")
    )


def test_the_same_mail_has_the_same_fingerprint_on_every_machine(signed_issue):
    release = signed_issue()

    one, other = messages.mould(release), messages.mould(release)

    assert one.fingerprint == other.fingerprint
    assert one.blanks != other.blanks
    assert one.join(**PERSONAL) == other.join(**PERSONAL)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("to", "parent@example.org\r\nBcc: all@example.org"),
        ("to", "parent@example.org, all@example.org"),
        ("to", "Pat <parent@example.org>"),
        ("message_id", "<a@b>\r\nX: y"),
        ("unsubscribe", 'https://x.example/"><img src="https://y.example"'),
        ("unsubscribe", "https://x.example/?a=3D"),
        ("preferences", "javascript:alert(1)"),
    ],
)
def test_nothing_personal_can_become_more_than_one_value(signed_issue, name, value):
    mould = messages.mould(signed_issue())

    with pytest.raises(NotForAMail):
        mould.join(**PERSONAL | {name: value})
    with pytest.raises(NotForAMail):
        mould.letter(**PERSONAL | {name: value})


def test_a_template_that_lost_a_personal_link_makes_no_mail(signed_issue, monkeypatch):
    release = signed_issue()
    monkeypatch.setattr(messages, "render_to_string", lambda name, context: "Hello")

    with pytest.raises(PlaceholderLost, match="A personal link got lost in the HTML"):
        messages.mould(release)


def test_an_item_that_is_mailed_by_itself_says_its_signed_words(write, release):
    made = release(write("news", title="The play group is closed on Friday"))

    mail = read(messages.mould(made).join(**PERSONAL))

    assert mail["Subject"] == "The play group is closed on Friday"
    assert "Who can help, and what to try first." in html_of(mail)
