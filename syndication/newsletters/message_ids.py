"""The Message-ID of each delivery: fixed when it is frozen, though it stands in no row.

It is the row's number, enciphered. To write a random one for each of a million people, and
to keep an index of them, took longer than everything else that freezing does.
"""

import secrets
from dataclasses import dataclass
from hashlib import blake2b
from uuid import UUID

from .models import MessageKey

# Of the check, and of the number. Together the 16 bytes of a UUID.
SIZE = 8


@dataclass(frozen=True, slots=True)
class Cipher:
    """Tells a delivery's number in a Message-ID to nobody but us, and ours from others'.

    Eight bytes that depend on the number, then the number under a mask that depends on
    these: a synthetic initialisation vector, as in RFC 5297, from BLAKE2b (RFC 7693).
    One made up at random belongs to a row by a chance of rows to 2^128, one made out of
    another by 2^-64.
    """

    secret: bytes

    def message_id(self, delivery_id: int, host: str) -> str:
        """The Message-ID of a delivery, in its brackets."""
        return f"<{self.local_part(delivery_id)}@{host}>"

    def local_part(self, delivery_id: int) -> str:
        """What stands before the ``@``, in the form of a UUID."""
        number = delivery_id.to_bytes(SIZE)
        check = self._check(number)
        written = (check + self._masked(number, check)).hex()
        # As ``str(UUID(written))``, which takes as long as the rest.
        return (
            f"{written[:8]}-{written[8:12]}-{written[12:16]}"
            f"-{written[16:20]}-{written[20:]}"
        )

    def delivery_id(self, local_part: UUID) -> int | None:
        """The row's number, or None for what we never wrote."""
        check, masked = local_part.bytes[:SIZE], local_part.bytes[SIZE:]
        number = self._masked(masked, check)
        return int.from_bytes(number) if self._check(number) == check else None

    def _check(self, number: bytes) -> bytes:
        return self._digest(number, b"check")

    def _masked(self, number: bytes, check: bytes) -> bytes:
        mask = self._digest(check, b"mask")
        return (int.from_bytes(number) ^ int.from_bytes(mask)).to_bytes(SIZE)

    def _digest(self, words: bytes, purpose: bytes) -> bytes:
        return blake2b(
            words, digest_size=SIZE, key=self.secret, person=purpose
        ).digest()


def cipher() -> Cipher:
    """The cipher of this installation. Its key is made at first use, and stays.

    Kept in the database: another ``SECRET_KEY`` changes no Message-ID on its way.
    """
    key, _ = MessageKey.objects.get_or_create(
        pk=1, defaults={"secret": secrets.token_bytes(32)}
    )
    return Cipher(bytes(key.secret))


def forget_key() -> None:
    """Let another key be made. Of mails from before, no news is believed any more.

    For a database that was restored: it gives numbers again that went out already.
    """
    MessageKey.objects.all().delete()
