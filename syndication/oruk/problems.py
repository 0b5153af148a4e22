"""What a reader can get wrong here, besides what any address for programs refuses.

The standard explains no errors, so the status is the type of each (``rest.problems``).
"""

from syndication.rest.problems import Problem


class PostcodeUnknown(Problem):
    default_code = "postcode_unknown"


class ServiceWithdrawn(Problem):
    status_code = 410
    default_code = "service_withdrawn"
    default_detail = (
        "This was taken back. Remove every copy of it. The change log of the partner "
        "API tells of every removal: /api/v1/changes"
    )
