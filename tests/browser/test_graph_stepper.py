"""The graph stepper in JupyterLab: typed, stepped and changed by a person."""

from __future__ import annotations

from backproplab.explorers import GraphStepper
from backproplab.graph import Node
from backproplab.lectures import lmu
from backproplab.shown import short
from tests.browser.explorers import in_lab, on_page

XOR = """
from backproplab.lectures.lmu import XOR
x, W, b = Node([1, 0], "x"), Node(XOR["W"], "W"), Node(XOR["b"], "b")
h = sigmoid((dot(x, W) + b).named("z")).named("h")
net = (dot(h, Node(XOR["u"], "u")) + Node(XOR["c"], "c")).named("net")
out = sigmoid(net).named("out")
GraphStepper((0.5 * square(Node(1, "y") - out)).named("L"))
"""


def to_the_end(stage):
    """Next, Next, Next, with the keyboard only."""
    stage.button("Next step").focus()
    for _ in range(60):
        if not stage.button("Next step").is_enabled():
            return
        stage.press("Enter")
    raise AssertionError("the end is not reached")


def test_cs221_example_to_the_end_with_the_keyboard_only(jupyter, notebook):
    with in_lab(jupyter, notebook, "GraphStepper()") as stage:
        stage.root.locator("input").first.focus()
        stage.press("5", "Enter")
        assert stage.line().startswith("Right. score = w · φ = [3, 1] · [1, 2] = 5")
        stage.press("4", "Enter")
        assert stage.line().startswith("Not 4. residual = score − y = 5 − 2 = 3")
        to_the_end(stage)
        assert "[+6, +12]" in stage.texts()
        stage.sound()
        stage.picture("lab-graph-stepper")


def test_xor_graph_to_the_end_shows_the_librarys_numbers(jupyter, notebook):
    with in_lab(jupyter, notebook, XOR) as stage:
        to_the_end(stage)
        grads = lmu.gradients(lmu.XOR, [1, 0], 1)
        seen = stage.texts()
        for name in ("db", "du"):
            numbers = ", ".join(short(entry, sign=True) for entry in grads[name])
            assert f"[{numbers}]" in seen
        stage.sound()
        stage.picture("lab-graph-stepper-xor")


def test_a_leaf_is_changed_and_python_answers(jupyter, notebook):
    with in_lab(jupyter, notebook, "GraphStepper()") as stage:
        for _ in range(2):
            stage.button("Last step of this pass").click()
        stage.root.get_by_role("button", name="y, value 2").focus()
        stage.press("Enter", "Home")  # y becomes −5, the residual 10
        stage.root.get_by_text("[+20, +40]").wait_for()
        stage.sound()


def test_naive_order_shows_a_node_that_fires_too_early(chromium):
    n = (2 * Node(1, "a")).named("n")
    y = ((3 * n).named("p") + (4 * n).named("q")).named("y")
    with on_page(chromium, GraphStepper(y)) as stage:
        stage.button("at once, with what it has").click()
        early = stage.root.locator(".node.early")
        seen = 0
        while stage.button("Next step").is_enabled():
            stage.button("Next step").click()
            if early.count():
                seen += 1
                assert early.locator(".name").text_content() == "n"
                assert "Too early: n still waits for another user!" in stage.line()
                stage.sound()
                stage.picture("graph-stepper-too-early")
        assert seen == 1
        assert "a has 20 instead of 14" in stage.line()
