"""Put the lessons into the wheel, for `backproplab lab` without a checkout."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class LessonsInWheel(BuildHookInterface):
    """The lessons, never their solutions; an editable install reads lessons/ itself."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            build_data["force_include"]["lessons"] = "autograder/data/lessons"
