"""The reference of the command line, made of the command itself."""

from __future__ import annotations

import typer

from autograder.cli import app
from docs.facts import table


def commands() -> str:
    """Every command with its arguments and options."""
    group = typer.main.get_command(app)
    found = [_command(name, command) for name, command in group.commands.items()]
    return "\n\n".join(found)


def _command(name: str, command: typer.core.TyperCommand) -> str:
    rows = [(_spelt(p), getattr(p, "help", "")) for p in command.params]
    usage = f"## backproplab {name}\n\n{command.help}"
    return f"{usage}\n\n{table(('argument', 'what it is'), rows)}" if rows else usage


def _spelt(parameter: typer.core.TyperArgument | typer.core.TyperOption) -> str:
    if parameter.param_type_name == "argument":
        return f"`{parameter.name.upper()}`"
    names = [*parameter.opts, *parameter.secondary_opts]
    return " or ".join(f"`{name}`" for name in names)
