"""Pictures that are drawn only when something is asked of them: nobody looks here."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Any


class Undrawn:
    """Stands for a picture that was asked for; draws it at the first question."""

    def __init__(self, draw: Callable[[], Any]) -> None:
        self._draw = functools.cache(draw)

    def __getattr__(self, name: str) -> Any:
        """Whatever the picture has."""
        return getattr(self._draw(), name)

    def __repr__(self) -> str:
        return repr(self._draw())


def draw_later(pictures: types.ModuleType) -> None:
    """Let every drawing function of a module return at once."""
    for name in pictures.__all__:
        function = getattr(pictures, name)
        if isinstance(function, types.FunctionType):
            setattr(pictures, name, _later(function))


def _later(function: Callable[..., Any]) -> Callable[..., Undrawn]:
    @functools.wraps(function)
    def asked(*arguments: Any, **options: Any) -> Undrawn:
        return Undrawn(functools.partial(function, *arguments, **options))

    return asked
