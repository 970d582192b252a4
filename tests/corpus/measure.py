"""Judge the whole corpus and count: refused, accepted, named, named rightly.

Run as ``python -m tests.corpus.measure [FOLDER] [EXERCISE ...]`` for a table and the
misses.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, fields
from pathlib import Path

from autograder import grade_source
from autograder.diagnosis import diagnose
from autograder.verdict import Verdict
from tests.corpus import FOLDER, Variant, variants


@dataclass
class Tally:
    """What happened to the variants of one group."""

    right: int = 0
    refused: list[str] = field(default_factory=list)
    wrong: int = 0
    accepted: list[str] = field(default_factory=list)
    listed: int = 0
    named: int = 0
    misnamed: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    composite: int = 0
    half: int = 0
    no_half: list[str] = field(default_factory=list)
    unlisted: int = 0
    unlisted_named: list[str] = field(default_factory=list)
    unlisted_patterns: int = 0

    def add(self, variant: Variant, verdict: Verdict) -> None:
        """Count one variant."""
        if variant.kind == "right":
            self.right += 1
            if verdict.status != "right":
                self.refused.append(f"{variant}: {verdict.to_text()}")
            return
        self.wrong += 1
        if verdict.status == "right":
            self.accepted.append(str(variant))
            return
        name = verdict.diagnosis.mistake if verdict.diagnosis else None
        pattern = verdict.diagnosis.pattern if verdict.diagnosis else ""
        told = f"{variant} [{_wanted(variant)}] -> {name}: {pattern}"
        if not variant.mistakes:
            self._add_unlisted(name, pattern, told)
        elif len(variant.mistakes) > 1:
            self.composite += 1
            if any(name in either for either in variant.mistakes):
                self.half += 1
            else:
                self.no_half.append(told)
        else:
            self._add_listed(variant, name, told)

    def _add_listed(self, variant: Variant, name: str | None, told: str) -> None:
        self.listed += 1
        if name is None:
            self.silent.append(told)
        elif name in variant.mistakes[0]:
            self.named += 1
        else:
            self.misnamed.append(told)

    def _add_unlisted(self, name: str | None, pattern: str, told: str) -> None:
        self.unlisted += 1
        self.unlisted_patterns += bool(pattern)
        if name is not None:
            self.unlisted_named.append(told)

    def summary(self) -> str:
        """The counts on one line."""
        given = self.named + len(self.misnamed)
        return (
            f"right {self.right} (refused {len(self.refused)}),"
            f" wrong {self.wrong} (accepted {len(self.accepted)}),"
            f" diagnosed {given}/{self.listed}, rightly {self.named}/{given},"
            f" composite half right {self.half}/{self.composite},"
            f" unlisted named {len(self.unlisted_named)}/{self.unlisted},"
            f" with a pattern {self.unlisted_patterns}/{self.unlisted}"
        )


def _wanted(variant: Variant) -> str:
    return "+".join("|".join(sorted(either)) for either in variant.mistakes) or "-"


def measure(
    exercises: list[str] | None = None, folder: Path = FOLDER
) -> dict[str, Tally]:
    """One tally per exercise."""
    tallies: dict[str, Tally] = {}
    for variant in variants(folder=folder):
        if not exercises or variant.exercise in exercises:
            verdict = grade_source(variant.exercise, variant.source)
            tallies.setdefault(variant.exercise, Tally()).add(variant, verdict)
    return tallies


def main() -> None:
    """Print the table and everything that missed."""
    diagnose.LOUD = True
    named = sys.argv[1:]
    folder = Path(named.pop(0)) if named and Path(named[0]).is_dir() else FOLDER
    tallies = measure(named, folder)
    for exercise, tally in tallies.items():
        print(f"{exercise}: {tally.summary()}")
        for title, misses in (
            ("REFUSED", tally.refused),
            ("ACCEPTED", tally.accepted),
            ("MISNAMED", tally.misnamed),
            ("SILENT", tally.silent),
            ("NO HALF", tally.no_half),
            ("UNLISTED NAMED", tally.unlisted_named),
        ):
            for miss in misses:
                print(f"  {title} {miss}")
    print(f"all: {together(list(tallies.values())).summary()}")


def together(tallies: list[Tally]) -> Tally:
    """One tally of all."""
    everything = Tally()
    for name in (entry.name for entry in fields(Tally)):
        for tally in tallies:
            setattr(everything, name, getattr(everything, name) + getattr(tally, name))
    return everything


if __name__ == "__main__":
    main()
