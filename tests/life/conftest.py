"""The 28 cases of real life begin with activity A1, as the tests of services do; some with a real mail server, some on
the board.
"""

from tests.board.conftest import app, browser, jolanda
from tests.mail.conftest import box, telling
from tests.support.chapters import play, stage

__all__ = ["app", "box", "browser", "jolanda", "play", "stage", "telling"]
