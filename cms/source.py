"""Whether what stands in the drafting room is still what was frozen.

A proof's fingerprint covers what the public reads. This digest covers what editors
typed. The two are kept apart on purpose: a renamed topic, a new version of the
sanitiser or a moved server changes the first for the same text, and must neither
void a proof nor unlock a page (docs/adr/0001).
"""

import json
import re
from collections.abc import Set
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from modelcluster.models import get_all_child_relations
from wagtail.fields import StreamField

from . import canonical

# Where an object stands, who locked it, when it was saved: not what it says.
BOOKKEEPING = frozenset(
    {
        "pk", "id", "path", "depth", "numchild", "url_path", "slug", "draft_title",
        "content_type", "page_ptr", "translation_key", "locale", "alias_of", "owner",
        "live", "has_unpublished_changes", "live_revision", "latest_revision",
        "latest_revision_created_at", "first_published_at", "last_published_at",
        "go_live_at", "expire_at", "expired", "locked", "locked_at", "locked_by",
        "wagtail_admin_comments", "index_entries", "_workflow_states", "_revisions",
    }
)  # fmt: skip
BLOCK_KEY = re.compile(r' data-block-key="[^"]*"')


def digest(instance: Any) -> str:
    """Return the SHA-256 of everything an editor can say in ``instance``.

    ``instance`` is a page or snippet, as loaded, as saved, or as rebuilt from a
    revision: all three give the same digest when their content is the same.
    """
    for field in _streams(instance):
        # Blocks that were looked at are written whole, others as they were stored:
        # without this a value left out would be a difference.
        list(getattr(instance, field.name))
    data = json.loads(json.dumps(instance.serializable_data(), cls=DjangoJSONEncoder))
    data = _without(BOOKKEEPING, data)
    for relation in get_all_child_relations(instance):
        name = relation.get_accessor_name()
        if name in data:
            aside = BOOKKEEPING | {relation.field.name}
            data[name] = [_without(aside, child) for child in data[name]]
    for field in _streams(instance):
        if isinstance(data.get(field.name), str):
            data[field.name] = _without_block_ids(json.loads(data[field.name]))
    return canonical.fingerprint(canonical.encode(_as_typed(data)))


def _streams(instance: Any) -> list[StreamField]:
    return [
        field for field in instance._meta.get_fields() if isinstance(field, StreamField)
    ]


def _without(names: Set[str], data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in names}


def _without_block_ids(value: Any) -> Any:
    if isinstance(value, dict):
        names = {"id"} if {"type", "value"} <= value.keys() else set[str]()
        return {
            key: _without_block_ids(item)
            for key, item in _without(names, value).items()
        }
    if isinstance(value, list):
        return [_without_block_ids(item) for item in value]
    return value


def _as_typed(value: Any) -> Any:
    """Drop the random keys of the rich text editor; write fractions as text."""
    if isinstance(value, dict):
        return {key: _as_typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_typed(item) for item in value]
    if isinstance(value, str):
        return BLOCK_KEY.sub("", value)
    if isinstance(value, float):
        return repr(value)
    return value
