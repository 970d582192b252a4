"""Each explorer from its prediction to its end: by keys, on a dark phone, at rest."""

from __future__ import annotations

import pytest

from backproplab import explorers
from tests.browser.explorers import on_page
from tests.browser.stories import STORIES

HARDEST = {
    "viewport": {"width": 420, "height": 900},
    "color_scheme": "dark",
    "reduced_motion": "reduce",
}

# How an element and its parts look, as far as focus may change it.
REMEMBER = """(root) => {
  window.look = (el) => [el, ...el.querySelectorAll('*')].map((part) => {
    const style = getComputedStyle(part);
    return [style.outlineStyle, style.outlineWidth, style.stroke, style.strokeWidth];
  }).join();
  document.activeElement.blur();
  window.stops = [...root.querySelectorAll(
    'a, button, input, select, summary, textarea, [tabindex]')]
    .filter((el) => !el.matches('.unit[tabindex="-1"]'))  // arrow keys go there
    .filter((el) => el.checkVisibility({ visibilityProperty: true }) && !el.disabled);
  window.atRest = new Map(stops.map((el) => [el, look(el)]));
  document.querySelector('h1').tabIndex = -1;
  document.querySelector('h1').focus();
  return stops.length;
}"""
STOP = """() => {
  const el = document.activeElement;
  return [stops.indexOf(el), el.outerHTML.slice(0, 90), look(el) !== atRest.get(el)];
}"""
MOVES = """(root) => [...root.querySelectorAll('*')]
  .filter((el) => getComputedStyle(el).transitionDuration !== '0s')
  .map((el) => el.outerHTML.slice(0, 90))"""


def tabbed_through(stage):
    """Tab stops at every control, once, and each shows that it has the focus."""
    count = stage.root.evaluate(REMEMBER)
    stopped = []
    for _ in range(count):
        stage.press("Tab")
        number, element, visible = stage.page.evaluate(STOP)
        assert visible, f"focus cannot be seen: {element}"
        stopped.append(number)
    assert sorted(stopped) == list(range(count))


def test_every_explorer_has_a_story():
    assert list(STORIES) == list(explorers.EXPLORERS)


@pytest.mark.parametrize("name", STORIES)
def test_told_with_the_keyboard_in_the_dark_on_a_phone(chromium, name):
    with on_page(chromium, getattr(explorers, name)(), **HARDEST) as stage:
        stage.sound()
        tabbed_through(stage)
        for moment, act in enumerate(STORIES[name], 1):
            act(stage)
            stage.picture(f"story-{name}-{moment}")
            stage.sound()
        tabbed_through(stage)
        assert stage.root.evaluate(MOVES) == []
