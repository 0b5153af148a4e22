"""Every address below ``/admin/``, and with what it is asked for in the matrix."""

import io
import uuid
from types import SimpleNamespace
from typing import Any

from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLResolver
from django.utils import timezone
from PIL import Image as Picture
from wagtail.admin.api.views import PagesAdminAPIViewSet
from wagtail.admin.models import EditingSession
from wagtail.admin.views.bulk_action.registry import bulk_action_registry
from wagtail.contrib.settings.registry import registry as settings_registry
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.models import Collection, Site, UploadedFile, Workflow

from cms import comments, forums, sign_off, tree
from cms.models import (
    Acronym,
    Area,
    Forum,
    LocalOfferIndexPage,
    SharedBlock,
    Term,
    Topic,
)
from syndication.comments.models import YouSaidWeDid
from syndication.models import Release
from syndication.newsletters.models import Issue, IssueItem, Mailing
from syndication.partners.models import ApiKey

from .every_block import PDF
from .partners import make_key, make_partner
from .voices import make_consent, text, voice

ADMIN = "admin/"


def routes():
    """Every address below ``/admin/``: ``{name: (name to reverse, parameters)}``.

    Where two addresses share a name, the parameters are part of it.
    """
    found = {}
    for address, names, route in _walk(get_resolver()):
        if not address.startswith(ADMIN):
            continue
        name = ":".join([*names, route.name]) if route.name else address
        parameters = frozenset(route.pattern.regex.groupindex)
        parameters |= frozenset(getattr(route.pattern, "converters", ()))
        found[name, parameters] = name
    names = list(found.values())
    return {
        name if names.count(name) == 1 else f"{name}({','.join(sorted(parameters))})": (
            name,
            parameters,
        )
        for name, parameters in found
    }


def _walk(resolver, prefix="", names=()):
    for pattern in resolver.url_patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            more = (pattern.namespace,) if pattern.namespace else ()
            yield from _walk(pattern, address, names + more)
        else:
            yield address, names, pattern


# A word that stands in everything of one owner, for others to be found reading.
SECRETS = {"pacc": "zqpacc7", "pods": "zqpods7", "shared": "zqshared7"}
PRIVATE_ADDRESS = "zqprivate7@example.org"
PARTNER = "Partner zqpartner7"


class Things(SimpleNamespace):
    """What one owner has in the drafting room, all of it marked with a secret."""


def make_things(world, write, submit, edit):
    """``{"pacc": Things, "pods": Things, "shared": Things}``; the last is the editors'."""
    world.somebody = User.objects.create_user("somebody", PRIVATE_ADDRESS)
    world.lead = make_professional(world)
    return {
        "pacc": _things(world, "pacc", world.pacc, world.pat, write, submit, edit),
        "pods": _things(world, "pods", world.pods, world.pip, write, submit, edit),
        "shared": _things(world, "shared", None, world.editor, write, submit, edit),
    }


def make_professional(world):
    """A signatory without a section: the person who signs for it."""
    world.clinical, _ = forums.set_up(
        name="Clinical lead of the provider", short_name="Lead", role="professional"
    )
    world.health = Area.objects.create(name="Health", slug="health")
    world.health.forums.add(world.clinical)
    Topic.objects.create(name="Advice", slug="advice")
    Term.objects.create(
        scheme="tier", code="targeted", name="Targeted", description="For some."
    )
    lead = User.objects.create_user("lead", "lead@example.org")
    lead.groups.add(world.clinical.group)
    return lead


