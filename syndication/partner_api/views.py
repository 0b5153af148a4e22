"""The keyed addresses: they tell a partner of itself, and take its word of removals."""

from typing import Any, ClassVar, NoReturn
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from syndication import limits
from syndication.models import Change, permalink
from syndication.partners import removals, usage
from syndication.partners.errors import NotARemoval
from syndication.partners.models import Acknowledgement, ApiKey
from syndication.receipts import moment
from syndication.rest import bodies
from syndication.rest.parameters import choice, whole
from syndication.rest.problems import InvalidBody, NotFound
from syndication.rest.views import encode

from . import operations
from .keyed import KeyedView, PrivateView
from .operations import DEFAULT_LIMIT, MOST
from .problems import PROBLEMS, RemovalNotFound, described
from .schema import HIGHEST

READ = ApiKey.Scope.READ.value
ACKNOWLEDGE = ApiKey.Scope.ACKNOWLEDGE.value
ALL, OPEN = "all", "open"
# Bytes: room for two short members with a lot of white space.
LONGEST_BODY = 2000


class Me(KeyedView):
    """Who we think you are, and what your key may do."""

    @operations.me
    def get(self, request: HttpRequest) -> HttpResponse:
        partner = self.key.partner
        return self.respond(
            {
                "organisation": {
                    "name": partner.name,
                    "kind": partner.kind,
                    "website": partner.website or None,
                },
                "contacts": [
                    {"role": one.role, "email": one.email}
                    for one in partner.contacts.all()
                ],
                "areas": [
                    {"slug": one.slug, "name": one.name}
                    for one in partner.areas.order_by("slug")
                ],
                "key": {
                    "name": self.key.name,
                    "prefix": self.key.prefix,
                    "scopes": self.key.scopes,
                    "expires_at": moment(self.key.expires_at),
                },
                "limits": [
                    {"name": one.name, "requests": one.quota, "seconds": one.seconds}
                    for one in map(limits.policy, ("key", "network"))
                    if one.quota
                ],
            }
        )


class Removals(KeyedView):
    """What was taken back that concerns you, oldest first, and what you said of it."""

    scopes: ClassVar[dict[str, str]] = {"GET": READ, "HEAD": READ}
    known_parameters = ("show", "after", "limit")

    @operations.removals
    def get(self, request: HttpRequest) -> HttpResponse:
        show = choice(self.given, "show", (ALL, OPEN)) or ALL
        after = whole(self.given, "after", least=0, most=HIGHEST) or 0
        limit = whole(self.given, "limit", least=1, most=MOST) or DEFAULT_LIMIT
        rows = removals.with_answers(self.key.partner).filter(number__gt=after)
        if show == OPEN:
            rows = rows.filter(removed_at=None)
        page = list(rows.order_by("number")[:limit])
        place = {"after": page[-1].number if page else after}
        asked = {
            name: self.given[name] for name in ("show", "limit") if name in self.given
        }
        following = _address("removals") + "?" + urlencode(asked | place)
        answer = self.respond(
            {"removals": [_removal(row) for row in page], "next": following}
        )
        answer["Link"] = f'<{following}>; rel="next"'
        return answer


class Acknowledgements(KeyedView):
    """Your word that you received a removal, or took every copy down."""

    http_method_names = ["post", "options"]
    scopes: ClassVar[dict[str, str]] = {"POST": ACKNOWLEDGE}

    @operations.acknowledgements
    def post(self, request: HttpRequest) -> HttpResponse:
        number, state = _acknowledgement(request)
        try:
            made, is_new = removals.acknowledge(
                partner=self.key.partner, number=number, state=state
            )
        except NotARemoval as error:
            raise RemovalNotFound(str(error)) from None
        return self.respond(
            {"change": made.change_id, "state": made.state, "at": moment(made.at)},
            status=201 if is_new else 200,
        )


class Usage(KeyedView):
    """How often your keys were used on each of the last 90 days, newest first."""

    scopes: ClassVar[dict[str, str]] = {"GET": READ, "HEAD": READ}

    @operations.usage
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.respond(
            {
                "days": [
                    {
                        "day": one.day.isoformat(),
                        "requests": one.requests,
                        "refused": one.refused,
                    }
                    for one in usage.recent(self.key.partner)
                ],
                "next": None,
            }
        )


class ProblemDetail(PrivateView):
    """What a problem means, at the address in its ``type``. Needs no key."""

    schema = None

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        if code not in PROBLEMS:
            raise NotFound
        return HttpResponse(
            encode(described(PROBLEMS[code])), content_type="application/json"
        )


class Nothing(PrivateView):
    """Every other address below: a problem like any other, never a redirect."""

    schema = None

    def get(self, request: HttpRequest) -> NoReturn:
        raise NotFound

    def refuse_method(self, request: HttpRequest) -> NoReturn:
        raise NotFound


def _address(name: str) -> str:
    # Never from the request's Host header, which a stranger chooses.
    return f"{settings.PUBLIC_ORIGIN}{reverse(f'partner_api:{name}')}"


def _removal(row: Change) -> dict[str, Any]:
    # Without words: those of what vanished are nobody's, and the rest is in the log.
    return {
        "change": row.number,
        "type": row.type,
        "content_id": str(row.content_id),
        "kind": row.kind,
        "version": row.version,
        "at": moment(row.at),
        "url": permalink(row.content_id),
        "acknowledged": {
            state: moment(at) if at else None
            for state, at in (
                ("received", row.received_at),  # type: ignore[attr-defined]
                ("removed", row.removed_at),  # type: ignore[attr-defined]
            )
        },
    }


def _acknowledgement(request: HttpRequest) -> tuple[int, str]:
    said = bodies.read(request, most=LONGEST_BODY)
    if not isinstance(said, dict) or set(said) != {"change", "state"}:
        raise InvalidBody("Send an object with “change” and “state”, and nothing else.")
    number, state = said["change"], said["state"]
    # To JSON Schema 1.0 is a whole number as well.
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    # True is a number to Python, and to nobody else.
    if type(number) is not int or not 1 <= number <= HIGHEST:
        raise InvalidBody("“change” is the number of a removal.")
    if state not in Acknowledgement.State.values:
        raise InvalidBody("“state” is “received” or “removed”.")
    return number, state
