"""The pages of the site: what they take from code is there, what they say works."""

from __future__ import annotations

import re

import pytest

from autograder.cli import app
from autograder.places import LESSONS

pytest.importorskip("myst_nb")

from docs import from_lessons  # noqa: E402
from docs.generated import call  # noqa: E402

DOCS = LESSONS.parent / "docs"
PAGES = sorted([*DOCS.glob("*.md"), LESSONS.parent / "README.md"])
GENERATED = {
    name
    for page in PAGES
    for name in re.findall(r"^```\{generated\} (\S+)$", page.read_text("utf-8"), re.M)
}
OURS = re.compile(r"^ *backproplab (\w+)(.*)$", re.MULTILINE)


@pytest.mark.parametrize("name", sorted(GENERATED))
def test_generated_text_is_made(name: str):
    text = call(name)
    assert len(text) > 40
    for link in re.findall(r"\]\(lessons/(\w+\.ipynb)\)", text):
        assert (LESSONS / link).is_file()


def test_pages_link_to_pages_that_exist():
    for page in PAGES:
        for link in re.findall(r"\]\((\w+\.md)\)", page.read_text("utf-8")):
            assert (page.parent / link).is_file(), f"{page.name}: {link}"


def test_every_page_is_in_a_table_of_contents():
    index = (DOCS / "index.md").read_text("utf-8").split("\n")
    missing = [p.stem for p in PAGES if p.parent == DOCS and p.stem not in index]
    assert missing == ["index"]


def test_commands_on_pages_exist_with_their_options():
    import typer

    group = typer.main.get_command(app)
    for page in PAGES:
        for name, rest in OURS.findall(page.read_text("utf-8")):
            command = group.commands.get(name)
            assert command is not None, f"{page.name}: backproplab {name}"
            options = {o for p in command.params for o in (*p.opts, *p.secondary_opts)}
            assert set(re.findall(r"--[a-z-]+", rest)) <= options, (
                f"{page.name}: {rest}"
            )


def test_every_erratum_and_table_of_the_lessons_is_collected():
    """A lesson's box that the page would not find is a page that lies."""
    sources = [p.read_text("utf-8") for p in DOCS.parent.glob("solutions/*.md")]
    boxes = sum(text.count("Erratum") for text in sources)
    assert boxes == sum(len(list(from_lessons._errata(text))) for text in sources) > 5
    tables = sum(text.count("## Five notations") for text in sources)
    assert call("docs.from_lessons:notations").count("\n## ") + 1 == tables