def _things(world, owner, forum, member, write, submit, edit):
    secret = SECRETS[owner]
    signatory = forum or world.clinical
    author = User.objects.create_user(f"author-{owner}", PRIVATE_ADDRESS)
    author.groups.add(*member.groups.all())
    signer = member if forum else world.lead
    section = _section(forum)
    made = {"parent": section, "by": author, "areas": [signatory.areas.get()]}

    draft = edit(
        write(title=f"Draft {secret}", summary=secret, **made),
        author,
        title=f"Draft, second version {secret}",
    )
    # Its voice is in a text that waits: more screens show something of it.
    consent = make_consent(world.admin, alias=f"Alias {secret}", forum=forum)
    waiting = write(title=f"Waiting {secret}", body=[text(), voice(consent)], **made)
    proof = submit(waiting, by=author)
    # What everyone may read, with a later draft that nobody else may.
    public = write(title="Public", **made)
    signed = submit(public, by=author)
    sign_off.sign(
        proof=signed, forum=signatory, by=signer, fingerprint=signed.fingerprint
    )
    public.refresh_from_db()
    edit(public, author, title=f"Next version {secret}")
    for page in (waiting, public):
        page.refresh_from_db()
    collection = _collection(forum)
    comment = comments.receive(
        key=uuid.uuid4(),
        proof=signed,
        version=1,
        topic="content",
        is_gap=False,
        words=f"Comment {secret}",
    )
    return Things(
        owner=owner,
        member=member,
        section=section,
        pages=[draft, waiting, public],
        waiting=waiting,
        public=public,
        proofs=[proof, signed],
        comment=comment,
        collection=collection,
        image=Image.objects.create(
            title=f"Picture {secret}",
            file=ImageFile(picture(), f"{secret}.png"),
            collection=collection,
        ),
        document=Document.objects.create(
            title=f"Paper {secret}",
            file=ContentFile(PDF, f"{secret}.pdf"),
            collection=collection,
        ),
        consent=consent,
        image_upload=_upload(Image, secret, member),
        document_upload=_upload(Document, secret, member),
        session=EditingSession.objects.create(
            user=member, content_object=draft, last_seen_at=timezone.now()
        ),
    )


def _section(forum):
    if forum:
        return LocalOfferIndexPage.objects.get(forum=forum)
    shared = LocalOfferIndexPage(title="Shared", slug="shared", live=True)
    return tree.folder(LocalOfferIndexPage).add_child(instance=shared)


def _collection(forum):
    if forum:
        return Collection.objects.filter(group_permissions__group=forum.group)[0]
    return Collection.get_first_root_node().add_child(name="Shared")


def _upload(model, secret, member):
    content = picture().read() if model is Image else PDF
    suffix = "png" if model is Image else "pdf"
    return UploadedFile.objects.create(
        for_content_type=ContentType.objects.get_for_model(model),
        file=ContentFile(content, f"{secret}.{suffix}"),
        uploaded_by_user=member,
    )


def picture():
    file = io.BytesIO()
    Picture.new("RGB", (20, 10), "#0b5d56").save(file, "PNG")
    file.seek(0)
    return file


def make_issue(world, things):
    """A newsletter issue under review, by an editor, of what the professional signed."""
    issue = Issue(title="First issue " + SECRETS["shared"])
    signed = Release.objects.get(item__content_id=things["shared"].public.content_id)
    issue.items.add(IssueItem(release=signed))
    issue.save()
    issue.save_revision(user=world.editor)
    issue.get_workflow().start(issue, world.editor)
    issue.refresh_from_db()
    return issue


def make_mailing(things):
    """A mailing of what the professional signed, of which nothing went out."""
    signed = Release.objects.get(item__content_id=things["shared"].public.content_id)
    Mailing.objects.create(release=signed, host="test", created_at=timezone.now())


def make_answer(world, things):
    """The answer to a comment on what the professional signed, under review."""
    comment = things["shared"].comment
    comments.publish(comment=comment, by=world.editor, words=comment.words)
    answer = YouSaidWeDid.objects.get(comment=comment)
    answer.response = "An answer " + SECRETS["shared"]
    answer.save()
    answer.save_revision(user=world.editor)
    answer.get_workflow().start(answer, world.editor)
    answer.refresh_from_db()
    return answer


def make_block(world):
    """A shared block under review, by an editor, that the professional is to sign."""
    block = SharedBlock(
        title="Block " + SECRETS["shared"], body=[("paragraph", "<p>Words.</p>")]
    )
    block.areas = [world.health]
    block.save()
    block.save_revision(user=world.editor)
    block.get_workflow().start(block, world.editor)
    block.refresh_from_db()
    return block


def make_partners():
    """A partner with a key, whose name its managers alone may read."""
    make_key(make_partner(PARTNER))


