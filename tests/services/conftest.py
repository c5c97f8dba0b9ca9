"""Activity A1, played up to the chapter that a test begins with."""

from tests.support.chapters import play, stage

__all__ = ["play", "stage"]
