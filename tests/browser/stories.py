"""The story of each explorer, told with the keyboard only, on a page without Python.

``STORIES[name]`` are its moments after the first look: what a person does to get to the
middle of it, and from there to its end.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.explorers import Stage

Act = Callable[[Stage], None]


def answered(*keys: str) -> Act:
    """Type into the box that asks for a prediction; Enter checks it."""

    def act(stage: Stage) -> None:
        stage.root.locator("input[type=text]").first.focus()
        stage.press(*keys, "Enter")

    return act


def pressed(*names: str) -> Act:
    """Buttons, one after the other."""

    def act(stage: Stage) -> None:
        for name in names:
            stage.button(name).press("Enter")

    return act


def slid(name: str, *keys: str) -> Act:
    """A slider, with arrow keys."""

    def act(stage: Stage) -> None:
        stage.root.get_by_role("slider", name=name, exact=True).focus()
        stage.press(*keys)

    return act


def to_the_last(name: str) -> Act:
    """A button again and again, until it cannot be pressed any more."""

    def act(stage: Stage) -> None:
        while stage.button(name).is_enabled():
            stage.button(name).press("Enter")

    return act


def chosen(label: str, option: str) -> Act:
    """A list to choose from."""

    def act(stage: Stage) -> None:
        stage.root.get_by_label(label, exact=True).select_option(label=option)

    return act


def then(*acts: Act) -> Act:
    """One after the other."""

    def act(stage: Stage) -> None:
        for one in acts:
            one(stage)

    return act


def tiles(*names: str) -> Act:
    """Tiles of the shapes puzzle, placed."""

    def act(stage: Stage) -> None:
        for name in names:
            stage.root.get_by_role("button", name=f"Place {name}").press("Enter")

    return act


STORIES: dict[str, tuple[Act, Act]] = {
    "GraphStepper": (
        then(answered("5"), answered("4"), pressed("Next step", "Next step")),
        to_the_last("Next step"),
    ),
    "ChainGears": (answered(*"0.03"), slid("Nudge x by", "End")),
    "Nudge": (answered(*"0.06"), slid("Nudge by", "End")),
    "ActivationLens": (answered("0"), slid("x", "End")),
    "Shapes": (
        then(answered("3", "Tab", "2"), tiles("X,", "dZ,")),
        tiles("Xᵀ,", "dZ,"),
    ),
    "DeltaFlow": (
        then(answered("2"), pressed("Next: δ of layer 1")),
        then(
            pressed("Next: the update"),
            chosen("Unit", "unit 1 of layer 1"),
            chosen("Part of this unit", "weight from input 1"),
        ),
    ),
    "GradientCheckV": (
        then(slid("step size h", *["ArrowLeft"] * 28), pressed("This is my guess")),
        then(pressed("7 digits (float32)"), slid("step size h", *["ArrowRight"] * 16)),
    ),
    "DescentRace": (
        then(pressed("arrives at a bottom", "Run"), slid("step", "Home")),
        slid("step", "End"),
    ),
    "DepthLab": (pressed("Check"), then(pressed("relu"), chosen("start", "he"))),
    "TrainingDesk": (
        then(answered(*"60"), pressed("1 epoch")),
        lambda stage: trained(stage),
    ),
}


def trained(stage: Stage) -> None:
    """Play the run to its end."""
    stage.button("To the end").press("Enter")
    stage.root.get_by_text("After 200 of 200 epochs").wait_for()
