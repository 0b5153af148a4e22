"""How an operation is described in OpenAPI: its answer, and all that it refuses.

Nothing is serialised by the classes here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework import serializers

from .problems import CONTENT_TYPE, Problem, Retired
from .retirement import Retirement

Method = TypeVar("Method", bound=Callable[..., Any])
# Of the addresses in examples.
ORIGIN = "https://localoffer.example"
# The day on which a deprecated operation ends, and what replaces it.
SUNSET = "x-sunset"
SUCCESSOR = "x-successor"


Schema = serializers.Serializer[Any]


class Description(AutoSchema):
    """How a view is described, unless its ``operations`` say more; in the settings."""

    @property
    def retirement(self) -> Retirement | None:
        return getattr(self.view, "retirement", None)

    @property
    def explained_at(self) -> str:
        return getattr(self.view, "explained_at", "")

    def is_deprecated(self) -> bool:
        return self.retirement is not None

    def get_extensions(self) -> dict[str, Any]:
        if not self.retirement:
            return {}
        told = {SUNSET: self.retirement.ends_on.isoformat()}
        if self.retirement.instead:
            told[SUCCESSOR] = self.retirement.instead
        return told

    def get_operation(self, *args: Any) -> Any:
        """Describe the operation, and what it answers once its time is over."""
        operation = super().get_operation(*args)
        if operation and self.retirement:
            self._add_end(operation["responses"], self.retirement)
        return operation

    def _add_end(self, answers: dict[str, Any], retirement: Retirement) -> None:
        shape = self.resolve_serializer(RetiredSerializer, "response").ref
        words = f"{Retired.default_code}: {Retired.default_detail}"
        end = answers.setdefault(
            str(Retired.status_code),
            {"content": {CONTENT_TYPE: {"examples": {}}}, "description": ""},
        )
        end["description"] = f"{end['description']} {words}".strip()
        told = end["content"][CONTENT_TYPE]
        told["schema"] = (
            {"anyOf": [told["schema"], shape]} if "schema" in told else shape
        )
        told["examples"][Retired.title] = {
            "value": problem_example(Retired, explained_at=self.explained_at)
            | retirement.members(origin=ORIGIN)
        }


class ProblemSerializer(Schema):
    """An error (RFC 9457). Decide by “code”, show “detail” to people."""

    type = serializers.URLField(help_text="Where this error is explained.")
    title = serializers.CharField(help_text="The error in a few words.")
    status = serializers.IntegerField(help_text="The HTTP status again.")
    detail = serializers.CharField(help_text="What is wrong with this request.")
    code = serializers.CharField(help_text="The error for programs; never changes.")
    parameter = serializers.CharField(
        required=False, help_text="The query parameter at fault, if it was one."
    )
    place = serializers.IntegerField(
        required=False, help_text="Which of the entries that you sent, from 0."
    )
    scope = serializers.CharField(
        required=False, help_text="The scope that the key lacks, if that is why."
    )


class RetiredSerializer(ProblemSerializer):
    """The time of this address is over."""

    ended_on = serializers.DateField(help_text="The first day on which it was over.")
    instead = serializers.URLField(
        required=False, help_text="What to use in its place, if it is one address."
    )


def refusals(
    refused: Sequence[type[Problem]],
    shapes: Mapping[int, type[Schema]],
) -> dict[tuple[int, str], OpenApiResponse]:
    """Return the answers of an operation that refuses, by status and media type.

    ``shapes`` are of statuses that say more than ``ProblemSerializer`` does.
    """
    return {
        (status, CONTENT_TYPE): OpenApiResponse(
            shapes.get(status, ProblemSerializer),
            description=" ".join(
                f"{problem.default_code}: {problem.default_detail}"
                for problem in refused
                if problem.status_code == status
            ),
        )
        for status in sorted({problem.status_code for problem in refused})
    }


def examples(
    refused: Iterable[type[Problem]],
    *,
    explained_at: str,
    members: Mapping[str, dict[str, Any]],
) -> list[OpenApiExample]:
    """Return an example of each; ``members`` by code are what it says besides."""
    return [
        OpenApiExample(
            problem.title,
            value=problem_example(problem, explained_at=explained_at)
            | members.get(problem.default_code, {}),
            status_codes=[str(problem.status_code)],
            response_only=True,
            media_type=CONTENT_TYPE,
        )
        for problem in refused
    ]


def problem_example(problem: type[Problem], *, explained_at: str) -> dict[str, Any]:
    """Return what is answered, but for the members of some problems."""
    return {
        "type": f"{ORIGIN}{explained_at}{problem.default_code}",
        "title": problem.title,
        "status": problem.status_code,
        "detail": str(problem.default_detail),
        "code": problem.default_code,
    }
