"""Each lesson says how long it takes, by the one rule, and its core is one sitting."""

from __future__ import annotations

import pytest

from autograder import minutes

LESSON = """---
jupytext:
  text_representation: {extension: .md, format_name: myst}
---

# A lesson

<details><summary>Answer</summary>

Six words stand in this fold.

</details>

```{code-cell} ipython3
:id: worked

three words = here
```

```{code-cell} ipython3
from backproplab.explorers import Nudge

predict("P1", ...)
```

```{code-cell} ipython3
:exercise: step

def step(x, fprime, eta):
    '''Docstring.'''
    ### BEGIN SOLUTION
    for _ in x:
        # no statement
        x = x

    return x
    ### END SOLUTION
```

```{code-cell} ipython3
:check: step

check("step", step)
```

The core of the lesson ends here.

## More, if you like it

```{code-cell} ipython3
:id: completion

missing = None
```
"""


def test_each_kind_of_work_is_counted(tmp_path):
    path = tmp_path / "own.md"
    path.write_text(LESSON, encoding="utf-8")
    core, more = minutes.core_and_more(path)
    # Title 2, fold 1 + 6, worked 3, exercise 5, last sentence 7.
    assert core == minutes.Minutes(24, 1, 1, 0, 1, exercises=6)
    assert more == minutes.Minutes(words=7, completions=1)
    assert core.total == pytest.approx(24 / 180 + 2.5 + 3 + 6)


def test_a_long_answer_counts_ten_minutes(tmp_path):
    path = tmp_path / "own.md"
    path.write_text(LESSON.replace("x = x", "x = x;" * 20), encoding="utf-8")
    assert minutes.core_and_more(path)[0].exercises == 10


def test_the_head_says_what_the_rule_gives(source):
    assert minutes.plan(source) in source.read_text(encoding="utf-8")


def test_the_head_is_rewritten(tmp_path):
    path = tmp_path / "own.md"
    head = "# A lesson\n\nPlan for about 99 minutes. Pencil and paper help."
    path.write_text(LESSON.replace("# A lesson", head), encoding="utf-8")
    minutes.write(path)
    said = "Plan for about 10 minutes; with all of *More*, about 15. Pencil"
    assert said in path.read_text(encoding="utf-8")


def test_the_core_takes_30_to_60_minutes(source):
    core, _ = minutes.core_and_more(source)
    assert 30 <= core.total <= 60


def test_the_end_of_the_core_is_marked(source):
    text = source.read_text(encoding="utf-8")
    assert text.count(minutes.CORE_ENDS) == text.count(f"\n{minutes.MORE}\n") <= 1
    if minutes.MORE in text:
        before = text.split(f"\n{minutes.MORE}\n")[0]
        assert minutes.CORE_ENDS in before.strip().split("\n\n")[-1]
        assert "*More*" in minutes.plan(source)
