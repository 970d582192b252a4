"""What holds for every explorer, on a page without Python."""

from __future__ import annotations

import pytest

from backproplab import explorers, shown
from backproplab.explorers.assets import VIEWS
from tests.browser.explorers import on_page
from tests.browser.jupyterlab import watched

# Dark on a phone is where the stories are told (test_stories.py).
LOOKS = [(1280, "light"), (1280, "dark"), (420, "light")]


@pytest.mark.parametrize("width, theme", LOOKS)
@pytest.mark.parametrize("name", explorers.EXPLORERS)
def test_sound_at_first_sight(chromium, name, width, theme):
    explorer = getattr(explorers, name)()
    assert explorer.problem == ""
    viewport = {"width": width, "height": 900}
    with on_page(chromium, explorer, viewport=viewport, color_scheme=theme) as stage:
        stage.picture(f"{name}-{width}-{theme}")
        stage.sound()


def test_numbers_look_as_python_writes_them(chromium):
    numbers = [0.0, -0.0, 1, -3.0, 0.73105857, 1e-9, 12345.678, 0.00012345, 9999.6]
    numbers += [1e22, 0.00009999, -2.5e-5, 1234, 99999, 1e-300, 123.456]
    write = "numbers.map(n => [short(n), short(n, true)])"
    common = (VIEWS / "common.js").read_text(encoding="utf-8")
    with watched(chromium) as blank:
        seen = blank.page.evaluate(
            f"numbers => {{ {common}; return {write}; }}", numbers
        )
    assert seen == [[shown.short(x), shown.short(x, sign=True)] for x in numbers]
