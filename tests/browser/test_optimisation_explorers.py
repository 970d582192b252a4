"""Gradient-check V, descent race, depth lab and training desk, used by a person."""

from __future__ import annotations

from backproplab import explorers
from backproplab.explorers.models.training_desk import Desk
from backproplab.shown import short
from tests.browser.explorers import in_lab, on_page


def test_a_guess_of_the_best_step_is_compared_with_the_curve(chromium):
    explorer = explorers.GradientCheckV()
    with on_page(chromium, explorer) as stage:
        stage.root.get_by_role("slider", name="step size h").focus()
        stage.press(*["ArrowLeft"] * 28)
        stage.button("This is my guess").focus()
        stage.press("Enter")
        told = stage.root.locator(".bpl-told").inner_text()
        assert told.startswith("Your guess h = 1e−8: the central difference is off by")
        assert "The best is near h = 1e−5" in told
        stage.sound()
        digits = stage.root.locator("table tr", has_text="central").inner_text()
        slope = explorer.model.slopes["float64"]["central"][28]
        assert f"{slope:.12f}" in digits


def test_the_point_of_the_v_is_moved_by_python(jupyter, notebook):
    with in_lab(jupyter, notebook, "GradientCheckV(lambda x: x**3, 2.0)") as stage:
        stage.button("Skip").click()
        place = stage.root.get_by_label("x", exact=True)
        place.fill("0")
        place.press("Enter")
        stage.root.get_by_text("f at x = 0").wait_for()
        place.fill("nonsense")
        place.press("Enter")
        assert stage.line().startswith("Type one number")
        stage.sound()
        stage.picture("lab-gradient-check-v")


def test_gradient_descent_runs_away_and_is_brought_back(jupyter, notebook):
    with in_lab(jupyter, notebook, "DescentRace()") as stage:
        stage.button("arrives at a bottom").click()
        stage.button("Run").click()
        told = stage.root.locator(".bpl-told")
        told.get_by_text("runs away").wait_for()
        assert told.inner_text().startswith("You said that it arrives at a bottom.")
        rate = stage.root.get_by_label("step size of gradient descent")
        for _ in range(4):
            rate.press("ArrowLeft")
        told.get_by_text("with step size 0.4 arrives").wait_for()
        ring = stage.root.get_by_role("button", name="start (")
        ring.press("ArrowRight")
        ring.press("ArrowUp")
        stage.root.get_by_role("button", name="start (0.225, 0.2)").wait_for()
        stage.sound()
        stage.picture("lab-descent-race")


def test_reduced_motion_shows_the_whole_path_at_once(chromium):
    race = explorers.DescentRace()
    with on_page(chromium, race, reduced_motion="reduce") as stage:
        stage.button("Run").click()
        assert stage.root.get_by_label("step", exact=True).input_value() == "40"
        loss = short(race.model.runs["adam"].losses[-1])
        assert f"loss {loss}, on its way" in stage.texts()
        stage.sound()


def test_the_layer_that_learns_least(jupyter, notebook):
    with in_lab(jupyter, notebook, "DepthLab(depth=8)") as stage:
        stage.root.get_by_label("your prediction").select_option("9")
        stage.button("Check").click()
        told = stage.root.locator(".bpl-told")
        assert "You said: layer 9." in told.inner_text()
        assert "Layer 1 learns least" in told.inner_text()
        stage.button("relu").click()
        stage.root.get_by_label("start").select_option("he")
        told.get_by_text("it keeps about its size").wait_for()
        stage.sound()
        stage.picture("lab-depth-lab")


def test_a_page_without_python_plays_the_run_that_was_filmed(chromium):
    desk = Desk()
    desk.step(200)
    with on_page(chromium, explorers.TrainingDesk()) as stage:
        stage.button("1 epoch").click()
        stage.root.get_by_text("epoch 1", exact=False).first.wait_for()
        stage.button("To the end").click()
        stage.root.get_by_text(desk.sentence()).wait_for()
        stage.sound()
        stage.button("Start over").click()
        assert stage.button("Train").is_enabled()


def test_the_spiral_is_trained_to_the_end(jupyter, notebook):
    desk = Desk()
    desk.step(200)
    with in_lab(jupyter, notebook, "TrainingDesk()") as stage:
        guess = stage.root.get_by_label("my guess")
        guess.fill("60")
        guess.press("Enter")
        stage.button("1 epoch").click()
        stage.root.get_by_text("epoch 1", exact=False).first.wait_for()
        stage.button("Train").click()
        stage.button("Pause").click()
        stage.button("To the end").click()
        told = stage.root.locator(".bpl-told")
        told.get_by_text("After 200 of 200 epochs").wait_for()
        assert told.inner_text() == f"You predicted 60 %. {desk.sentence()}"
        formula = stage.root.locator(".desk-formula").inner_text()
        assert formula.split("\n") == desk.formula()["lines"]
        assert stage.button("Train").is_disabled()
        stage.sound()
        stage.picture("lab-training-desk")
