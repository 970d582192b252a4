"""The pictures of the README: true screenshots, taken again by

python -m tests.browser.screenshots
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

from autograder.demo import hand_in
from autograder.demo_class import LESSON, SUBMISSIONS
from autograder.doctor import find_browser
from autograder.grading.command import grade_command
from autograder.places import LESSONS
from backproplab.explorers import DeltaFlow
from tests.browser.explorers import on_page
from tests.browser.jupyterlab import Notebook, browser, server, watched

PICTURES = LESSONS.parent / "docs" / "_static" / "pictures"
COLOURS = 64

# As a page looks when nobody has just clicked on a cell.
UNTOUCHED = ".jp-cell-toolbar,.jp-Collapser{visibility:hidden}"

WRONG = """\
def grad_cs221(phi, y, V, w):
    h = sigmoid(V @ phi)
    residual = w @ h - y
    return 2 * residual * h, 2 * residual * np.outer(w, phi)"""


def verdict(chromium: Browser, scratch: Path) -> None:
    """A wrong answer and its check, in JupyterLab."""
    root = scratch / "root"
    root.mkdir()
    with (
        server(root, scratch) as jupyter,
        watched(chromium, Notebook, viewport={"width": 900, "height": 700}) as notebook,
    ):
        setup = (
            "import numpy as np\n\nfrom autograder import check\n"
            "from backproplab.neurons import sigmoid"
        )
        asked = 'check("grad_cs221", grad_cs221)'
        path = jupyter.write("lesson.ipynb", setup, WRONG, asked)
        notebook.open(jupyter.url(path))
        notebook.run_all()
        page = notebook.page
        page.add_style_tag(content=UNTOUCHED)
        first = page.locator(".jp-CodeCell").nth(1).bounding_box()
        last = page.locator(".bpl-verdict").bounding_box()
        assert first and last
        clip = {"x": first["x"], "y": first["y"], "width": 800}
        clip["height"] = last["y"] + last["height"] + 8 - first["y"]
        _keep(page.screenshot(clip=clip), "verdict", scratch)


def explorer(chromium: Browser, scratch: Path) -> None:
    """Error signals on their way back through the XOR network."""
    size = {"width": 840, "height": 700}
    with on_page(chromium, DeltaFlow(), viewport=size) as stage:
        stage.root.locator("input").first.focus()
        stage.press("2", "Enter")
        stage.button("Next: δ of layer 1").click()
        unit, part = "unit 1 of layer 1", "weight from input 1"
        stage.root.get_by_label("Unit", exact=True).select_option(label=unit)
        stage.root.get_by_label("Part of this unit").select_option(label=part)
        _keep(stage.root.screenshot(), "explorer", scratch)


def report(chromium: Browser, scratch: Path) -> None:
    """The class report on the eight made-up students."""
    for submission in SUBMISSIONS:
        target = scratch / "class" / submission.student / f"{LESSON}.ipynb"
        hand_in(submission, LESSONS / f"{LESSON}.ipynb", target)
    grade_command([scratch / "class"], scratch / "out", format="json")
    page = chromium.new_page(viewport={"width": 900, "height": 560})
    page.goto((scratch / "out" / "class.html").as_uri())
    _keep(page.screenshot(), "report", scratch)


def _keep(data: bytes, name: str, scratch: Path) -> None:
    """Write the picture with few colours, which is a fifth of its size."""
    draft = scratch / f"{name}.png"
    draft.write_bytes(data)
    with Image.open(draft) as image:
        few = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        few.save(PICTURES / f"{name}.png", optimize=True)


def main() -> None:
    """Take all of them."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    os.environ["MPLBACKEND"] = "Agg"
    with tempfile.TemporaryDirectory() as folder, browser(find_browser() or "") as one:
        for take in (verdict, explorer, report):
            scratch = Path(folder, take.__name__)
            scratch.mkdir()
            take(one, scratch)


if __name__ == "__main__":
    main()
