"""All explorers in one notebook: Lab, Notebook 7, keys, themes, a dead kernel."""

from __future__ import annotations

import json

import pytest

from autograder.gallery import gallery
from backproplab import explorers
from tests.browser.explorers import IMPORTS, Stage
from tests.browser.jupyterlab import Notebook, watched

KEYS = ("m", "d", "d", "x", "ArrowDown", "ArrowUp", "b")
SHOWN = ".jp-NotebookPanel:visible .bpl-x"
THEME = """async (theme) => {
  await window.jupyterapp.commands.execute('apputils:change-theme', { theme });
}"""
DIE = """async () => {
  await window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.shutdown();
}"""
DARK_BODY = "body[data-jp-theme-light='false']"
# What Notebook 7 itself says at its start, bare or beside JupyterLite.
NOISE = (
    "(reading 'schema')",
    "Command 'filebrowser:open-path' not registered",
    "Shared module @jupyterlite/services doesn't exist",
)
OTHER_FOCUS = "a, button, input, select, summary, textarea, [tabindex]"


def as_other_programs_save_it(notebook):
    """VS Code and Colab: no cell ids, another kernel's name, metadata of their own."""
    content = json.loads(json.dumps(notebook))
    content["nbformat_minor"] = 4
    content["metadata"] = {
        "kernelspec": {"name": "python3", "display_name": "Python 3.12.3 ('env')"},
        "colab": {"provenance": [], "toc_visible": True},
        "vscode": {"interpreter": {"hash": "0" * 64}},
    }
    for cell in content["cells"]:
        del cell["id"]
        cell["metadata"] = {"colab": {"base_uri": "https://localhost"}, "vscode": {}}
        cell["metadata"]["id"] = "x1y2"
    return json.dumps(content)


def noise(words):
    return any(known in words for known in NOISE)


def stages(notebook, expected):
    roots = notebook.page.locator(SHOWN)
    roots.nth(expected - 1).wait_for()
    assert roots.count() == expected
    return [Stage(notebook, roots.nth(k)) for k in range(expected)]


@pytest.fixture(scope="module")
def cells():
    return sum(cell.cell_type == "code" for cell in gallery().cells)


@pytest.fixture(scope="module")
def in_lab(jupyter, notebook, cells):
    text = as_other_programs_save_it(gallery())
    (jupyter.root / "gallery.ipynb").write_text(text, "utf-8")
    notebook.switch("gallery.ipynb")
    notebook.run_all()
    yield stages(notebook, cells)
    notebook.close()


def test_sound_in_jupyterlab_light_and_dark(in_lab, notebook):
    for stage in in_lab:
        stage.sound()
    notebook.page.evaluate(THEME, "JupyterLab Dark")
    try:
        notebook.page.wait_for_selector(DARK_BODY, state="attached")
        notebook.page.wait_for_selector(f"{SHOWN}.bpl-dark")
        for number, stage in enumerate(in_lab):
            stage.sound()
            stage.picture(f"gallery-dark-{number}")
    finally:
        notebook.page.evaluate(THEME, "JupyterLab Light")


def test_keys_never_reach_the_notebook(in_lab, notebook):
    before = notebook.cells()
    for stage in in_lab:
        focusable = stage.root.locator(OTHER_FOCUS).filter(visible=True)
        for k in range(min(focusable.count(), 8)):
            if focusable.nth(k).is_enabled():
                focusable.nth(k).focus()
                stage.press(*KEYS)
    after = notebook.cells()
    assert list(after) == list(before)
    for name, cell in before.items():
        assert (after[name]["type"], after[name]["source"]) == (
            cell["type"],
            cell["source"],
        )


def test_focus_can_be_seen(in_lab):
    for stage in in_lab:
        stage.root.locator("button:enabled, input:enabled").first.focus()
        stage.press("Tab", "Shift+Tab")  # as a keyboard does, not as a mouse
        outline = stage.page.evaluate(
            "getComputedStyle(document.activeElement).outline"
        )
        assert "3px" in outline and "solid" in outline


def test_sound_in_notebook_7_after_a_round_trip(jupyter, chromium, cells):
    text = as_other_programs_save_it(gallery())
    (jupyter.root / "round-trip.ipynb").write_text(text, "utf-8")
    with watched(chromium, kind=Notebook) as notebook:
        notebook.open(jupyter.url("round-trip.ipynb", "notebook"))
        notebook.run_all()
        notebook.errors = [e for e in notebook.errors if not noise(e)]
        notebook.console = [e for e in notebook.console if not noise(e)]
        for stage in stages(notebook, cells):
            stage.sound()
            stage.root.locator("button:enabled").first.focus()
            stage.press("m", "d", "d", "x")
        assert len(notebook.cells()) == len(gallery().cells)
        notebook.close()


def test_a_kernel_that_died_leaves_a_sentence_and_a_notebook(jupyter, notebook):
    path = jupyter.write("died.ipynb", f"{IMPORTS}GraphStepper()")
    notebook.switch(path)
    notebook.run_all()
    (stage,) = stages(notebook, 1)
    shutdown = (
        "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.shutdown()"
    )
    notebook.page.evaluate(shutdown)
    stage.button("Next step").click()
    assert stage.line().startswith("score = w · φ")
    stage.root.get_by_role("button", name="y, value 2").press("Enter")
    stage.press("ArrowRight")
    stage.root.get_by_text("Python has not answered for 5 seconds").wait_for()
    stage.button("Next step").click()
    assert stage.line().startswith("residual = score − y")
    assert "GraphStepper()" in notebook.cells().popitem()[1]["source"]
    notebook.page.evaluate("window.jupyterapp.shell.currentWidget.dispose()")


def test_every_explorer_is_in_the_gallery():
    sources = "".join(cell.source for cell in gallery().cells)
    assert all(f"\n{name}()" in sources for name in explorers.EXPLORERS)
