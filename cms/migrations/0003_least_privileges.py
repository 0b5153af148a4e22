"""The editors' group, and nobody who may publish.

The permissions themselves are made after all migrations, so on a new database those
that the groups below need are made here, as Wagtail's own migrations do. Page
permissions follow with the tree: `manage.py setup_site` makes both.
"""

from django.db import migrations
from django.db.models import Q

EDITORS = "Editors of co-produced content"
NOBODYS = (
    Q(codename__startswith="publish_")
    | Q(codename__startswith="bulk_delete_")
    | Q(codename__startswith="unlock_")
)


def permission(apps, app_label, model, codename, name):
    content_type, _ = apps.get_model("contenttypes.ContentType").objects.get_or_create(
        app_label=app_label, model=model
    )
    found, _ = apps.get_model("auth.Permission").objects.get_or_create(
        content_type=content_type, codename=codename, defaults={"name": name}
    )
    return found


def make_editors(apps):
    group, _ = apps.get_model("auth.Group").objects.get_or_create(name=EDITORS)
    group.permissions.add(
        permission(
            apps, "wagtailadmin", "admin", "access_admin", "Can access Wagtail admin"
        )
    )
    root = apps.get_model("wagtailcore.Collection").objects.filter(depth=1).first()
    if root is None:
        return
    collection_permissions = apps.get_model("wagtailcore.GroupCollectionPermission")
    for codename, name in (
        ("add_image", "Can add image"),
        ("change_image", "Can change image"),
        ("choose_image", "Can choose image"),
    ):
        collection_permissions.objects.get_or_create(
            group=group,
            collection=root,
            permission=permission(apps, "wagtailimages", "image", codename, name),
        )


def take_away_what_is_nobodys(apps):
    nobodys = apps.get_model("auth.Permission").objects.filter(NOBODYS)
    apps.get_model("wagtailcore.GroupPagePermission").objects.filter(
        permission__in=nobodys
    ).delete()
    for group in apps.get_model("auth.Group").objects.filter(permissions__in=nobodys):
        group.permissions.remove(*nobodys)


def remove_stock_publishers(apps):
    # Safe: only without members, and only a workflow that nothing ever went through.
    apps.get_model("auth.Group").objects.filter(
        name__in=["Moderators", "Editors"], user=None
    ).delete()
    states = apps.get_model("wagtailcore.WorkflowState").objects
    for workflow in apps.get_model("wagtailcore.Workflow").objects.filter(
        name="Moderators approval"
    ):
        if not states.filter(workflow=workflow).exists():
            workflow.delete()
    apps.get_model("wagtailcore.GroupApprovalTask").objects.filter(
        name="Moderators approval", workflow_tasks=None, task_states=None
    ).delete()


def forwards(apps, schema_editor):
    make_editors(apps)
    take_away_what_is_nobodys(apps)
    remove_stock_publishers(apps)


def backwards(apps, schema_editor):
    """Nothing: nobody gets a permission back by going to an older version."""


class Migration(migrations.Migration):
    dependencies = [
        ("cms", "0002_append_only"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("wagtailadmin", "0006_formstate"),
        ("wagtailcore", "0098_apitoken"),
        # Earlier, theirs would give the stock groups permissions after we took them.
        ("wagtaildocs", "0014_alter_document_file_size"),
        ("wagtailimages", "0027_image_description"),
    ]
    operations = [migrations.RunPython(forwards, backwards)]
