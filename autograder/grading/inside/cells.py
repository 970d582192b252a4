"""Run a submission's cells: the student's own, and the released ones they use."""

from __future__ import annotations

import ast
import contextlib
import itertools
import linecache
import re
import signal
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any

from autograder.calling import Outcome, call_many
from autograder.grading.inside.shell import Shell, close_figures
from autograder.time_limit import TimeLimit

# The last value and the history: only IPython keeps these.
HISTORY = re.compile(r"_{1,3}|_i{1,3}|_i?\d+|Out|In|_[doi]h")
BY_TEXT = {"eval", "exec", "globals", "locals", "vars", "get_ipython", "__import__"}
WORD = re.compile(r"[^\W\d]\w*")

MAX_READ_AGAIN = 100_000
KEPT = (FunctionType, ModuleType, type)
Given = tuple[str, Collection[str], Collection[str]]
Failed = tuple[int, str, str, str]

_counter = itertools.count(1)


@dataclass(frozen=True)
class Cell:
    """A cell's text, and its code when it is plain Python."""

    source: str
    code: CodeType | None

    def names(self) -> set[str]:
        """Every name it may look up outside its functions, rather too many."""
        names = _outer_names(self.code) if self.code else set(BY_TEXT)
        return names | set(WORD.findall(self.source)) if names & BY_TEXT else names


def _outer_names(code: CodeType) -> set[str]:
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= _outer_names(constant)
    return names


def read_all(sources: Sequence[str]) -> list[Cell]:
    """The cells, compiled; but left to IPython where one asks for the history."""
    cells = [Cell(source, _compiled(source)) for source in sources]
    if any(HISTORY.fullmatch(name) for cell in cells for name in cell.names()):
        return [Cell(cell.source, None) for cell in cells]
    return cells


def _compiled(source: str) -> CodeType | None:
    name = f"<cell {next(_counter)}>"
    try:
        code = compile(source, name, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    return code


def needed(given: Sequence[Given], own: Sequence[Cell]) -> list[int]:
    """Which of the given cells the own ones use, step by step.

    A given cell is its source, the names it defines and the names it uses.
    """
    wanted = {"np"}.union(*(cell.names() for cell in own))
    chosen: set[int] = set()
    while True:
        more = [
            index
            for index, (_, binds, _) in enumerate(given)
            if index not in chosen and not wanted.isdisjoint(binds)
        ]
        if not more:
            return sorted(chosen)
        chosen.update(more)
        wanted.update(*(given[index][2] for index in more))


def run_cells(
    shell: Shell,
    given: Sequence[Given],
    own: Sequence[str],
    each: float,
    together: float,
) -> list[Failed]:
    """Run what is needed; a failed own cell as (index, status, error, where)."""
    failed = []
    deadline = time.monotonic() + together
    seen: dict[str, Any] = {}
    cells = read_all(own)
    first = [
        (-1, cell) for cell in read_all([given[i][0] for i in needed(given, cells)])
    ]
    for index, cell in [*first, *enumerate(cells)]:
        left = deadline - time.monotonic()
        if left <= 0:
            failed.append((index, "timeout", "the cells before took too long", ""))
            continue
        outcome = guarded(_runner(shell, cell, seen), [()], min(each, left))[0]
        if outcome.status != "returned":
            failed.append((index, outcome.status, outcome.error, outcome.where))
    return [failure for failure in failed if failure[0] >= 0]


def _runner(shell: Shell, cell: Cell, seen: dict[str, Any]) -> Callable[[], None]:
    """What runs one cell: plain Python at once, anything else the notebook's way.

    Functions and modules in ``seen`` that it removes are put back: a tidy ``del np``,
    or a ``%reset`` after the last check, must not cost the answers.
    """

    def run() -> None:
        try:
            run_it()
        except Exception as error:
            go_on_after(error, cell.source, shell)
            raise
        finally:
            for name, value in seen.items():
                shell.user_ns.setdefault(name, value)
            names = shell.user_ns.items()
            seen.update({n: v for n, v in names if type(v) in KEPT})

    def run_it() -> None:
        if cell.code is not None:
            exec(cell.code, shell.user_ns)
        else:
            result = shell.run_cell(cell.source, store_history=True)
            error = result.error_before_exec or result.error_in_exec
            if error is not None:
                raise error
        close_figures()

    return run


def go_on_after(error: Exception, source: str, shell: Shell) -> None:
    """Run what stands below a statement that failed, statement by statement.

    A package that is not here, a file or an ``input()`` above an answer must not cost
    the answer.
    """
    place = _where_it_failed(error, shell)
    if place is None or len(source) > MAX_READ_AGAIN:
        return
    line, file_name = place
    try:
        statements = ast.parse(shell.transform_cell(source)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    futures = [s for s in statements if getattr(s, "module", "") == "__future__"]
    for statement in statements:
        if statement.lineno > line:
            with contextlib.suppress(Exception):
                module = ast.Module([*futures, statement], [])
                exec(compile(module, file_name, "exec"), shell.user_ns)


def _where_it_failed(error: Exception, shell: Shell) -> tuple[int, str] | None:
    """Line and file name of the cell's own statement; None where none of it ran."""
    place, step = None, error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        own = step.tb_frame.f_globals is shell.user_ns
        if own and code.co_name == "<module>":
            place = step.tb_lineno, code.co_filename
        step = step.tb_next
    return place


def guarded(
    function: Callable[..., Any], arguments: Sequence[tuple[Any, ...]], seconds: float
) -> list[Outcome]:
    """Call, whatever the function raises and however it swallows its time limit."""
    try:
        return call_many(function, arguments, seconds)
    except TimeLimit:
        late = Outcome("timeout", error=f"it took longer than {seconds:g} seconds")
        return [late] * len(arguments)
    except BaseException as error:
        broken = Outcome("crashed", error=type(error).__name__)
        return [broken] * len(arguments)
    finally:
        _stop_timer()


def _stop_timer() -> None:
    """A time limit that struck keeps striking, so stopping it may take several goes."""
    while hasattr(signal, "setitimer"):
        try:
            signal.signal(signal.SIGALRM, signal.SIG_IGN)
            signal.setitimer(signal.ITIMER_REAL, 0)
            return
        except TimeLimit:
            continue
