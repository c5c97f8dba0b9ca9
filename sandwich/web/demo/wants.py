"""Whether a request comes from a script that reads JSON or from a person."""

from fastapi import Request


def wants_json(request: Request) -> bool:
    """Return whether JSON was asked for."""
    accept = request.headers.get("accept", "")
    return "application/json" in accept and "text/html" not in accept