def addresses(name, parameters, things, world):
    """The addresses of a route that are asked for with ``things``.

    Each parameter of the route has its values; a route with a parameter that nobody
    has thought of raises ``KeyError``, so that somebody does.
    """
    if name in UNNAMED:
        return [UNNAMED[name]]
    return list(
        dict.fromkeys(
            reverse(name, kwargs={key: row[key] for key in parameters}) + query
            for row in _rows(name, parameters, things, world)
            for query in _queries(name, row, things, world)
        )
    )


# Two addresses of Wagtail's have no name.
UNNAMED = {
    "admin/test404/": "/admin/test404/",
    "admin/^": "/admin/there-is-no-such-page/",
}

SNIPPETS: dict[str, Any] = {
    "forum": Forum,
    "area": Area,
    "topic": Topic,
    "term": Term,
    "issue": Issue,
    "acronym": Acronym,
    "yousaidwedid": YouSaidWeDid,
    "sharedblock": SharedBlock,
}


def _rows(name, parameters, things, world):
    """The values of a route's parameters, a dictionary for every address."""
    if not parameters:
        return [{}]
    namespace = name.rpartition(":")[0]
    if namespace in PAGES or name in PAGES:
        return _page_rows(name, things)
    if namespace.startswith(("wagtailsnippets_", "wagtailsnippetchoosers_")):
        return [_snippet_row(namespace)]
    if name in ROWS:
        return ROWS[name](things, world)
    return ROWS[namespace or name](things, world)


PAGES = {
    "wagtailadmin_explore",
    "wagtailadmin_explore_results",
    "wagtailadmin_pages",
    "wagtailadmin_api:pages",
    "wagtailadmin_choose_page_child",
}

ROWS = {
    "countersign_newsletter_mail": lambda things, world: [
        {"pk": Issue.objects.get().pk}
    ],
    "wagtailadmin_collections": lambda things, world: [
        {"pk": things.collection.pk, "collection_id": things.collection.pk}
    ],
    "wagtaildocs": lambda things, world: [
        {
            "document_id": things.document.pk,
            "doc_id": things.document.pk,
            "uploaded_file_id": things.document_upload.pk,
        }
    ],
    "wagtaildocs_chooser": lambda things, world: [{"pk": str(things.document.pk)}],
    "wagtailadmin_api:documents": lambda things, world: [{"pk": things.document.pk}],
    "wagtailimages": lambda things, world: [
        {
            "image_id": things.image.pk,
            "filter_spec": "width-10",
            "uploaded_file_id": things.image_upload.pk,
        }
    ],
    "wagtailimages_chooser": lambda things, world: [
        {"pk": str(things.image.pk), "image_id": things.image.pk}
    ],
    "wagtailadmin_api:images": lambda things, world: [{"pk": things.image.pk}],
    "wagtailusers_users": lambda things, world: [{"pk": world.somebody.pk}],
    "wagtailusers_groups": lambda things, world: [{"pk": world.pacc.group_id}],
    "wagtailsites": lambda things, world: [{"pk": Site.objects.get().pk}],
    "wagtailadmin_tag_model_autocomplete": lambda things, world: [
        {"app_name": "taggit", "model_name": "tag"}
    ],
    "wagtailadmin_password_reset_confirm": lambda things, world: [
        {"uidb64": "MQ", "token": "made-up"}
    ],
    "wagtail_bulk_action": lambda things, world: [
        {"app_label": app, "model_name": model, "action": action}
        for app, model, action, _ in bulk_actions(things, world)
    ],
    "wagtailadmin_workflows": lambda things, world: _workflows_rows(things),
    "wagtailadmin_editing_sessions": lambda things, world: [
        {
            "app_label": "cms",
            "model_name": "localofferpage",
            "object_id": str(things.session.object_id),
            "session_id": things.session.pk,
        }
    ],
    "wagtailsettings": lambda things, world: [
        {
            "app_name": model._meta.app_label,
            "model_name": model._meta.model_name,
            "pk": model.load().pk,
        }
        for model in settings_registry
    ],
    "countersign_sign_off:uses": lambda things, world: [
        {"content_id": SharedBlock.objects.get().content_id}
    ],
    "countersign_newsletter_issue": lambda things, world: [
        {"pk": Issue.objects.get().pk}
    ],
    "countersign_consent": lambda things, world: [{"pk": things.consent.pk}],
    "countersign_mailings": lambda things, world: [
        {"key": mailing.key, "action": "pause"} for mailing in Mailing.objects.all()
    ],
    "countersign_partners": lambda things, world: [
        {"pk": key.partner_id, "key": key.pk} for key in ApiKey.objects.all()
    ],
    "consent_chooser": lambda things, world: [{"pk": str(things.consent.pk)}],
    "countersign_sign_off": lambda things, world: [
        {
            "pk": proof.pk,
            "content_id": proof.content_id,
            "comment": things.comment.pk,
        }
        for proof in things.proofs
    ],
}


