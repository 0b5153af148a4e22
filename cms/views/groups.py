"""Groups as administrators edit them, without the permissions that are nobody's."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.functional import cached_property
from wagtail.users.forms import (
    BaseGroupPagePermissionFormSet,
    GroupForm,
    GroupPagePermissionFormSet,
    PagePermissionsForm,
)
from wagtail.users.views import groups

from cms.models import Forum
from cms.permissions import nobodys_permissions


class LeastGroupForm(GroupForm):
    """Wagtail's form. What is nobody's is not offered, and taken away on saving."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["permissions"]
        field.queryset = field.queryset.exclude(pk__in=nobodys_permissions())

    def save(self, commit: bool = True) -> Group:
        group: Group = super().save(commit=commit)
        group.permissions.remove(*nobodys_permissions())
        return group


class LeastPagePermissionsForm(PagePermissionsForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["permissions"]
        field.queryset = field.queryset.exclude(pk__in=nobodys_permissions())


class LeastPagePermissionsBaseFormSet(BaseGroupPagePermissionFormSet):
    @property
    def permission_types(self) -> list[tuple[str, str, str]]:
        """The columns of the table, to match the boxes in its rows."""
        nobodys = set(nobodys_permissions().values_list("codename", flat=True))
        return [
            kind
            for kind in BaseGroupPagePermissionFormSet.permission_types
            if kind[0] not in nobodys
        ]


LeastPagePermissionsFormSet = forms.formset_factory(
    LeastPagePermissionsForm,
    formset=LeastPagePermissionsBaseFormSet,
    extra=0,
    can_delete=True,
)


class LeastPanelsMixin:
    """Puts our table of page permissions in the place of Wagtail's."""

    @cached_property
    def permission_panel_forms(self) -> list[Any]:
        return [
            cls(**self.get_permission_panel_form_kwargs(cls))  # type: ignore[attr-defined]
            for cls in (
                LeastPagePermissionsFormSet
                if panel is GroupPagePermissionFormSet
                else panel
                for panel in groups.get_permission_panel_classes()
            )
        ]


class CreateView(LeastPanelsMixin, groups.CreateView):
    pass


class EditView(LeastPanelsMixin, groups.EditView):
    pass


class DeleteView(groups.DeleteView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Refuse, where the database would, with a reason that can be read."""
        forum = Forum.objects.filter(group=self.object).first()
        if forum is None or not self.user_has_permission("delete"):
            return super().dispatch(request, *args, **kwargs)
        messages.error(
            request,
            f"“{self.object}” cannot be deleted: it holds the members of {forum}.",
        )
        return redirect(self.get_success_url())


class GroupViewSet(groups.GroupViewSet):
    add_view_class = CreateView
    edit_view_class = EditView
    delete_view_class = DeleteView

    def get_form_class(self, for_update: bool = False) -> type[GroupForm]:
        return LeastGroupForm
