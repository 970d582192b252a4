"""The gear train and the nudge: predicted, revealed and moved by a person."""

from __future__ import annotations

from backproplab.explorers import ChainGears, Nudge
from backproplab.shown import short
from tests.browser.explorers import in_lab, on_page


def test_gears_are_predicted_then_turned_with_the_keyboard_only(chromium):
    explorer = ChainGears()
    trace = explorer.trace()
    with on_page(chromium, explorer, reduced_motion="reduce") as stage:
        stage.root.locator("input[type=text]").focus()
        stage.press(*"0.01*3.44", "Enter")
        assert stage.line().startswith("Right. The factors 2 × 1.2 × 1.433 = 3.44")
        stage.press("End")
        assert [short(m, sign=True) for m in trace["moves"][-1]] == stage.root.locator(
            ".moved"
        ).all_text_contents()
        turn = stage.root.locator(".wheel").last.evaluate(
            "el => getComputedStyle(el).transitionDuration"
        )
        assert turn == "0s"
        stage.sound()


def test_a_guess_may_be_about_right(chromium):
    with on_page(chromium, ChainGears()) as stage:  # the factors say 0.0344
        told = {"0.03": "Close, with 0.03. ", "-0.0344": "Not -0.0344. "}
        for guess, word in told.items():
            stage.root.locator("input[type=text]").fill(guess)
            stage.press("Enter")
            assert stage.line().startswith(word)
            stage.button("Ask me again").click()


def test_gears_start_elsewhere_when_python_answers(jupyter, notebook):
    with in_lab(jupyter, notebook, "ChainGears()") as stage:
        stage.button("Skip").click()
        stage.root.get_by_label("Start at x =").focus()
        stage.press("End")  # x = 0.8: t = 4.6
        stage.root.get_by_text("4.6", exact=True).wait_for()
        stage.sound()
        stage.picture("lab-gears")


def test_nudge_is_predicted_and_another_weight_chosen(jupyter, notebook):
    with in_lab(jupyter, notebook, "Nudge()") as stage:
        stage.root.locator("input[type=text]").focus()
        stage.press(*"6*0.01", "Enter")
        assert stage.line().startswith("Right. w[0] moves by +0.01")
        assert "loss moves by +0.0601" in stage.texts()
        stage.root.get_by_label("Nudged number").select_option("w[1]")
        stage.root.get_by_text("the slope of loss by w[1] is 12").wait_for()
        stage.button("Skip").click()
        assert "loss moves by +0.1204" in stage.texts()
        stage.sound()
        stage.picture("lab-nudge")


def test_nudge_moves_without_python(chromium):
    explorer = Nudge()
    with on_page(chromium, explorer) as stage:
        stage.button("Skip").click()
        for row in explorer.trace()["nudges"][8:]:
            stage.press("Home")
            at = explorer.trace()["nudges"].index(row)
            stage.press(*["ArrowRight"] * at)
            assert f"loss moves by {short(row['real'], sign=True)}" in stage.texts()
        stage.sound()