def _page_rows(name, things):
    if name == "wagtailadmin_api:pages:action":
        return [
            {"pk": page.pk, "action_name": action}
            for page in things.pages
            for action in sorted(PagesAdminAPIViewSet.actions)
        ]
    if "workflow" in name:
        return [_workflow_row(things.waiting, "page_id")]
    return [_page_row(page, things) for page in things.pages]


def _snippet_row(namespace):
    snippet = SNIPPETS[namespace.rpartition("_")[2]].objects.first()
    if isinstance(snippet, Issue | SharedBlock | YouSaidWeDid):
        return _workflow_row(snippet, "pk")
    return {"pk": snippet.pk}


def _page_row(page, things):
    first = page.revisions.order_by("pk").first()
    return {
        "page_id": page.pk,
        "pk": page.pk,
        "page_to_move_id": page.pk,
        "parent_page_id": things.section.pk,
        "destination_id": things.section.pk,
        "revision_id": first.pk,
        "revision_id_a": first.pk,
        "revision_id_b": "latest",
        "content_type_app_name": "cms",
        "content_type_model_name": "localofferpage",
        "app_label": "cms",
        "model_name": "localofferpage",
    }


def _workflow_row(item, key):
    state = item.current_workflow_state
    return {
        key: item.pk,
        "action_name": "approve",
        "task_state_id": state.current_task_state.pk,
        "workflow_state_id": state.pk,
        "task_id": state.current_task_state.task_id,
        "revision_id": item.latest_revision.pk,
        "revision_id_a": item.latest_revision.pk,
        "revision_id_b": "latest",
    }


def _workflows_rows(things):
    workflow = Workflow.objects.get()
    task = workflow.workflow_tasks.get().task
    return [
        {
            "pk": pk,
            "workflow_pk": workflow.pk,
            "page_pk": things.section.pk,
            "task_id": task.pk,
            "app_label": "cms",
            "model_name": "forumsignofftask",
        }
        # Some of these addresses mean the workflow, some its step.
        for pk in (workflow.pk, task.pk)
    ]


def bulk_actions(things, world):
    """Every bulk action there is: app, model, action, and on which objects."""
    objects = {
        ("wagtailcore", "page"): [page.pk for page in things.pages],
        ("wagtailimages", "image"): [things.image.pk],
        ("wagtaildocs", "document"): [things.document.pk],
        ("auth", "user"): [world.somebody.pk],
    } | {
        (model._meta.app_label, model._meta.model_name): [model.objects.first().pk]
        for model in SNIPPETS.values()
    }
    bulk_action_registry._scan_for_bulk_actions()
    return [
        (app, model, action, objects[app, model])
        for app, models in sorted(bulk_action_registry.actions.items())
        for model, actions in sorted(models.items())
        for action in sorted(actions)
    ]


def _queries(name, row, things, world):
    """What follows the address: everything that makes a list show more."""
    if name == "wagtail_bulk_action":
        return ["?" + _ids(row["app_label"], row["model_name"], things, world)]
    if name == "consent_chooser:chosen_multiple":
        return [f"?id={things.consent.pk}"]
    if name.endswith("chosen_multiple"):
        return ["?" + _ids(*CHOSEN[name.rpartition(":")[0]], things, world)]
    return QUERIES.get(name, [""])


def _ids(app, model, things, world):
    ids = {(app, model): ids for app, model, _, ids in bulk_actions(things, world)}
    return "&".join(f"id={pk}" for pk in ids[app, model])


