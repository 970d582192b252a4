"""HTML: a page for each student and one about the class."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from autograder.grading.probe import Protection
from autograder.grading.summary import summarise

STYLE = """
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}
td,th{text-align:left;padding:.3em .6em;
 border-bottom:1px solid #8886;vertical-align:top}
section{margin:1.5rem 0}.small{font-size:.85em;opacity:.85}
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
<section><h2>{{ entry.exercise }}:
{{ "%g"|format(entry.points) }} of {{ "%g"|format(entry.max_points) }}</h2>
{{ entry.html|safe }}</section>
{% endfor %}
{% if row.notes %}<h2>Notes</h2><ul>
{% for note in row.notes %}<li>{{ note }}</li>{% endfor %}</ul>{% endif %}
<p class="small">{{ protection }}</p></body></html>
"""
)

CLASS = (
    HEAD
    + """
<p>{{ summary.scores|length }} graded
{%- if summary.scores %}, median {{ "%g"|format(middle) }} of
{{ "%g"|format(most) }} points{% endif %}
{%- if summary.unread %}, <strong>{{ summary.unread|length }} not graded</strong>
{% endif %}.</p>
<h2>Exercise by exercise</h2>
<table><tr><th>exercise<th>right<th>not right<th>commonest mistakes<th>time</tr>
{% for e in summary.exercises %}<tr><td>
{% if e.title %}{{ e.title }}<br>{% endif %}<code>{{ e.id }}</code>
<td>{{ "%.0f"|format(100 * e.share) }} % <span class="bar">
<i style="width:{{ "%.0f"|format(100 * e.share) }}%"></i></span>
<td>{% for status, count in e.statuses.items() if status != "right" -%}
{{ count }} {{ status }}<br>{% endfor %}
<td>{% for key, count, text in e.mistakes %}{{ count }} &times; {{ text }}
{% if key != text %}({{ key }}){% endif %}<br>{% else %}&ndash;{% endfor %}
<td>{{ "%.0f"|format(1000 * e.seconds) }} ms</tr>
{% endfor %}</table>
<h2>Who needs help</h2>
{% if summary.need_help %}<table><tr><th>student<th>points<th>not right yet</tr>
{% for student, score, of, missing in summary.need_help %}<tr><td>{{ student }}
<td>{{ "%g"|format(score) }} of {{ "%g"|format(of) }}<td>{{ missing|join(", ") }}</tr>
{% endfor %}</table>{% else %}
<p>Everybody has at least half of the points.</p>{% endif %}
{% if summary.unread %}<h2>Not graded</h2><ul>
{% for student, why in summary.unread %}<li>{{ student }}: {{ why }}</li>{% endfor %}
</ul>{% endif %}
{% if summary.flagged %}<h2>Worth a look: was it derived?</h2><ul>
{% for student, note in summary.flagged %}<li>{{ student }}: {{ note }}</li>{% endfor %}
</ul>{% endif %}
<p class="small">{{ protection }}</p></body></html>
"""
)


def _render(template: str, **values: Any) -> str:
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=True)
    return environment.from_string(template).render(style=STYLE, **values)


def student_page(row: dict[str, Any], protection: Protection) -> str:
    """One student's verdicts, the same ones the notebook shows."""
    title = f"{row['student']}: {row['lesson'] or row['notebook']}"
    return _render(STUDENT, title=title, row=row, protection=protection.line)


def class_page(rows: Sequence[dict[str, Any]], protection: Protection) -> str:
    """What the class can do, and what it cannot do yet."""
    from statistics import median

    summary = summarise(rows)
    return _render(
        CLASS,
        title="Class report",
        summary=summary,
        middle=median(summary.scores) if summary.scores else 0,
        most=max((row["max_score"] or 0 for row in rows), default=0),
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
