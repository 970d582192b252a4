"""A verdict: what was found, as text, as HTML and as a dict for JSON."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

STATUSES = ("right", "wrong", "unfinished", "crashed", "timeout", "refused")


@dataclass(frozen=True)
class Diagnosis:
    """What explains a wrong answer.

    ``mistake`` is an id of the catalogue or None; ``pattern`` what the numbers show;
    ``message`` what a tutor would say.
    """

    mistake: str | None
    pattern: str
    message: str

    def to_dict(self) -> dict[str, Any]:
        """The three fields as plain JSON values."""
        return {
            "mistake": self.mistake,
            "pattern": self.pattern,
            "message": self.message,
        }


@dataclass(frozen=True)
class Counterexample:
    """The smallest failing case, worked so that a person can redo it on paper."""

    inputs: dict[str, str]
    part: str
    index: tuple[int, ...]
    yours: str
    measured: str
    evidence: str = ""

    @property
    def entry(self) -> str:
        """The quantity with its index, such as ``dW[0, 1]``."""
        if not self.index:
            return self.part
        return f"{self.part}[{', '.join(map(str, self.index))}]"

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain JSON values."""
        return {
            "inputs": self.inputs,
            "part": self.part,
            "index": list(self.index),
            "yours": self.yours,
            "measured": self.measured,
            "evidence": self.evidence,
        }


@dataclass(frozen=True)
class Verdict:
    """The result of checking one exercise.

    ``error`` is how far right numbers are off, as a share of the largest one: what
    a formula leaves is rounding, about 1e-16.

    >>> Verdict("sigmoid", "right", 2, 2, headline="sigmoid: right.").to_text()
    'sigmoid: right.'
    """

    exercise: str
    status: str
    points: float
    max_points: float
    headline: str = ""
    details: tuple[str, ...] = ()
    first_wrong: str | None = None
    parts: dict[str, str] = field(default_factory=dict)
    diagnosis: Diagnosis | None = None
    counterexample: Counterexample | None = None
    notes: tuple[str, ...] = ()
    next_step: str = ""
    seconds: float = 0.0
    error: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """The verdict as plain JSON values."""
        return {
            "exercise": self.exercise,
            "status": self.status,
            "points": self.points,
            "max_points": self.max_points,
            "first_wrong": self.first_wrong,
            "parts": dict(self.parts),
            "diagnosis": self.diagnosis.to_dict() if self.diagnosis else None,
            "counterexample": (
                self.counterexample.to_dict() if self.counterexample else None
            ),
            "message": self.to_text(),
            "seconds": self.seconds,
        }

    def lines(self) -> list[tuple[str, str]]:
        """The message as (role, text) lines; text and HTML are both made of these."""
        found = [("headline", self.headline or f"{self.exercise}: {self.status}.")]
        found += [("detail", line) for line in self.details]
        case = self.counterexample
        if case is not None:
            inputs = ", ".join(f"{k} = {v}" for k, v in case.inputs.items())
            found.append(("case", f"Smallest failing case: {inputs}"))
            found.append(
                ("case", f"  {case.entry}: yours {case.yours}, right {case.measured}")
            )
            if case.evidence:
                found.append(("case", f"  {case.evidence}"))
        if self.diagnosis is not None:
            if self.diagnosis.pattern:
                found.append(("pattern", f"Pattern: {self.diagnosis.pattern}"))
            if self.diagnosis.message:
                found.append(("question", self.diagnosis.message))
        found += [("note", line) for line in self.notes]
        if self.next_step:
            found.append(("next", self.next_step))
        return [(role, _in_plural(text, self.parts)) for role, text in found]

    def to_text(self) -> str:
        """The message as plain text, at most twelve lines."""
        return "\n".join(text for _, text in self.lines())

    def to_html(self) -> str:
        """The message as an HTML fragment: dark and light, no script."""
        colour = "var(--bpl-right)" if self.status == "right" else "var(--bpl-wrong)"
        rows = "".join(_html_line(role, text) for role, text in self.lines())
        return (
            f"<div class='bpl-verdict' role='status'>{_STYLE}"
            f"<div style='border-left:4px solid {colour};padding:.2em 0 .2em .9em'>"
            f"{rows}{self._parts_html()}</div></div>"
        )

    def _parts_html(self) -> str:
        if self.status == "right" or len(self.parts) < 2:
            return ""
        cells = "".join(
            f"<li><code>{html.escape(name)}</code> "
            f"<span class='bpl-{'ok' if status == 'right' else 'bad'}'>"
            f"{html.escape(status)}</span></li>"
            for name, status in self.parts.items()
        )
        return f"<ul class='bpl-parts' aria-label='all parts'>{cells}</ul>"

    def _repr_html_(self) -> str:
        return self.to_html()

    def __str__(self) -> str:
        return self.to_text()


PLURALS = {"is": "are", "has": "have", "stays": "stay", "agrees": "agree"}


def _in_plural(text: str, names: Iterable[str]) -> str:
    """A name such as ``losses`` with its verb in the plural."""
    for name in names:
        if re.fullmatch(r"[a-z]{3,}[a-hj-rt-z]s", name):
            verbs = rf"\b{name} ({'|'.join(PLURALS)})\b"
            text = re.sub(verbs, lambda m: f"{m[0].split()[0]} {PLURALS[m[1]]}", text)
    return text


def _html_line(role: str, text: str) -> str:
    body = html.escape(text.strip())
    if role == "headline":
        return f"<p class='bpl-head'>{body}</p>"
    if role == "case":
        return f"<p class='bpl-case'><code>{body}</code></p>"
    return f"<p class='bpl-{role}'>{body}</p>"


# Light and dark pairs with contrast of at least 4.5:1 on either background.
_STYLE = (
    "<style>"
    ".bpl-verdict{--bpl-right:#00694f;--bpl-wrong:#a84300;color-scheme:light dark;"
    "color:var(--jp-ui-font-color1,CanvasText);"
    "background:var(--jp-layout-color1,Canvas);font-size:14px;line-height:1.45}"
    "[data-jp-theme-light='false'] .bpl-verdict,body[data-theme='dark'] .bpl-verdict,"
    ".vscode-dark .bpl-verdict,html[theme='dark'] .bpl-verdict"
    "{--bpl-right:#3fc79a;--bpl-wrong:#e69f00}"
    ".bpl-verdict p{margin:.15em 0}.bpl-head{font-weight:600}"
    # As specific as this, or JupyterLab's own rules for lists and code would win.
    ".bpl-verdict p.bpl-case code,.bpl-verdict ul.bpl-parts code"
    "{background:none;color:inherit;padding:0;white-space:pre-wrap}"
    ".bpl-question{font-style:italic}.bpl-next,.bpl-note{opacity:.85}"
    ".bpl-verdict .bpl-parts{list-style:none;margin:.3em 0 0;padding:0;display:flex;"
    "flex-wrap:wrap;gap:.2em 1.2em}"
    ".bpl-ok{color:var(--bpl-right)}.bpl-bad{color:var(--bpl-wrong);font-weight:600}"
    "</style>"
)
