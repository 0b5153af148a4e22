"""The Message-ID of a mail to one person: the same for good, and nobody can make one up."""

import uuid

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from syndication.newsletters import bounces, mailings, message_ids
from syndication.newsletters.message_ids import Cipher
from syndication.newsletters.models import Delivery, Mailing, MessageKey

from .newsletter import message_id

OURS = Cipher(b"\x07" * 32)
NUMBERS = st.integers(min_value=1, max_value=2**63 - 1)


@pytest.fixture
def delivery(send_issue, subscribe):
    subscribe()
    send_issue()
    mailings.freeze(mailing=Mailing.objects.get())
    return Delivery.objects.get()


@given(number=NUMBERS)
def test_a_message_id_tells_us_whose_it_is(number):
    assert OURS.delivery_id(uuid.UUID(OURS.local_part(number))) == number


@given(numbers=st.sets(NUMBERS, min_size=2, max_size=50))
def test_no_two_mails_have_the_same(numbers):
    assert len({OURS.local_part(one) for one in numbers}) == len(numbers)


@given(number=NUMBERS, bit=st.integers(min_value=0, max_value=127))
def test_changed_by_one_bit_it_is_nobodys(number, bit):
    """So from one's own mail no Message-ID of another's can be made."""
    changed = uuid.UUID(int=uuid.UUID(OURS.local_part(number)).int ^ (1 << bit))

    assert OURS.delivery_id(changed) is None


@given(number=NUMBERS, secret=st.binary(min_size=32, max_size=32))
def test_one_of_another_installation_is_nobodys(number, secret):
    assert OURS.delivery_id(uuid.UUID(Cipher(secret).local_part(number))) in (
        (number,) if secret == OURS.secret else (None,)
    )


@given(number=st.integers(min_value=1, max_value=10**6))
def test_it_does_not_count_subscribers(number):
    """Neighbours have nothing in common, and no number stands in it as it is."""
    mine, next_one = OURS.local_part(number), OURS.local_part(number + 1)

    assert mine[:8] != next_one[:8]
    assert mine[19:27] != next_one[19:27]


def test_it_stays_the_same_when_the_secret_key_changes(delivery, settings):
    before = message_id(delivery)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "quite another", []

    assert message_id(delivery) == before
    assert bounces.find(message_id=before) == delivery


def test_the_key_is_made_once(delivery):
    assert message_ids.cipher() == message_ids.cipher()
    assert len(bytes(MessageKey.objects.get().secret)) == 32


def test_no_number_of_a_row_is_taken_for_a_message_id(delivery):
    assert bounces.find(message_id=f"<{uuid.UUID(int=delivery.pk)}@x.example>") is None


def test_after_a_restore_no_news_of_an_earlier_mail_is_believed(delivery, tmp_path):
    """Its number is given again, to somebody else's mail."""
    before = message_id(delivery)
    marks = tmp_path / "marks.txt"
    marks.write_text("")

    call_command("subscriber", "--apply-marks", str(marks), "--dry-run")
    assert bounces.find(message_id=before) == delivery
    call_command("subscriber", "--apply-marks", str(marks))

    assert bounces.find(message_id=before) is None
    assert bounces.find(message_id=message_id(delivery)) == delivery
