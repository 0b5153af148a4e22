"""``manage.py compile_newsletters``: make the issues that are due by the schedule."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.formats import date_format

from cms.models import Area
from site_settings.models import NewsletterSettings
from syndication.newsletters import digests, schedule
from syndication.newsletters.models import DigestRun, Frequency

Outcome = DigestRun.Outcome


class Command(BaseCommand):
    help = (
        "Make every newsletter issue that is due by the schedule in the settings, one "
        "for each area and frequency, and ask its forums to sign it. The worker does "
        "this by itself. Can be run again and by several at once: each issue is made "
        "once, and several periods that were missed become one. Without news none is "
        "made. Exit status 0."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--schedule",
            action="store_true",
            help="only say what comes when; makes nothing",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["schedule"]:
            self._say_schedule()
            return
        made = digests.compile_due()
        for run in made:
            self.stdout.write(f"{_group(run)}: {_said(run)}")
        if not made:
            self.stdout.write("Nothing is due.")

    def _say_schedule(self) -> None:
        newsletter = NewsletterSettings.current()
        now = timezone.now()
        for frequency in schedule.frequencies(newsletter):
            edition = schedule.upcoming(newsletter, frequency, now)
            self.stdout.write(
                f"{frequency.label}: made on {_moment(edition.compile_at)}, to be sent "
                f"on {_moment(edition.send_at)}"
            )
        if not newsletter.weekly and not newsletter.monthly:
            self.stdout.write("No issues are made: see the settings of the newsletter.")


def _group(run: DigestRun) -> str:
    area = Area.objects.filter(slug=run.area_slug).first()
    return f"{area or run.area_slug}, {Frequency(run.frequency).label}"


def _said(run: DigestRun) -> str:
    if run.issue is not None:
        count = len(run.carried)
        items = "1 item" if count == 1 else f"{count} items"
        made = f"made “{run.issue}” with {items}, to be sent on {_moment(run.send_at)}"
        return f"{made}. Not submitted: {run.reason}" if run.reason else made
    if run.outcome == Outcome.BEGAN:
        return "the schedule begins"
    return f"no issue. {run.reason}"


def _moment(moment: Any) -> str:
    local = timezone.localtime(moment, schedule.ZONE)
    return date_format(local, r"l j F Y \a\t H:i")
