"""A local package index that serves the files of a folder, and a newer release of each of their projects."""

from __future__ import annotations

import html
import io
import re
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING
from zipfile import ZipFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NEWER = "9999.0"


@contextmanager
def newer_index(folder: Path) -> Iterator[str]:
    """The index's URL (PEP 503)."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, folder))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/simple"
    finally:
        server.shutdown()
        server.server_close()


class Handler(BaseHTTPRequestHandler):
    """`/simple/NAME/` lists a project's files, `/files/NAME` is one of them."""

    protocol_version = "HTTP/1.1"

    def __init__(self, folder: Path, *arguments: object) -> None:
        self.folder = folder
        super().__init__(*arguments)  # type: ignore[arg-type]  # as the server calls it

    def do_GET(self) -> None:
        """Respond with a list or a file."""
        kind, _, name = self.path.strip("/").partition("/")
        body = self._listed(name) if kind == "simple" else self._file(name) if kind == "files" else None
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Type", "text/html" if kind == "simple" else "application/octet-stream")
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def _listed(self, project: str) -> bytes | None:
        files = [file.name for file in self.folder.iterdir() if project_of(file.name) == project]
        if not files:
            return None
        files.append(f"{project.replace('-', '_')}-{NEWER}-py3-none-any.whl")
        links = (f'<a href="/files/{html.escape(name)}">{html.escape(name)}</a><br>' for name in files)
        return f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>".encode()

    def _file(self, name: str) -> bytes | None:
        if f"-{NEWER}-" in name:
            return newer_wheel(name.partition("-")[0])
        file = self.folder / name
        return file.read_bytes() if file.parent == self.folder and file.is_file() else None

    def log_message(self, *_arguments: object) -> None:
        """Log nothing: the output of pip is enough."""


def project_of(file: str) -> str:
    """The normalised name of a wheel's or source archive's project."""
    name = file.partition("-")[0] if file.endswith(".whl") else file.rpartition("-")[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def newer_wheel(name: str) -> bytes:
    """An empty release."""
    content, information = io.BytesIO(), f"{name}-{NEWER}.dist-info"
    with ZipFile(content, "w") as archive:
        archive.writestr(f"{information}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {NEWER}\n")
        archive.writestr(f"{information}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{information}/RECORD", "")
    return content.getvalue()
