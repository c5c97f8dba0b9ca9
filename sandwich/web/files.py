"""Give a file out: pictures and our own papers to look at, everything else to save; never run."""

from urllib.parse import quote

from fastapi.responses import Response

from sandwich.paper import Paper
from sandwich.services.uploads import StoredFile

INERT = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""Nothing runs and nothing is fetched; the style is the browser's own, in which it shows a picture by itself."""


def file_response(file: StoredFile) -> Response:
    """Return the file with headers under which nothing in it can act."""
    headers = _headers("inline" if file.is_picture else "attachment", file.name)
    headers["Content-Disposition"] += f"; filename*=UTF-8''{quote(file.name)}"
    headers["Content-Security-Policy"] = INERT
    return Response(file.content, media_type=file.media_type, headers=headers)


def paper_response(paper: Paper) -> Response:
    """Return a PDF of ours to look at."""
    return Response(paper.content, media_type="application/pdf", headers=_headers("inline", paper.name))


def download(content: bytes, name: str, media_type: str) -> Response:
    """Return a file that we made, to save."""
    return Response(content, media_type=media_type, headers=_headers("attachment", name))


def _headers(disposition: str, name: str) -> dict[str, str]:
    plain = name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "")
    return {
        "Content-Disposition": f'{disposition}; filename="{plain}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
