"""A lesson in the reader's browser, from the button to the last check.

The site is the published one; only Pyodide's CDN is stood in for.
"""

from __future__ import annotations

import re

import pytest

from autograder import release
from autograder.exercises import lesson
from autograder.places import SOLUTIONS
from tests.browser.explorers import Stage
from tests.browser.jupyterlab import IDLE, Notebook, watched
from tests.browser.pyodide_parts import ASKED, NotToBeHad, stand_in, version_asked_for

LESSON = "01_chain_rule"
EXERCISES = lesson("01")
FIRST = EXERCISES[0].id
WRONG = """\
def d_exp_square(x):
    return np.exp(x**2)
"""
ENDLESS = """\
def d_exp_square(x):
    while True:
        x = x + 1
"""

CONTENT = "window.jupyterapp.shell.currentWidget.content"
FIND = f"{CONTENT}.widgets.find(c => c.model.id === id)"
WRITE = f"([id, text]) => {FIND}.model.sharedModel.setSource(text)"
GO_TO = f"""([id]) => {{
  {CONTENT}.activeCellIndex = {CONTENT}.widgets.indexOf({FIND});
}}"""
RUN = "() => window.jupyterapp.commands.execute('notebook:run-cell')"
SAVE = "() => window.jupyterapp.shell.currentWidget.context.save()"
LIKE_THE_CDN = {
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
}
KINDS = {".mjs": "text/javascript", ".wasm": "application/wasm"}


class LiteNotebook(Notebook):
    """A notebook that runs in the page; what the CDN has comes from a folder."""

    def provide(self, folder):
        def answer(route):
            file = folder / re.sub(ASKED, "", route.request.url).split("?")[0]
            route.fulfill(
                body=file.read_bytes(),
                content_type=KINDS.get(file.suffix, "application/octet-stream"),
                headers=LIKE_THE_CDN,
            )

        self.page.route(ASKED, answer)
        self.page.context.route(ASKED, answer)  # for the service worker

    def _note(self, url):
        if not ASKED.match(url):
            super()._note(url)

    def ready(self):
        """Wait for the notebook and its Python."""
        self.page.wait_for_selector(".jp-Notebook .jp-Cell")
        self.page.wait_for_function(IDLE, arg="", timeout=180_000)

    def write(self, cell, text):
        self.page.evaluate(WRITE, [cell, text])

    def run(self, *cells):
        """Run some cells; what the last one shows."""
        for cell in cells:
            self.page.evaluate(GO_TO, [cell])
            self.page.evaluate(RUN)
        self.page.wait_for_function(IDLE, arg="")
        return self.cells()[cells[-1]]["shown"]


@pytest.fixture(scope="module")
def lite(site, address, chromium):
    try:
        folder = stand_in(version_asked_for(site / "lite"))
    except NotToBeHad as problem:
        pytest.skip(f"the lessons in the browser were NOT tried: {problem}")
    with watched(chromium, kind=LiteNotebook) as lite:
        lite.provide(folder)
        lite.page.goto(f"{address}/lessons/{LESSON}.html")
        lite.page.get_by_role("link", name="Run it here").click()
        lite.ready()
        yield lite


def test_a_lesson_solved_from_the_button_to_the_last_check(lite):
    assert "not written yet" in lite.run("setup", FIRST, f"check-{FIRST}")

    lite.write("d_exp_square", WRONG)
    said = lite.run("d_exp_square", "check-d_exp_square")
    assert "not right yet" in said
    assert "2*x" in squeeze(said) or "2x" in squeeze(said), said

    lite.write("d_exp_square", ENDLESS)
    said = lite.run("d_exp_square", "check-d_exp_square")
    assert "longer than 5 seconds" in said

    for cell in release.solved(SOLUTIONS / f"{LESSON}.md").cells:
        if "BEGIN SOLUTION" in cell.source:
            lite.write(cell["id"], cell.source)
    lite.run_all()
    cells = lite.cells()
    for exercise in EXERCISES:
        shown = cells[f"check-{exercise.id}"]["shown"]
        assert f"{exercise.points} of {exercise.points} points" in shown
    code = [cell for cell in cells.values() if cell["type"] == "code"]
    assert all(cell["ran"] is not None for cell in code)
    assert not any("Error" in cell["shown"] for cell in code)
    lite.picture("lite")
    assert (lite.errors, lite.outside) == ([], [])


def test_an_explorer_is_answered_by_python_in_the_page(lite):
    lite.run("setup", "play")
    root = lite.page.locator(".bpl-x").first
    root.wait_for()
    stage = Stage(lite, root)
    stage.button("Skip").click()
    stage.root.get_by_label("Start at x =").focus()
    stage.press("End")  # x = 1: t = 5, its square 25
    stage.root.get_by_text("25", exact=True).wait_for()
    lite.page.set_viewport_size({"width": 420, "height": 900})
    lite.page.emulate_media(color_scheme="dark")
    lite.page.wait_for_selector(".bpl-x.bpl-dark")
    stage.sound()
    stage.picture("lite-explorer")


def test_the_work_is_there_when_the_reader_comes_back(lite):
    lite.write(FIRST, "def square_twice(a):\n    return 'tomorrow'\n")
    lite.page.evaluate(SAVE)
    lite.page.reload()
    lite.page.wait_for_selector(".jp-Notebook .jp-Cell")
    assert "tomorrow" in lite.cells()[FIRST]["source"]


def squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)
