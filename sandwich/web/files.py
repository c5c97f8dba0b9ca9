"""Give a stored file out: pictures to look at, everything else to save; never run."""

from urllib.parse import quote

from fastapi.responses import Response

from sandwich.paper import Paper
from sandwich.services.uploads import StoredFile


def file_response(file: StoredFile) -> Response:
    """Return the file with headers under which nothing in it can act."""
    kind = "inline" if file.is_picture else "attachment"
    plain = file.name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "")
    return Response(
        file.content,
        media_type=file.media_type,
        headers={
            "Content-Disposition": f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(file.name)}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


def paper_response(paper: Paper) -> Response:
    """Return a PDF of ours to look at."""
    return Response(
        paper.content,
        media_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{paper.name}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )
