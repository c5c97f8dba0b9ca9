"""No mail of ours looks like something else to a filter: Debian's spamassassin over one of each kind."""

import mailbox
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from models.text import Language
from sandwich.mail.compose import compose
from sandwich.mail.render import renderer
from tests.mail.samples import CONTEXTS, sample
from tests.mail.test_compose import ENVELOPE, SETTINGS, invite
from tests.support.need import need

MOST = 1.0
"""Points that a mail may have. 5 is what is usually refused."""

TYPED = "Hoe bouw je een huis in de fabriek?"
WITH_CALENDAR = {"practical-info", "moved"}


@pytest.mark.timeout(900)
def test_no_mail_is_taken_for_spam(tmp_path: Path) -> None:
    need(shutil.which("spamassassin") is not None, "no spamassassin: apt install spamassassin")
    letters, names = mailbox.mbox(tmp_path / "all"), []
    for name in CONTEXTS:
        for language in Language:
            words = renderer("Europe/Amsterdam").render(name, language, sample(name, TYPED))
            files = (invite(),) if name in WITH_CALENDAR else ()
            letters.add(compose(SETTINGS, ENVELOPE, words, files).data)
            names.append(f"{name} in {language.name.lower()}")
    letters.close()

    with (tmp_path / "all").open("rb") as given:
        looked = subprocess.run(
            ["spamassassin", "--local", "--nocreate-prefs", "--mbox"],
            stdin=given,
            capture_output=True,
            check=True,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8"},
        )

    scores = re.findall(
        r"^X-Spam-Status: \w+, score=(-?[\d.]+)(.*?)(?=^\S)", looked.stdout.decode("utf-8"), re.M | re.S
    )
    assert len(scores) == len(names) == 2 * len(CONTEXTS)
    high = {name: (score, why) for name, (score, why) in zip(names, scores, strict=True) if float(score) > MOST}
    assert high == {}
