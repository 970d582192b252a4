"""Settings of Sphinx for the site; `python -m docs.build` runs it."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import backproplab  # noqa: E402

project = "backproplab"
author = "The backproplab authors"
project_copyright = author
release = backproplab.__version__

extensions = [
    "myst_nb",
    "docs.accessible",
    "docs.generated",
    "docs.math_font",
    "docs.mathml",
]
myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 3
myst_links_external_new_tab = False
suppress_warnings = ["myst.header"]

nb_execution_mode = "off"  # docs.lesson_pages has run the lessons already

html_theme = "furo"
html_title = "backproplab"
html_favicon = "_static/icon.svg"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = [("site.js", {"type": "module"})]
html_math_renderer = "mathml"
html_copy_source = False
html_show_sourcelink = False
html_use_index = False
html_theme_options = {
    "navigation_with_keys": False,
    "light_css_variables": {
        "color-brand-primary": "#005f96",
        "color-brand-content": "#005f96",
        "color-brand-visited": "#6b3f87",
    },
    "dark_css_variables": {
        "color-brand-primary": "#6cc4f5",
        "color-brand-content": "#6cc4f5",
        "color-brand-visited": "#c9a4e0",
    },
}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
