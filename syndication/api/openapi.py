"""The OpenAPI document of this API, made from the views."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from drf_spectacular.generators import EndpointEnumerator, SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer

from syndication.rest.described import ORIGIN
from syndication.rest.views import ProgramView

DESCRIPTION = (
    "Content for families of children with special educational needs and "
    "disabilities, word for word as parent carer forums signed it. Open to everyone, "
    "read only, without a key; only what concerns you alone needs one. Fields may be added within a version; a field is never "
    "taken away or given another meaning."
)
TAGS = [
    {"name": "Items", "description": "What is public now."},
    {"name": "Changes", "description": "What was published, updated and withdrawn."},
    {"name": "Receipts", "description": "Who signed exactly which text."},
    {
        "name": "Partners",
        "description": "For organisations with a key: what to take down, and confirming it.",
    },
    {"name": "Directory", "description": "Areas, forums, topics and terms."},
]
# What programs send: a name that is not described is refused. What they receive may get
# more names within a version.
SENT = ("Acknowledgement", "Copies", "Copy")


class ProgramEndpoints(EndpointEnumerator):
    """Leaves out other views made with the same framework: the Wagtail admin's."""

    def should_include_endpoint(self, path: str, callback: Callable[..., Any]) -> bool:
        view = getattr(callback, "cls", None)
        return (
            isinstance(view, type)
            and issubclass(view, ProgramView)
            and super().should_include_endpoint(path, callback)
        )


class PartnerSchema(SchemaGenerator):
    """Describes the partner API only."""

    endpoint_inspector_cls = ProgramEndpoints

    def get_schema(self, request: Any = None, public: bool = False) -> Any:
        made = super().get_schema(request, public)  # type: ignore[no-untyped-call]
        made["info"] |= {
            "description": DESCRIPTION,
            "contact": {"name": "The publisher", "url": ORIGIN},
            # The publisher chooses it, and every page names it.
            "license": {"name": "As each page of the publisher says", "url": ORIGIN},
        }
        for sent in SENT:
            made["components"]["schemas"][sent]["additionalProperties"] = False
        # No key is needed, and that is said rather than left open.
        return made | {"servers": [{"url": ORIGIN}], "security": [], "tags": TAGS}


@cache
def document(*, origin: str) -> dict[str, Any]:
    """Return the document as plain JSON values, with addresses below ``origin``.

    Made once per process and origin: the rest changes only with the code.
    """
    made = PartnerSchema().get_schema(public=True)  # type: ignore[no-untyped-call]
    written = OpenApiJsonRenderer().render(made).decode()
    plain: dict[str, Any] = json.loads(
        written.replace(ORIGIN, json.dumps(origin)[1:-1])
    )
    return plain
