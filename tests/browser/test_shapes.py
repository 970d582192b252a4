"""Shapes on the screen: three gradients placed, then the square round."""

from __future__ import annotations

from backproplab.explorers import Shapes
from tests.browser.explorers import in_lab, on_page


def place(stage, *tiles):
    for tile in tiles:
        stage.root.get_by_role("button", name=f"Place {tile}").focus()
        stage.press("Enter")


def test_all_three_and_the_square_round_with_the_keyboard(jupyter, notebook):
    with in_lab(jupyter, notebook, "Shapes(4, 3, 2)") as stage:
        stage.root.locator("input").first.focus()
        stage.press("3", "Tab", "2", "Enter")
        assert stage.line().startswith("You said 3 × 2. Yes: dW is 3 × 2, like W.")
        place(stage, "X,", "dZ,")
        assert "A row of X holds 3 inputs" in stage.line()
        place(stage, "dZᵀ,", "X,")
        assert "lying on their side" in stage.line()
        place(stage, "Xᵀ,", "dZ,")
        assert stage.line().startswith("Right.")
        stage.button("dX").click()
        stage.button("Skip").click()
        place(stage, "dZ,", "Wᵀ,")
        assert stage.line().startswith("Right.")
        stage.button("db").click()
        stage.button("Skip").click()
        place(stage, "Σₙ dZ:")
        assert stage.line().startswith("Right.")
        stage.sound()
        stage.picture("lab-shapes")
        stage.button("All sizes 3").click()
        stage.root.locator("input").first.fill("1")
        stage.press("Enter")
        assert "36 of 36 have the right shape" in stage.line()
        stage.button("dX").click()
        place(stage, "dZ,", "W,")
        assert "The sizes meet, the letters do not" in stage.line()
        stage.sound()
        stage.picture("lab-shapes-square")


def test_tiles_are_dragged_into_their_places(chromium):
    with on_page(chromium, Shapes(4, 3, 2)) as stage:
        stage.button("Skip").click()
        work, palette = stage.root.locator(".work"), stage.root.locator(".palette")

        def drag(tile, onto):
            tile.drag_to(stage.root.locator(".hole").nth(onto))

        drag(palette.get_by_role("button", name="Place dZ,"), 1)
        assert stage.line() == "dW is 3 × 2, like W. One more tile."
        drag(palette.get_by_role("button", name="Place X,"), 0)
        assert "A row of X holds 3 inputs" in stage.line()
        drag(palette.get_by_role("button", name="Place Xᵀ,"), 0)
        assert stage.line().startswith("Right.")
        drag(work.get_by_role("button", name="Take back Xᵀ,"), 1)
        assert work.get_by_role("button").count() == 1
        stage.sound()
