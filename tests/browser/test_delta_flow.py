"""Delta flow on the screen: predicted, stepped, asked about a unit and a weight."""

from __future__ import annotations

import numpy as np
import pytest

from backproplab import network
from backproplab.explorers import DeltaFlow
from backproplab.shown import short
from tests.browser.explorers import in_lab, on_page


def made(sizes, N=4):
    rng = np.random.default_rng(1)
    params = {n: rng.normal(size=a.shape) for n, a in network.zeros(sizes).items()}
    return params, rng.normal(size=(N, sizes[0])), rng.normal(size=(N, sizes[-1]))


def choose(stage, unit, part):
    stage.root.get_by_label("Unit", exact=True).select_option(label=unit)
    stage.root.get_by_label("Part of this unit").select_option(label=part)


def to_layer_1(stage, layers):
    for layer in range(layers - 1, 0, -1):
        stage.button(f"Next: δ of layer {layer}").focus()
        stage.press("Enter")


def test_xor_with_the_keyboard_in_jupyterlab(jupyter, notebook):
    with in_lab(jupyter, notebook, "DeltaFlow()") as stage:
        stage.root.locator("input").first.focus()
        stage.press("2", "Enter")
        assert "the output: δ is the slope of the loss" in stage.line()
        to_layer_1(stage, 2)
        assert "You said 2. Yes, it is unit 2." in stage.texts()
        assert {"δ +0.002321", "δ −0.005062", "δ −0.04523"} <= set(stage.texts())
        choose(stage, "unit 1 of layer 1", "weight from input 1")
        tape = stage.root.locator(".chip").all_inner_texts()
        numbers = [chip.split("\n")[-1].strip() for chip in tape]
        assert numbers == ["−0.2447", "0.1848", "−0.22", "0.2332", "1"]
        stage.sound()
        stage.button("Next: the update").click()
        assert "−0.07116" in stage.texts()
        stage.button("δ = −∂L/∂Z").click()
        assert {"−0.07116", "δ −0.002321", "δ +0.04523"} <= set(stage.texts())
        stage.root.get_by_role("slider").focus()
        stage.press("ArrowRight")
        stage.root.locator("text.on-line.forward", has_text="−0.06").wait_for()
        stage.button("Reset").click()
        stage.root.locator("text.on-line.forward", has_text="−0.07").wait_for()
        stage.sound()
        stage.picture("lab-delta-flow")
        (cell,) = notebook.cells().values()
        assert cell["type"] == "code" and cell["source"].endswith("DeltaFlow()")


def test_a_unit_hears_all_units_above_it(chromium):
    params, X, Y = made([3, 8, 8, 8, 1])
    cache = network.forward(params, X)
    signals = network.error_signals(params, cache, Y)
    explorer = DeltaFlow(params, X, Y)
    with on_page(chromium, explorer, viewport={"width": 1280, "height": 900}) as stage:
        stage.button("Skip").click()
        to_layer_1(stage, 4)
        stage.root.get_by_role("button", name="unit 3 of layer 1").focus()
        stage.press("ArrowUp", "Enter")
        shown = stage.root.locator(".bars tr td:nth-child(2)").all_inner_texts()
        paths = params["W2"][1] * signals["dZ2"][0]
        assert shown == [short(x, sign=True) for x in [*paths, paths.sum()]]
        lit = stage.root.locator("tr.lit td").all_inner_texts()
        assert lit[:8] == [short(w) for w in params["W2"][1]]
        assert lit[-1] == short(signals["dZ1"][0, 1], sign=True)
        stage.sound()
        stage.root.get_by_label("example").fill("3")
        stage.press("Enter")
        label = stage.root.locator(".unit.chosen").get_attribute("aria-label")
        assert short(signals["dZ1"][2, 1], sign=True) in label
        stage.picture("delta-flow-deep")


@pytest.mark.parametrize(
    "options", [{"color_scheme": "dark"}, {"color_scheme": "light"}]
)
def test_a_large_network_on_a_phone(chromium, options):
    params, X, Y = made([100, 40, 20, 3])
    explorer = DeltaFlow(params, X, Y, loss="half_squared")
    phone = {"width": 420, "height": 900}
    with on_page(chromium, explorer, viewport=phone, **options) as stage:
        stage.button("Skip").click()
        to_layer_1(stage, 3)
        stage.root.locator(".unit").nth(3).click()
        assert "the other 17 units" in stage.texts()
        stage.sound()
        stage.picture(f"delta-flow-phone-{options['color_scheme']}")


def test_cost_and_cache_to_the_end(chromium):
    explorer = DeltaFlow([100] + [50] * 5 + [1], view="cost")
    for size in ({"width": 1280, "height": 900}, {"width": 420, "height": 900}):
        with on_page(chromium, explorer, viewport=size) as stage:
            stage.root.locator("input").first.fill("250")
            stage.press("Enter")
            stage.button("To the end").click()
            assert "Yes: 250, one for each hidden unit." in " ".join(stage.texts())
            assert {"40,400", "90,400", "25,350", "59,282,550"} <= set(stage.texts())
            stage.button("compute them again").click()
            stage.sound()
            stage.picture(f"cost-{size['width']}")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (({"W1": [[np.nan]], "b1": [0]}, [1], [0]), "W1[0, 0] is nan"),
        (
            ({"W1": [[1.0]], "b1": [0]}, np.zeros((0, 1)), np.zeros((0, 1))),
            "no examples",
        ),
        (("net", [1], [0]), "params is a dict"),
    ],
)
def test_bad_input_is_one_sentence_in_its_place(chromium, arguments, words):
    with on_page(chromium, DeltaFlow(*arguments)) as stage:
        assert words in stage.root.inner_text()
        stage.sound()
