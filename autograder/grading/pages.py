"""HTML: a page for each student and one about the class."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import median
from typing import Any

from autograder.exercises import EXERCISES
from autograder.grading.probe import Protection
from autograder.grading.summary import flagged, spare, summarise, unread
from autograder.mistakes import MISTAKES

FIRST = 8  # so many mistakes, and twice as many students, are seen at first

STYLE = """
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}
td,th{text-align:left;padding:.3em .6em;
 border-bottom:1px solid #8886;vertical-align:top}
td.whole{white-space:nowrap}a{color:inherit}
section{margin:1.5rem 0}pre{overflow:auto;padding:.6em;background:#8882}
.small{font-size:.85em;opacity:.85}
.bar{background:#8883;width:8em;height:.8em;display:inline-block}
.bar i{background:#0072b2;height:100%;display:block}
"""

HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'">
<title>{{ title }}</title><style>{{ style|safe }}</style></head><body>
<h1>{{ title }}</h1>
"""

STUDENT = (
    HEAD
    + """
{% if row.problem %}<p><strong>Not graded:</strong> {{ row.problem }}</p>
{% else %}<p><strong>{{ "%g"|format(row.score) }} of
{{ "%g"|format(row.max_score) }} points</strong> ({{ row.notebook }})</p>{% endif %}
{% for entry in row.exercises %}
<section><h2>{{ titles[entry.exercise] or entry.exercise }}:
{{ "%g"|format(entry.points) }} of {{ "%g"|format(entry.max_points) }}</h2>
{{ entry.html|safe }}
{% if entry.answer %}<details><summary>your answer</summary>
<pre>{{ entry.answer }}</pre></details>{% endif %}</section>
{% endfor %}
{% if row.notes %}<h2>Notes</h2><ul>
{% for note in row.notes %}<li>{{ note }}</li>{% endfor %}</ul>{% endif %}
<p class="small">{{ protection }}</p></body></html>
"""
)

CLASS = (
    HEAD
    + """
{% macro name(student, lesson) -%}
<a href="students/{{ pages[student, lesson] }}.html">{{ student }}</a>
{%- endmacro %}
{% macro mistakes(found, lesson) %}
<table><tr><th>students<th>mistake<th>in</tr>
{% for m in found %}<tr><td>{{ m.students|length }}
<td>{{ m.title }} ({{ m.id }})<br><span class="small">{{ m.question }}</span>
<details><summary class="small">who</summary>{% for s in m.students -%}
{{ name(s, lesson) }}{{ ", " if not loop.last }}{% endfor %}</details>
<td>{% for e in m.exercises %}<code>{{ e }}</code> {% endfor %}</tr>
{% endfor %}</table>
{% endmacro %}
{% macro helped(found, lesson) %}
<table><tr><th>student<th>points<th>not right yet</tr>
{% for student, score, of, missing in found %}
<tr><td>{{ name(student, lesson) }}
<td class="whole">{{ "%g"|format(score) }} of {{ "%g"|format(of) }}
<td>{{ missing }}</tr>
{% endfor %}</table>
{% endmacro %}
<p>{{ graded }} graded
{%- if unread %}, <strong>{{ unread|length }} not graded</strong>{% endif %}.</p>
{% if unread %}<h2>Not graded</h2><ul>
{% for student, why in unread %}<li>{{ name(student, "") }}: {{ why }}</li>{% endfor %}
</ul>{% endif %}
{% for summary in lessons %}
<h2>{{ summary.lesson }}</h2>
<p>{{ summary.scores|length }} graded, median
{{ "%g"|format(summary.scores|median) }} of {{ "%g"|format(summary.most) }} points
{%- if summary.middle %}, the middle half from
{{ "%g to %g"|format(*summary.middle) }}{% endif %}.</p>
<h3>Exercise by exercise</h3>
<table><tr><th>exercise<th>right<th>not right<th>what was found<th>time</tr>
{% for e in summary.exercises %}<tr><td>
{% if e.title %}{{ e.title }}<br>{% endif %}<code>{{ e.id }}</code>
<td class="whole">{{ "%.0f"|format(100 * e.share) }} %<br><span class="bar">
<i style="width:{{ "%.0f"|format(100 * e.share) }}%"></i></span>
<td class="whole">{% for status, count in e.statuses.items() if status != "right" -%}
{{ count }} {{ status }}<br>{% endfor %}
<td>{% for key, count, text in e.mistakes %}{{ count }} &times; {{ text }}
{% if key in known %}({{ key }}){% endif %}<br>{% else %}&ndash;{% endfor %}
<td class="whole">{{ "%.0f"|format(1000 * e.seconds) }} ms</tr>
{% endfor %}</table>
{% if summary.mistakes %}<h3>Mistakes worth a word in the next lecture</h3>
{{ mistakes(summary.mistakes[:first], summary.lesson) }}
{% if summary.mistakes|length > first %}<details><summary>
{{ summary.mistakes|length - first }} rarer ones</summary>
{{ mistakes(summary.mistakes[first:], summary.lesson) }}</details>{% endif %}{% endif %}
<h3>Who needs help</h3>
{% if summary.need_help %}
<p>{{ summary.need_help|length }} have less than half of the points.</p>
{{ helped(summary.need_help[:2 * first], summary.lesson) }}
{% if summary.need_help|length > 2 * first %}<details><summary>
{{ summary.need_help|length - 2 * first }} more</summary>
{{ helped(summary.need_help[2 * first:], summary.lesson) }}</details>{% endif %}
{% else %}
<p>Everybody has at least half of the points.</p>{% endif %}
{% endfor %}
{% if spare %}<h2>Several notebooks of one student</h2>
<p>These were graded too, but do not count.</p><ul>
{% for student, lesson, notebook, why in spare %}
<li>{{ student }}, {{ lesson }}: {{ notebook }} ({{ why }})</li>{% endfor %}
</ul>{% endif %}
{% if flagged %}<h2>Worth a look: was it derived?</h2><ul>
{% for student, lesson, note in flagged %}<li>{{ name(student, lesson) }}:
{{ note }}</li>{% endfor %}
</ul>{% endif %}
<p class="small">{{ protection }}</p></body></html>
"""
)


def _render(template: str, **values: Any) -> str:
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=True)
    environment.filters["median"] = median
    return environment.from_string(template).render(style=STYLE, **values)


def student_page(row: dict[str, Any], protection: Protection) -> str:
    """One student's verdicts, the same ones the notebook shows."""
    title = f"{row['student']}: {row['lesson'] or row['notebook']}"
    titles = {e["exercise"]: _title(e["exercise"]) for e in row["exercises"]}
    return _render(
        STUDENT, title=title, row=row, titles=titles, protection=protection.line
    )


def _title(exercise_id: str) -> str:
    return EXERCISES[exercise_id].title if exercise_id in EXERCISES else ""


def class_page(rows: Sequence[dict[str, Any]], protection: Protection) -> str:
    """What the class can do, and what it cannot do yet."""
    missing, others = unread(rows), spare(rows)
    return _render(
        CLASS,
        title="Class report",
        lessons=summarise(rows),
        graded=len(rows) - len(missing) - len(others),
        spare=others,
        unread=missing,
        flagged=flagged(rows),
        known=MISTAKES,
        first=FIRST,
        pages={
            (row["student"], row["lesson"]): name
            for row, name in zip(rows, page_names(rows), strict=True)
            if not row["spare"]
        },
        protection=protection.line,
    )


def page_names(rows: Sequence[dict[str, Any]]) -> list[str]:
    """A safe and distinct file name for each row.

    >>> page_names([{"student": "../a", "notebook": "x.ipynb"}])
    ['a-x']
    """
    taken: set[str] = set()
    names = []
    for row in rows:
        stem = row["notebook"].removesuffix(".ipynb")
        base = re.sub(r"[^\w.-]+", "_", f"{row['student']}-{stem}")[:80].strip("._- ")
        base = base or "student"
        name, number = base, 1
        while name.casefold() in taken:
            number += 1
            name = f"{base}-{number}"
        taken.add(name.casefold())
        names.append(name)
    return names
