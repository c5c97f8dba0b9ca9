"""Telling that Prefect has no such thing from other errors; its client says it in more ways than one."""

from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError

MAYBE_GONE = (ObjectNotFound, PrefectHTTPStatusError)
"""What may be raised when something is not there; ask :func:`is_gone` whether it is that."""


def is_gone(error: Exception) -> bool:
    """Return whether Prefect answered that what was asked for does not exist."""
    return isinstance(error, ObjectNotFound) or (
        isinstance(error, PrefectHTTPStatusError) and error.response.status_code == 404
    )
