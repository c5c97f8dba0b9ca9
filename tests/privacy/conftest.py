"""What is kept is looked at in activity A1, as the tests of services do, with a real mail server where mail leaves."""

from tests.mail.conftest import nobody_wakes
from tests.support.chapters import play, stage

__all__ = ["nobody_wakes", "play", "stage"]
