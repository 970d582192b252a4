"""The prose of lessons and documents passes a spelling check."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from spellchecker import SpellChecker

from autograder.places import SOLUTIONS

ROOT = SOLUTIONS.parent
WORDS = Path(__file__).with_name("words.txt")
DOCUMENTS = [*SOLUTIONS.glob("*.md"), *ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]

# What is not prose: front matter, code, formulas, tags, addresses.
NOT_PROSE = [
    re.compile(r"\A---\n.*?^---$", re.MULTILINE | re.DOTALL),
    re.compile(r"^( *)(`{3,}|:{3,}).*?^\1\2", re.MULTILINE | re.DOTALL),
    re.compile(r"^( {4}|\t).*$", re.MULTILINE),
    re.compile(r"\$\$.*?\$\$", re.DOTALL),
    re.compile(r"\$[^$\n]+\$"),
    re.compile(r"`[^`\n]+`"),
    re.compile(r"<[^>]+>"),
    re.compile(r"\]\([^)]*\)|https?://\S+"),
]
WORD = re.compile(r"[^\W\d_][^\W\d_'’]*[^\W\d_]")


@pytest.fixture(scope="module")
def dictionary() -> SpellChecker:
    """English, with the words of the trade that stand in words.txt."""
    checker = SpellChecker()
    checker.word_frequency.load_words(WORDS.read_text(encoding="utf-8").split())
    return checker


def misspelt(text: str, dictionary: SpellChecker) -> set[str]:
    """The words of the prose in a Markdown text that no dictionary has."""
    for pattern in NOT_PROSE:
        text = pattern.sub(" ", text)
    words = {re.sub(r"['’]s$", "", word.lower()) for word in WORD.findall(text)}
    return dictionary.unknown(word for word in words if len(word) > 2)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_prose_is_spelt_right(path, dictionary):
    assert misspelt(path.read_text(encoding="utf-8"), dictionary) == set()


def test_a_slip_is_noticed(dictionary):
    text = "The gradeint of `sigmiod` is\n\n```\nsmal\n```\n\nsmall."
    assert misspelt(text, dictionary) == {"gradeint"}
