"""The reference of the public functions, made of their signatures and docstrings."""

from __future__ import annotations

import importlib
import inspect
import re
from types import ModuleType
from typing import Any

import autograder
import backproplab

ROLE = re.compile(r":\w+:`~?([^`]+)`")
LITERAL = re.compile(r"``([^`]+)``")
SPECIAL = re.compile(r"(?<!\\)([*_<$|#\[\]{}])")


def library() -> str:
    """Every module of the reference library."""
    names = [name for name in backproplab.__all__ if name != "lectures"]
    names += [f"lectures.{name}" for name in backproplab.lectures.__all__]
    return "\n\n".join(
        _module(importlib.import_module(f"backproplab.{name}")) for name in names
    )


def notebook() -> str:
    """What a notebook calls, and what grades a source text."""
    found = [getattr(autograder, name) for name in autograder.__all__]
    return "\n\n".join(_entry("autograder", item) for item in found)


def _module(module: ModuleType) -> str:
    entries = [_entry(module.__name__, item) for item in _public(module)]
    return "\n\n".join([f"## {module.__name__}", _text(module.__doc__), *entries])


def _public(module: ModuleType) -> list[Any]:
    """Functions and classes of a module, in the order they are written down."""
    named = getattr(module, "__all__", None) or [n for n in vars(module) if n[0] != "_"]
    found = [getattr(module, name) for name in named]
    return [
        item
        for item in found
        if (inspect.isfunction(item) or inspect.isclass(item))
        and item.__module__.startswith(module.__name__)
        and inspect.getdoc(item)
    ]


def _entry(home: str, item: Any) -> str:
    shown = f"{item.__name__}{_signature(item)}"
    code = f"```python\n{shown}\n```"
    return f"### {home}.{item.__name__}\n\n{code}\n\n{_text(item.__doc__)}"


def _signature(item: Any) -> str:
    """The arguments without their types, which the text gives in words."""
    if inspect.isclass(item) and issubclass(item, Exception):
        return ""
    signature = inspect.signature(item)
    plain = [p.replace(annotation=p.empty) for p in signature.parameters.values()]
    return str(signature.replace(parameters=plain, return_annotation=signature.empty))


def _text(docstring: str | None) -> str:
    """A docstring as Markdown: paragraphs, indented blocks, examples."""
    paragraphs = inspect.cleandoc(docstring or "").split("\n\n")
    return "\n\n".join(map(_paragraph, paragraphs))


def _paragraph(text: str) -> str:
    if text.startswith(">>>"):
        return f"```pycon\n{text}\n```"
    if text.startswith("    "):
        return f"```text\n{inspect.cleandoc(text)}\n```"
    plain = LITERAL.sub(r"`\1`", ROLE.sub(r"`\1`", text))
    pieces = re.split(r"(`[^`]*`)", plain)
    return "".join(p if p.startswith("`") else SPECIAL.sub(r"\\\1", p) for p in pieces)
