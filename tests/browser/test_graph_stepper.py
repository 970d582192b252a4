"""The graph stepper in JupyterLab: typed, stepped and changed by a person."""

from __future__ import annotations

from tests.browser.explorers import in_lab


def test_cs221_example_to_the_end_with_the_keyboard_only(jupyter, notebook):
    with in_lab(jupyter, notebook, "GraphStepper()") as stage:
        stage.root.locator("input").first.focus()
        stage.press("5", "Enter")
        assert stage.line().startswith("Right. score = w · φ = [3, 1] · [1, 2] = 5")
        while stage.button("Next step").is_enabled():
            stage.button("Next step").focus()
            stage.press("Enter")
        assert "[+6, +12]" in stage.texts()
        stage.sound()
        stage.picture("lab-graph-stepper")


def test_a_leaf_is_changed_and_python_answers(jupyter, notebook):
    with in_lab(jupyter, notebook, "GraphStepper()") as stage:
        for _ in range(2):
            stage.button("Last step of this pass").click()
        stage.root.get_by_role("button", name="y, value 2").focus()
        stage.press("Enter", "Home")  # y becomes −5, the residual 10
        stage.root.get_by_text("[+20, +40]").wait_for()
        stage.sound()
        (cell,) = notebook.cells().values()
        assert cell["type"] == "code" and cell["source"].endswith("GraphStepper()")
