"""The coverage of the Local Offer in the admin, and as a file."""

from collections.abc import Iterator, Sequence

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from cms import sign_off, spreadsheets
from cms.permissions import sees_everything

from . import coverage

NAME = "countersign_coverage"
HEADINGS = (
    "Area",
    "Code",
    "Item",
    "Wording",
    "State",
    "Page",
    "Address",
    "To be checked by",
)
FILES = {
    "csv": (spreadsheets.as_csv, "text/csv; charset=utf-8"),
    "xlsx": (spreadsheets.as_xlsx, spreadsheets.XLSX),
}


def report(request: HttpRequest) -> HttpResponseBase:
    """What is told where, for everyone who signs, edits or administers."""
    user = request.user
    if not (sign_off.forums_of(user).exists() or sees_everything(user)):
        raise PermissionDenied
    today = timezone.localdate()
    areas = coverage.of_areas(today=today)
    form = request.GET.get("as")
    if form not in FILES:
        return TemplateResponse(
            request, "syndication/coverage.html", {"areas": areas, "today": today}
        )
    make, content_type = FILES[form]
    return StreamingHttpResponse(
        make("Coverage", HEADINGS, _rows(areas)),
        content_type=content_type,
        headers={
            "Content-Disposition": f'attachment; filename="coverage-{today}.{form}"'
        },
    )


def _rows(
    areas: Sequence[coverage.AreaCoverage],
) -> Iterator[list[spreadsheets.Cell]]:
    """A line for each page that tells an item, and one for each that none tells."""
    for area in areas:
        for cell in area.cells:
            draft = "draft, to be checked" if cell.item.get("is_draft") else "law"
            head = [area.name, cell.item["code"], cell.item["name"], draft]
            for page in cell.pages:
                said = coverage.SAID[
                    coverage.State.STALE if page.is_stale else coverage.State.CURRENT
                ]
                due = page.review_by.isoformat() if page.review_by else ""
                yield [*head, said, page.title, page.path, due]
            if not cell.pages:
                yield [*head, cell.said, "", "", ""]
