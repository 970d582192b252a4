"""The activation lens on the screen: predicted, moved, and switched."""

from __future__ import annotations

import pytest

from backproplab.explorers import ActivationLens
from backproplab.explorers.models.activation_curves import QUESTIONS
from tests.browser.explorers import in_lab, on_page

LEAKY = """
def leaky(z):
    return max(z, 0.1 * z)

ActivationLens(leaky, w=2, b=-1, x=0)"""


def test_a_learners_function_moved_with_the_keyboard(jupyter, notebook):
    with in_lab(jupyter, notebook, LEAKY) as stage:
        stage.button("Skip").click()
        assert "−0.1" in stage.texts()
        stage.root.get_by_role("slider", name="x").focus()
        stage.press(*["ArrowRight"] * 20)
        stage.root.locator(".sums", has_text="2 · 1 + (−1) = 1").wait_for()
        assert {"+1", "+2"} <= set(stage.texts())
        stage.button("sigmoid").click()
        stage.button("Check").wait_for()
        stage.root.locator("input").first.fill("0")
        stage.press("Enter")
        stage.root.get_by_text("You said 0. Yes. At z = 0").wait_for()
        assert {"0.7311", "+0.1966", "+0.3932"} <= set(stage.texts())
        stage.sound()
        stage.picture("lab-activation-lens")


@pytest.mark.parametrize("width", [1280, 420])
def test_every_neuron_without_python(chromium, width):
    size = {"width": width, "height": 900}
    with on_page(chromium, ActivationLens(), viewport=size) as stage:
        for name in QUESTIONS:
            stage.button(name).click()
            stage.button("Skip").click()
            stage.root.get_by_role("slider", name="x").focus()
            stage.press("Home")
            assert "−5" in stage.texts()  # z = 2 · (−2) − 1
            stage.sound()
            stage.picture(f"lens-{name}-{width}")
