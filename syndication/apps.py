from django.apps import AppConfig


class SyndicationConfig(AppConfig):
    name = "syndication"
    verbose_name = "Syndication"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from cms import uses

        from . import checks, evidence, hosts, receivers  # noqa: F401

        uses.register(hosts.uses)
