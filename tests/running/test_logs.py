"""The log of a part: one JSON object per line, and never the text of an exception."""

import json
import subprocess
import sys
import textwrap

from sandwich.errors import NotFound, StoreUnavailable, loggable


def logged(code: str) -> list[dict[str, object]]:
    start = "import logging, structlog\nfrom sandwich.running.logs import set_up_logs\n"
    start += "from sandwich.settings import LogFormat\nset_up_logs(LogFormat.JSON, 'web')\n"
    done = subprocess.run(
        [sys.executable, "-c", start + textwrap.dedent(code)], capture_output=True, text=True, timeout=500, check=True
    )
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_own_events_and_those_of_libraries_look_the_same() -> None:
    ours, theirs = logged(
        """
        structlog.get_logger("sandwich.x").warning("mail waits", activity="a1")
        logging.getLogger("uvicorn.error").warning("Shutting %s", "down")
        """
    )
    assert ours.items() >= {"part": "web", "event": "mail waits", "level": "warning", "activity": "a1"}.items()
    assert theirs.items() >= {"part": "web", "event": "Shutting down", "level": "warning"}.items()
    assert ours.keys() - {"activity"} == theirs.keys()


def test_control_23_an_exception_is_told_by_its_class_and_place_alone() -> None:
    lines = logged(
        """
        def fail():
            raise ValueError("Nadia Bensalem <n.bensalem@vakcollege.example>")
        for log in (structlog.get_logger("sandwich.x"), logging.getLogger("uvicorn.error")):
            try:
                fail()
            except ValueError:
                log.exception("it broke")
        """
    )
    assert [line["error"] for line in lines] == ["ValueError", "ValueError"]
    assert all(line["passed"] for line in lines)
    assert "Bensalem" not in json.dumps(lines)


def test_control_23_the_door_for_mail_repeats_nothing_that_is_said_to_it() -> None:
    """Found by ``make hostile``: aiosmtpd warns of a word that it does not know, and of a code that is not let in."""
    lines = logged(
        """
        import asyncio
        from aiosmtpd.smtp import SMTP
        async def work():
            loop = asyncio.get_running_loop()
            server = await loop.create_server(lambda: SMTP(None, loop=loop), "127.0.0.1", 0)
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            for said in (b"EHLO x", b"N.BENSALEM", b"MAIL FROM:<n.bensalem@x.example>", b"AUTH LOGIN bi5iZW5zYWxlbQ=="):
                writer.write(said + b"\\r\\n")
            writer.write(b"QUIT\\r\\n")
            await reader.read()
            structlog.get_logger("sandwich.x").warning("end")
        asyncio.run(work())
        """
    )
    assert [line["event"] for line in lines] == ["end"]


def test_the_log_says_why_the_database_cannot_work_and_nothing_that_a_person_typed() -> None:
    full = StoreUnavailable(detail="the disk is full", reden="de schijf is vol")
    assert loggable(full) == {"error": "StoreUnavailable", "why": str(full)}
    assert "the disk is full" in loggable(full)["why"]
    assert loggable(NotFound(what="person", name="Jan de Vries")) == {"error": "NotFound"}


def test_a_crowd_that_cannot_be_let_in_is_one_line_and_not_thousands() -> None:
    lines = logged(
        """
        import asyncio, resource, socket
        async def work():
            server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
            crowd = [socket.socket() for _ in range(20)]
            resource.setrlimit(resource.RLIMIT_NOFILE, (crowd[-1].fileno() + 1,) * 2)  # nothing more can be opened
            for one in crowd:
                one.connect(server.sockets[0].getsockname())
            await asyncio.sleep(1.5)
        asyncio.run(work())
        """
    )
    assert [line["event"] for line in lines] == [
        "No new connection can be taken: this process may open no more files. "
        "Raise its limit: `ulimit -n 1024`, or LimitNOFILE= in systemd."
    ]
