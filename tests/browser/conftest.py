"""One Chromium, one server and one open JupyterLab for all browser tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.doctor import find_browser
from tests.browser.jupyterlab import Notebook, browser, server, watched
from tests.browser.site import built, served

BROWSER = find_browser()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark this folder's tests; without a browser they are skipped, except in CI."""
    absent = pytest.mark.skipif(
        BROWSER is None and "CI" not in os.environ,
        reason="no Chromium found: the browser tests were not run",
    )
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)
            item.add_marker(absent)


# Scope "package": playwright's event loop must be gone before the next folder's tests.
@pytest.fixture(scope="package")
def chromium():
    with browser(BROWSER) as chromium:
        yield chromium


@pytest.fixture(scope="package")
def jupyter(tmp_path_factory):
    root = tmp_path_factory.mktemp("notebooks")
    with server(root, tmp_path_factory.mktemp("scratch")) as jupyter:
        yield jupyter


@pytest.fixture(scope="package")
def notebook(jupyter, chromium):
    """A notebook in JupyterLab; ``switch`` opens another one in the same page."""
    with watched(chromium, kind=Notebook) as notebook:
        notebook.open(jupyter.url(jupyter.write("first.ipynb", "1 + 1")))
        yield notebook


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder of the site, built from this tree."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    return built(shared)


@pytest.fixture(scope="session")
def address(site):
    """Where a web server shows the site."""
    with served(site) as address:
        yield address
