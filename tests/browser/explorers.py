"""An explorer on the screen: opened, driven, photographed and examined.

    with on_page(chromium, GraphStepper()) as stage:        without Python, in 0.3 s
    with in_lab(jupyter, notebook, "GraphStepper()") as stage:     in JupyterLab, in 1 s

``stage.sound()`` asserts all that holds for every explorer.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator

from backproplab.explorers.explorer import Explorer
from tests.browser.jupyterlab import Notebook, Server, Watched, watched

AXE = files("axe_playwright_python") / "axe.min.js"
LEAST_CONTRAST, LEAST_PIXELS = 4.5, 12
PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Explorer</title>'
    '<meta name="viewport" content="width=device-width"><style>:root {{ color-scheme: '
    "light dark }} body {{ margin: 8px }}</style></head><body><main><h1>Explorer</h1>"
    "{fragment}</main></body></html>"
)
PLAYGROUND = "explorers.ipynb"
IMPORTS = "from backproplab.explorers import *\nfrom backproplab.graph import *\n"

# Every visible text with its colour, what is behind its middle, and its size on screen.
TEXTS = """(root) => {
  const colour = words => {
    const c = document.createElement('canvas').getContext('2d');
    c.fillStyle = words; c.fillRect(0, 0, 1, 1);
    return [...c.getImageData(0, 0, 1, 1).data];
  };
  const over = (top, under) => top.slice(0, 3).map(
    (v, i) => v * top[3] / 255 + under[i] * (1 - top[3] / 255));
  const luminance = c => {
    const [r, g, b] = c.map(v => v / 255).map(
      v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const paint = el => {
    const style = getComputedStyle(el);
    if (el.matches('svg') || !(el instanceof SVGElement)) return style.backgroundColor;
    return el.matches('text, g') || style.fill === 'none' ? 'transparent' : style.fill;
  };
  const behind = (el, x, y) => {
    let stack = document.elementsFromPoint(x, y);
    const own = stack.findIndex(e => e === el || el.contains(e));
    if (own >= 0) stack = stack.slice(own);
    const layers = [];
    for (const e of stack) {
      const c = e === el && el instanceof SVGElement ? [0, 0, 0, 0] : colour(paint(e));
      layers.push(c);
      if (c[3] === 255) break;
    }
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255]);
  };
  const found = [];
  for (const el of root.querySelectorAll('*')) {
    const words = [...el.childNodes].filter(n => n.nodeType === 3)
      .map(n => n.textContent.trim()).join('') || (el.matches('input') ? el.value : '');
    const seen = el.checkVisibility({ visibilityProperty: true });
    if (!words || !seen || el.closest(':disabled')) continue;
    el.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
    const box = el.getBoundingClientRect();
    if (!box.width) continue;
    const style = getComputedStyle(el);
    const back = behind(el, box.x + box.width / 2, box.y + box.height / 2);
    const svg = el instanceof SVGElement;
    const front = over(colour(svg ? style.fill : style.color), back);
    const [a, b] = [luminance(front), luminance(back)].sort((p, q) => q - p);
    const scale = svg ? Math.hypot(el.getScreenCTM().a, el.getScreenCTM().b) : 1;
    found.push({ words, contrast: (a + 0.05) / (b + 0.05),
                 pixels: parseFloat(style.fontSize) * scale });
  }
  return found;
}"""

UNGUARDED = """(root) => [...root.querySelectorAll(
    'a, button, input, select, summary, textarea, [tabindex]')]
  .filter(el => el.dataset.lmSuppressShortcuts !== 'true').map(el => el.outerHTML)"""

# Colours are read when no transition is under way.
SETTLED = "() => Promise.allSettled(document.getAnimations().map(a => a.finished))"

AXE_RUN = """async (root) => (await axe.run(root, { resultTypes: ['violations'] }))
  .violations.map(v => `${v.id}: ${v.help}: ${v.nodes.map(n => n.html).join(' | ')}`)"""


class Stage:
    """One explorer on a page."""

    def __init__(self, watched: Watched, root: Locator) -> None:
        self.watched, self.page, self.root = watched, watched.page, root

    def press(self, *keys: str) -> None:
        """Keys for whatever has the focus."""
        for key in keys:
            self.page.keyboard.press(key)

    def button(self, name: str) -> Locator:
        """A button of the explorer by its accessible name."""
        return self.root.get_by_role("button", name=name, exact=True)

    def line(self) -> str:
        """The sentence that screen readers speak."""
        return self.root.locator("[aria-live]").first.inner_text()

    def texts(self) -> list[str]:
        """All words and numbers that can be seen."""
        return [text["words"] for text in self.root.evaluate(TEXTS)]

    def picture(self, name: str) -> None:
        """Keep a picture where BACKPROPLAB_PICTURES says."""
        folder = os.environ.get("BACKPROPLAB_PICTURES")
        if folder:
            self.root.screenshot(path=str(Path(folder) / f"{name}.png"))

    def sound(self) -> None:
        """Assert what holds for every explorer, as it stands now."""
        for heard in (self.watched.errors, self.watched.console, self.watched.outside):
            assert not heard, heard
        assert self.root.evaluate(UNGUARDED) == []
        self.page.evaluate(SETTLED)
        texts = self.root.evaluate(TEXTS)
        faint = [t for t in texts if t["contrast"] < LEAST_CONTRAST]
        small = [t for t in texts if t["pixels"] < LEAST_PIXELS - 0.01]
        assert not faint, f"contrast below {LEAST_CONTRAST}: {faint}"
        assert not small, f"letters below {LEAST_PIXELS} pixels: {small}"
        assert self.accessibility() == []
        too_wide = "() => document.documentElement.scrollWidth > innerWidth"
        assert not self.page.evaluate(too_wide), "the page scrolls sideways"

    def accessibility(self) -> list[str]:
        """What axe-core has to say about it."""
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: list[str] = self.root.evaluate(AXE_RUN)
        return found


@contextmanager
def on_page(browser: Browser, explorer: Explorer, **options: Any) -> Iterator[Stage]:
    """The explorer's fragment on a page without Python.

    ``options`` are a browser context's: viewport={"width": 420, "height": 900},
    color_scheme="dark", reduced_motion="reduce".
    """
    with watched(browser, **options) as page:
        # A real address, so that a request for a file would be seen as one.
        page.page.route(
            "http://127.0.0.1:1/",
            lambda route: route.fulfill(
                body=PAGE.format(fragment=explorer.fragment()),
                content_type="text/html; charset=utf-8",
            ),
        )
        page.page.goto("http://127.0.0.1:1/")
        root = page.page.locator(".bpl-x").first
        root.wait_for()
        yield Stage(page, root)


@contextmanager
def in_lab(jupyter: Server, notebook: Notebook, code: str) -> Iterator[Stage]:
    """The explorer in JupyterLab; ``code`` is the cell whose last line shows it.

    All explorers are shown in the one cell of the same notebook, in the same kernel.
    """
    if not (jupyter.root / PLAYGROUND).exists():
        jupyter.write(PLAYGROUND, "1 + 1")
    notebook.switch(PLAYGROUND)
    notebook.run_only(IMPORTS + code)
    root = notebook.page.locator(".jp-NotebookPanel:visible .bpl-x").first
    root.wait_for()
    yield Stage(notebook, root)
