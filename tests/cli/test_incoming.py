"""Mail that came in, at the command line."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

from sandwich.incoming.keep import keep
from sandwich.mail.tags import Tag, Use
from sandwich.runtime import open_runtime
from sandwich.settings import read_settings
from tests.cli.conftest import Run

RAW = b"From: Koen <koen@korteweg.example>\r\nSubject: Re: vraag\r\nMessage-ID: <1@x.example>\r\n\r\nJa, graag.\r\n"


def test_what_came_in_is_listed_and_shown(here: Run, small_installation: dict[str, str]) -> None:
    assert "Er is geen mail binnengekomen." in here(small_installation, "incoming").out

    async def bring() -> str | None:
        runtime = open_runtime(read_settings(small_installation))
        try:
            return await keep(runtime, Tag(Use.REPLY, "0" * 24), "koen@korteweg.example", RAW)
        finally:
            await runtime.close()

    with ThreadPoolExecutor(1) as thread:
        key = str(thread.submit(asyncio.run, bring()).result())
    listed = here(small_installation, "incoming")
    assert key[:8] in listed.out
    [line] = json.loads(here(small_installation, "incoming", "--json").out)
    assert (line["id"], line["kind"], line["is_there"]) == (key, "new", True)
    shown = here(small_installation, "incoming", "show", key[:8])
    assert "Koen <koen@korteweg.example>" in shown.out
    assert "Ja, graag." in shown.out
    assert here(small_installation, "incoming", "show", "nergens").code != 0


def test_without_a_way_in_nothing_is_received(here: Run, small_installation: dict[str, str]) -> None:
    said = here(small_installation, "receive")
    assert said.code == 1
    assert "SANDWICH_INCOMING_LISTEN" in said.err
