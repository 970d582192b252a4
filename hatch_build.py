"""Put the lessons into the wheel, for `backproplab lab` without a checkout."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class LessonsInWheel(BuildHookInterface):
    """An editable install reads lessons/ and solutions/ where they are."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            for folder in ("lessons", "solutions"):
                build_data["force_include"][folder] = f"autograder/data/{folder}"
