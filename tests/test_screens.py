"""No screen without axe: every template that is a page of its own names its test."""

import re
from pathlib import Path

import pytest

from .screens import FRAMES, OF_DEVELOPERS, SCREENS

ROOT = Path(__file__).parent.parent
A_PAGE = re.compile(r"{% extends|<html")
TEMPLATES = sorted(
    str(path.relative_to(folder))
    for app in ("cms", "site_settings", "syndication")
    for folder in (ROOT / app).rglob("templates")
    for path in folder.rglob("*.html")
    if A_PAGE.search(path.read_text())
)


def test_every_page_is_shown_to_axe_by_a_test():
    assert set(TEMPLATES) - FRAMES - OF_DEVELOPERS == set(SCREENS)


@pytest.mark.parametrize("test", sorted(set(SCREENS.values())))
def test_the_test_that_is_named_is_there(test):
    file, name = test.split("::")

    assert f"def {name}(" in (Path(__file__).parent / file).read_text()
