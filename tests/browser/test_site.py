"""The site as its readers use it: offline, on a phone, in the dark, by keyboard."""

from __future__ import annotations

import re

import pytest

from autograder import release
from autograder.answers import solution_lines
from autograder.places import SOLUTIONS
from backproplab import explorers
from backproplab.explorers import EXPLORERS
from tests.browser.explorers import AXE
from tests.browser.jupyterlab import watched
from tests.browser.site import Page, dead_links, pages_of

LESSONS = [source.stem for source in release.sources()]
DESK = {"width": 1100, "height": 900}
PHONE = {"width": 390, "height": 844}
# axe-core takes a table header that holds nothing but MathML for an empty one.
FINDINGS = """async (rules) =>
  (await axe.run(document, { resultTypes: ['violations'], rules })).violations.flatMap(
    found => found.nodes
      .filter(n => found.id !== 'empty-table-header'
        || !document.querySelector(n.target[0]).querySelector('math'))
      .map(n => `${found.id}: ${n.html}`))"""
CONTRAST = "color-contrast"
WIDER_THAN_THE_SCREEN = "document.documentElement.scrollWidth > innerWidth"


@pytest.fixture(scope="module")
def reader(chromium):
    with watched(chromium) as reader:
        yield reader


def findings(page, rules):
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return page.evaluate(FINDINGS, rules)


def test_every_page_for_every_reader(site, address, reader):
    """Whole, nothing asked from outside, accessible, and fit for a phone.

    axe-core's contrast costs seconds a page: the next test has it.
    """
    for file in pages_of(site):
        reader.page.set_viewport_size(DESK)
        reader.page.goto(f"{address}/{file.relative_to(site)}")
        assert findings(reader.page, {CONTRAST: {"enabled": False}}) == [], file
        reader.page.set_viewport_size(PHONE)
        assert not reader.page.evaluate(WIDER_THAN_THE_SCREEN), file
        assert (reader.errors, reader.console, reader.outside) == ([], [], []), file


def test_every_internal_link_leads_somewhere(site):
    assert dead_links(site) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_contrast(address, chromium, theme):
    with watched(chromium, color_scheme=theme) as reader:
        for name in ("index", "lessons/05_linear_layer"):
            reader.page.goto(f"{address}/{name}.html")
            found = findings(reader.page, {CONTRAST: {"enabled": True}})
            assert found == [], name


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_shows_its_outputs_and_no_answer(site, lesson):
    page = Page(site / "lessons" / f"{lesson}.html")
    shown = squeeze("".join(page.text))
    for cell in release.solved(SOLUTIONS / f"{lesson}.md").cells:
        if "BEGIN SOLUTION" in cell.source:
            assert squeeze("\n".join(solution_lines(cell.source))) not in shown
            assert f'check("{cell["id"]}",' in "".join(page.text).replace("'", '"')
    assert any(link.startswith("data:image/png") for link in page.links)
    assert "Traceback" not in shown


def test_run_it_here_leads_to_the_lesson(site):
    for lesson in (*LESSONS, "explorers"):
        page = Page(site / "lessons" / f"{lesson}.html")
        assert f"../lite/notebooks/index.html?path={lesson}.ipynb" in page.links
        assert (site / "lite" / "files" / f"{lesson}.ipynb").is_file()


def test_a_prediction_is_kept_and_shown_beside_the_measurement(address, reader):
    reader.page.goto(f"{address}/lessons/01_chain_rule.html")
    reader.page.get_by_label("Your prediction").first.fill("10 euros")
    reader.page.reload()
    field = reader.page.get_by_label("Your prediction").first
    assert field.input_value() == "10 euros"
    fold = reader.page.locator("details.reveal").first
    fold.locator("summary").press("Enter")
    fold.locator(".predicted").wait_for()  # "toggle" comes after the key
    assert fold.locator(".predicted").inner_text() == "you predicted: 10 euros"
    assert "measured: 10.8" in fold.inner_text()


def test_formulas_have_a_font_that_knows_them(address, reader):
    reader.page.goto(f"{address}/lessons/03_computation_graphs.html")
    reader.page.evaluate("document.fonts.ready")
    faces = "[...document.fonts].filter(f => f.status == 'loaded').map(f => f.family)"
    assert "STIX Two Math" in str(reader.page.evaluate(faces))


def test_explorers_live_without_a_kernel(address, reader):
    reader.page.goto(f"{address}/lessons/explorers.html")
    for name in EXPLORERS:
        title = getattr(explorers, name).title
        assert reader.page.get_by_role("heading", name=title).count(), name
    shown = reader.page.locator(".bpl-x")
    shown.first.wait_for()
    assert shown.count() >= len(EXPLORERS)
    stepper = shown.first
    stepper.scroll_into_view_if_needed()
    before = stepper.inner_text()
    stepper.get_by_role("button", name="Next step", exact=True).press("Enter")
    assert stepper.inner_text() != before
    assert (reader.errors, reader.console, reader.outside) == ([], [], [])


def test_search_finds_a_lesson_without_a_server(address, reader):
    reader.page.goto(f"{address}/search.html?q=saturated")
    found = reader.page.locator("#search-results li a")
    found.first.wait_for()
    assert re.search(r"lessons/\d\d_", found.first.get_attribute("href"))


def squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)
