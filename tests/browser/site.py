"""The built site, as a web server shows it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urlsplit

from filelock import FileLock

from docs.build import build


def built(shared: Path) -> Path:
    """The site, built once for all workers, or the one BACKPROPLAB_SITE names."""
    if "BACKPROPLAB_SITE" in os.environ:
        return Path(os.environ["BACKPROPLAB_SITE"])
    site = shared / "site"
    with FileLock(shared / "site.lock"):
        if not site.exists():
            assert build(site) == 0, "the site does not build; see what Sphinx said"
    return site


class _Quiet(SimpleHTTPRequestHandler):
    extensions_map = {
        **SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def log_message(self, *words: Any) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address under which the folder can be read, without a slash at its end."""
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


class Page(HTMLParser):
    """What a page links to, and the places in it that can be linked to."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file
        self.links: set[str] = set()
        self.places: set[str] = set()
        self.text: list[str] = []
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.links.add(value)
            elif name in ("id", "name") and value:
                self.places.add(value)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def dead_links(site: Path) -> list[str]:
    """Links inside the site that lead nowhere, one sentence each."""
    pages = {file: Page(file) for file in pages_of(site)}
    return [
        f"{file.relative_to(site)}: {link}"
        for file, page in pages.items()
        for link in sorted(page.links)
        if not _leads_somewhere(link, file, pages)
    ]


def _leads_somewhere(link: str, file: Path, pages: dict[Path, Page]) -> bool:
    address, place = urldefrag(link)
    parts = urlsplit(address)
    if parts.scheme:
        return parts.scheme in ("https", "mailto", "data")
    target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
    if target.is_dir():
        target /= "index.html"
    if not target.is_file():
        return False
    return not place or target not in pages or unquote(place) in pages[target].places


def pages_of(site: Path) -> list[Path]:
    """The pages to read: all but JupyterLite's own."""
    files = sorted(site.resolve().rglob("*.html"))
    return [file for file in files if "lite" not in file.relative_to(site).parts]
