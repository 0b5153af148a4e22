from django.apps import AppConfig


class PartnerApiConfig(AppConfig):
    name = "syndication.partner_api"
    default_auto_field = "django.db.models.BigAutoField"
