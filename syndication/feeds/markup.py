"""Writing well-formed XML 1.0, whatever the words are."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from xml.sax.xmlreader import AttributesImpl

from django.utils.xmlutils import SimplerXMLGenerator

from syndication.xml_words import legal

# The namespace of our own elements: a name, not an address.
COUNTERSIGN = "urn:x-countersign:receipt:1"


class Markup:
    """An XML document under way, one element per line."""

    def __init__(self) -> None:
        self._out = BytesIO()
        self._xml = SimplerXMLGenerator(self._out, "utf-8", short_empty_elements=True)
        self._xml.startDocument()

    @contextmanager
    def inside(
        self, name: str, attributes: Mapping[str, str] | None = None
    ) -> Iterator[None]:
        """Put what follows into an element of this name."""
        self._xml.startElement(name, AttributesImpl(_legal_values(attributes)))
        self._xml.characters("\n")
        yield
        self._xml.endElement(name)
        self._xml.characters("\n")

    def add(
        self,
        name: str,
        text: str | None = None,
        attributes: Mapping[str, str] | None = None,
    ) -> None:
        """Add an element that holds text or nothing."""
        self._xml.addQuickElement(
            name, None if text is None else legal(text), _legal_values(attributes)
        )
        self._xml.characters("\n")

    def add_receipt(self, receipt: Mapping[str, Any]) -> None:
        """Add the receipt for programs; the document declares the prefix ``cs``."""
        plain = {
            name: str(value)
            for name, value in receipt.items()
            if isinstance(value, str | int)
        }
        with self.inside("cs:receipt", plain):
            label = receipt["label"]
            self.add(
                "cs:label",
                label["reason"],
                {"slug": label["slug"], "name": label["name"]},
            )
            for forum in receipt["forums"]:
                self.add(
                    "cs:forum",
                    forum["name"],
                    {
                        "slug": forum["slug"],
                        "role": forum["role"],
                        "decision": forum["decision"],
                        "signed": forum["signed_at"],
                    },
                )
            if before_review := receipt.get("before_review"):
                changed = {"changed": before_review["changed_at"]}
                with self.inside("cs:before-review", changed):
                    for field in before_review["fields"]:
                        self.add("cs:field", field)

    def finish(self) -> bytes:
        self._xml.endDocument()
        return self._out.getvalue()


def _legal_values(attributes: Mapping[str, str] | None) -> dict[str, str]:
    return {name: legal(value) for name, value in (attributes or {}).items()}