CHOSEN = {
    "": ("wagtailcore", "page"),
    "wagtailimages_chooser": ("wagtailimages", "image"),
    "wagtaildocs_chooser": ("wagtaildocs", "document"),
    "wagtailsnippetchoosers_cms_forum": ("cms", "forum"),
    "wagtailsnippetchoosers_cms_area": ("cms", "area"),
    "wagtailsnippetchoosers_cms_topic": ("cms", "topic"),
    "wagtailsnippetchoosers_cms_term": ("cms", "term"),
    "wagtailsnippetchoosers_newsletters_issue": ("newsletters", "issue"),
    "wagtailsnippetchoosers_cms_acronym": ("cms", "acronym"),
    "wagtailsnippetchoosers_comments_yousaidwedid": ("comments", "yousaidwedid"),
    "wagtailsnippetchoosers_cms_sharedblock": ("cms", "sharedblock"),
}

QUERIES = {
    name: ["", *queries]
    for name, queries in {
        "wagtailadmin_choose_page": ["?page_type=cms.localofferpage"],
        "wagtailadmin_choose_page_child": ["?user_perms=move_to"],
        "wagtailadmin_choose_page_search": ["?q=version", "?q=Waiting"],
        "wagtailadmin_explore_root": ["?q=version", "?export=csv"],
        "wagtailadmin_explore": ["?q=version", "?export=csv"],
        "wagtailadmin_explore_results": ["?q=version"],
        "wagtailadmin_pages:search": ["?q=version", "?q=Waiting"],
        "wagtailadmin_pages:search_results": ["?q=version", "?q=Waiting"],
        "wagtailadmin_pages:type_use": ["?export=csv"],
        "wagtailadmin_reports:locked_pages": ["?export=csv"],
        "wagtailadmin_reports:workflow": ["?export=csv"],
        "wagtailadmin_reports:workflow_tasks": ["?export=csv"],
        "wagtailadmin_reports:site_history": ["?export=csv"],
        "wagtailadmin_reports:aging_pages": ["?export=csv"],
        "wagtailadmin_reports:page_types_usage": ["?export=csv"],
        "countersign_sign_off:register": ["?as=csv"],
        "countersign_sign_off:reviews": ["?show=all", "?show=all&as=csv"],
        "countersign_sign_off:comments": ["?status=waiting"],
        "countersign_sign_off:comments_report": ["?as=csv"],
        "wagtailadmin_tag_autocomplete": ["?term=z"],
        "wagtailadmin_api:pages:listing": ["?for_explorer=1", "?search=version"],
        "wagtailadmin_api:images:listing": ["?search=Picture"],
        "wagtailadmin_api:documents:listing": ["?search=Paper"],
        "wagtailimages:index": ["?q=Picture"],
        "wagtailimages:index_results": ["?q=Picture"],
        "wagtailimages_chooser:choose": ["?q=Picture"],
        "wagtailimages_chooser:choose_results": ["?q=Picture"],
        "wagtaildocs:index": ["?q=Paper"],
        "wagtaildocs_chooser:choose": ["?q=Paper"],
        "wagtailusers_users:index": ["?q=pru"],
        "wagtailsnippetchoosers_newsletters_issue:choose": ["?q=First"],
        "wagtailsnippetchoosers_cms_sharedblock:choose": ["?q=Block"],
    }.items()
}


def form(section):
    """What is posted everywhere: enough for Wagtail's forms not to fall over.

    Copies go to ``section``, which is the visitor's own.
    """
    counts = {
        f"{name}-{kind}": "0"
        for name in ("comments", "items", "rules", "page_permissions", *PANELS)
        for kind in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    return counts | {
        "title": "A title",
        "body-count": "0",
        "co_production-count": "0",
        "formats-count": "0",
        **dict.fromkeys(
            [f"{name}-count" for name in ("places", "hours", "languages", "ways_in")]
            + [f"{name}-count" for name in ("events", "surveys", "reports_on")],
            "0",
        ),
        "new_title": "A copy",
        "new_slug": "a-copy",
        "new_parent_page": section.pk,
        "external-link-chooser-url": "https://example.org",
    }


PANELS = ("image_permissions", "document_permissions", "collection_permissions")
