"""A notebook with all explorers, each with its example and with input of one's own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, writes

from autograder.places import UsageError
from backproplab import explorers

INTRODUCTION = """# The explorers

Run a cell, predict a number, then look. All can be used with the keyboard alone.
Each explorer takes your own graphs, networks, data and functions: change the cells."""

OWN = {
    "GraphStepper": """from backproplab.graph import Node

a = Node(1, "a")
n = (2 * a).named("n")
y = ((3 * n).named("p") + (4 * n).named("q")).named("y")

GraphStepper(y)  # a fork: try "at once" too""",
    "ChainGears": """import math

gears = {"s = sin(x)": math.sin, "e = exp(3s)": lambda s: math.exp(3 * s)}

ChainGears(gears, x=0.5)""",
    "Nudge": """params = {
    "W1": [[1, -1], [0.5, 2]], "b1": [0, 0.1],
    "W2": [[1], [-2]], "b2": [0.3],
}

Nudge(params, X=[[1, 2], [0, -1]], Y=[[1], [0]], hidden="tanh")""",
    "ActivationLens": """def leaky(z):
    return max(z, 0.1 * z)

ActivationLens(leaky, w=1, b=0, x=-1)""",
    "Shapes": "Shapes(N=2, D=5, H=3)",
    "DeltaFlow": 'DeltaFlow(view="cost")',
    "GradientCheckV": """# abs has a kink at 0; what do differences say 0.001 beside it?
GradientCheckV(abs, 0.001)""",
    "DescentRace": """def curved_valley(a, b):
    return (1 - a) ** 2 + 10 * (b - a**2) ** 2


rates = {"gd": 0.015, "momentum": 0.002, "adagrad": 0.5, "adam": 0.2}
window = ((-2, 2), (-1, 3))

DescentRace(curved_valley, start=(-1.5, 2.5), rates=rates, window=window)""",
    "DepthLab": """import numpy as np

from backproplab.training import initialise

deep = initialise([2, *[16] * 20, 3], "he", rng=0)
points = np.random.default_rng(1).standard_normal((60, 2))
classes = np.eye(3)[np.arange(60) % 3]

DepthLab(params=deep, X=points, Y=classes, activation="tanh")""",
    "TrainingDesk": """import numpy as np

ring = np.random.default_rng(2).standard_normal((200, 2))
inside = (ring[:, 0] ** 2 + ring[:, 1] ** 2 < 1).astype(int)

TrainingDesk(ring, inside, hidden="4")""",
}


def write_gallery(file: Path) -> bool:
    """Write the notebook unless ``file`` is there; say whether it was written."""
    if file.suffix != ".ipynb":
        raise UsageError(f"{file} should end in .ipynb; the gallery is a notebook.")
    if file.is_dir():
        raise UsageError(f"{file} is a folder; choose another name for the gallery.")
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with open(file, "x", encoding="utf-8") as new:
            new.write(writes(gallery()) + "\n")
    except FileExistsError:
        return False
    return True


def gallery() -> Any:
    """The notebook: a heading, then for each explorer its words and its cells."""
    cells = [new_markdown_cell(INTRODUCTION, id="gallery")]
    for name in explorers.EXPLORERS:
        explorer = getattr(explorers, name)
        heading = f"## {explorer.title}\n\n{words(explorer.__doc__)}"
        call = f"from backproplab.explorers import {name}\n\n{name}()"
        cells.append(new_markdown_cell(heading, id=f"{name}-words"))
        cells.append(new_code_cell(call, id=f"{name}-example"))
        if name in OWN:
            cells.append(new_code_cell(OWN[name], id=f"{name}-own"))
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return new_notebook(cells=cells, metadata=metadata)


def words(docstring: str) -> str:
    """What a docstring says, without its examples and the ids of formulas.

    >>> words('''One neuron (M1, N3), as ``f`` says.
    ...
    ...     >>> 1 + 1
    ...     2
    ...     ''')
    'One neuron, as `f` says.'
    """
    said = docstring.split(">>>")[0]
    said = re.sub(r" \([A-Z]\d+(?:, [A-Z]\d+)*\)", "", said)
    paragraphs = re.split(r"\n\s*\n", said.strip())
    return "\n\n".join(" ".join(p.split()) for p in paragraphs).replace("``", "`")
