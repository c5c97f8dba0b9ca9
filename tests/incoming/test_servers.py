"""Real mail servers in front: Postfix hands mail over by LMTP, Dovecot keeps a mailbox that is read by IMAP."""

import asyncio
import os
import shutil
import smtplib
import subprocess
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from models.tables.incoming import Came
from sandwich.incoming.handle import handle_new
from sandwich.incoming.listen import listening
from sandwich.incoming.mailbox import Looked, MailboxUnavailable, look_inside, take_mail
from sandwich.mail.deliver import deliver_due
from sandwich.running.incoming import look_at_incoming
from sandwich.running.ports import free_port
from sandwich.runtime import Runtime
from sandwich.settings import Encryption
from tests.incoming.conftest import Post, a_bounce, a_mail
from tests.mail.queueing import put
from tests.mail.telling import Telling

pytestmark = [pytest.mark.asyncio, pytest.mark.both]
PATIENCE = 120
HOST = "127.0.0.1"


@pytest.fixture(params=["sqlite"])
def databases(request: pytest.FixtureRequest) -> object:
    """One database: what is looked at is the line to another program."""
    return request.getfixturevalue("sqlite_databases")


def needed(program: str, package: str) -> str:
    """Return where a program is; a test that lacks it is skipped, and fails where CI=true."""
    found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None or os.geteuid() != 0:
        said = f"needs {program} and to run as root: apt-get install {package}"
        if os.environ.get("CI") == "true":
            pytest.fail(said, pytrace=False)
        pytest.skip(said)
    return found


def changed(runtime: Runtime, **settings: object) -> Runtime:
    return Runtime(runtime.settings.model_copy(update=settings), runtime.store, runtime.clock, runtime.library)


async def until(condition: Callable[[], Awaitable[bool]], what: str) -> None:
    for _ in range(PATIENCE * 5):
        if await condition():
            return
        await asyncio.sleep(0.2)
    pytest.fail(what)


MASTER = """
{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@pytest.fixture
def postfix_port() -> int:
    return free_port(HOST)


@pytest_asyncio.fixture
async def door(telling: Telling) -> AsyncIterator[str]:
    """Where our own door listens, while what comes in is handled."""
    async with listening(telling.runtime) as where:
        yield where


@pytest.fixture
def shallow() -> Iterator[Path]:
    """A folder that accounts of their own can enter, and in which the name of a socket stays short enough."""
    with tempfile.TemporaryDirectory(prefix="sandwich-incoming-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def postfix(shallow: Path, postfix_port: int, door: str) -> Iterator[Path]:
    """A Postfix of our own, set up as docs/running.md says: what comes to our domain is handed over by LMTP."""
    program = needed("postfix", "postfix")
    folder = shallow / "postfix"
    for name in ("etc", "queue", "data"):
        (folder / name).mkdir(parents=True)
    shutil.chown(folder / "data", "postfix")
    (folder / "etc" / "main.cf").write_text(
        f"compatibility_level = 3.6\nqueue_directory = {folder}/queue\ndata_directory = {folder}/data\n"
        f"maillog_file = {folder}/log\nmaillog_file_prefixes = {folder}\n"
        "myhostname = mx.grienden.example\nmydestination =\ninet_interfaces = 127.0.0.1\ninet_protocols = ipv4\n"
        "mynetworks = 127.0.0.0/8\nalias_maps =\nalias_database =\n"
        # From here on it is what docs/running.md says.
        f"recipient_delimiter = +\nvirtual_mailbox_domains = post.grienden.example\n"
        f"virtual_transport = lmtp:inet:{door}\nlmtp_destination_recipient_limit = 1\n",
        encoding="ascii",
    )
    (folder / "etc" / "master.cf").write_text(MASTER.format(port=f"{HOST}:{postfix_port}"), encoding="ascii")
    run = [program, "-c", str(folder / "etc")]
    subprocess.run([*run, "start"], check=True, capture_output=True, timeout=PATIENCE)
    try:
        yield folder / "log"
    finally:
        subprocess.run([*run, "stop"], check=False, capture_output=True, timeout=PATIENCE)


async def test_postfix_hands_over_what_comes_back(
    telling: Telling, post: Post, postfix: Path, postfix_port: int
) -> None:
    keys = [await put(telling, code) for code in ("T3", "T5")]
    assert await deliver_due(telling.runtime) == len(keys)
    mail, other = telling.to("T3")[0], telling.to("T5")[0]

    def bring() -> None:
        with smtplib.SMTP(HOST, postfix_port, timeout=PATIENCE) as line:
            own = telling.cast.mail("T5")
            line.sendmail("", [mail.sender], a_bounce())
            line.sendmail(own, [post.reply_to(other)], a_mail(own, post.reply_to(other), "Ja, graag."))

    await asyncio.to_thread(bring)

    async def came() -> bool:
        return len(await post.rows()) == 2

    await until(came, "Postfix did not hand it over; see log in its folder")
    await handle_new(telling.runtime)
    rows = {row.kind: row for row in await post.rows()}
    assert rows.keys() == {Came.BOUNCE, Came.REPLY}
    assert rows[Came.BOUNCE].about == "bounced"
    assert rows[Came.REPLY].call_id is not None


@pytest.fixture
def dovecot(shallow: Path) -> Iterator[int]:
    """A Dovecot of our own with one mailbox; gives its port."""
    program = needed("dovecot", "dovecot-imapd")
    port, folder = free_port(HOST), shallow / "dovecot"
    for name in ("run", "state", "mail/cur", "mail/new", "mail/tmp"):
        (folder / name).mkdir(parents=True)
    subprocess.run(["chown", "-R", "nobody", str(folder / "mail")], check=True)
    config = folder / "dovecot.conf"
    config.write_text(
        f"base_dir = {folder}/run\nstate_dir = {folder}/state\nprotocols = imap\nlisten = {HOST}\nssl = no\n"
        f"log_path = {folder}/log\ndisable_plaintext_auth = no\nmail_location = maildir:{folder}/mail\n"
        "first_valid_uid = 1\ndefault_internal_user = nobody\ndefault_login_user = nobody\n"
        "default_internal_group = nogroup\n"
        "passdb {\n  driver = static\n  args = password=geheim\n}\n"
        f"userdb {{\n  driver = static\n  args = uid=nobody gid=nogroup home={folder}/mail\n}}\n"
        f"service imap-login {{\n  chroot =\n  inet_listener imap {{\n    port = {port}\n  }}\n"
        "  inet_listener imaps {\n    port = 0\n  }\n}\nservice anvil {\n  chroot =\n}\n",
        encoding="ascii",
    )
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen([program, "-F", "-c", str(config)], stdout=said, stderr=said)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(PATIENCE)


async def test_a_mailbox_is_emptied_of_what_is_ours_and_of_nothing_else(
    telling: Telling, post: Post, dovecot: int, shallow: Path
) -> None:
    runtime = changed(
        telling.runtime,
        incoming_imap_host=HOST,
        incoming_imap_port=dovecot,
        incoming_imap_encryption=Encryption.NONE,
        incoming_imap_user="sandwich",
        incoming_imap_password=type(telling.runtime.settings.secret_key)("geheim"),
    )
    for code in ("T3", "T5"):
        await put(telling, code)
    await deliver_due(telling.runtime)
    mail, other = telling.to("T3")[0], telling.to("T5")[0]
    reply = a_mail(telling.cast.mail("T5"), post.reply_to(other), "Ja")
    large = a_mail(telling.cast.mail("T5"), post.reply_to(other), "Met foto's\n" + "a" * 70 + "\n", "foto's")
    large += b"b" * 70 + b"\r\n"
    large += (b"c" * 76 + b"\r\n") * 260_000
    folder = shallow / "dovecot" / "mail" / "new"
    bounce = f"Return-Path: <>\r\nDelivered-To: {mail.sender}\r\n".encode() + a_bounce()
    for name, raw in {
        "1": bounce,
        "2": reply,
        "3": reply,
        "4": large,
        "5": a_mail("a@b.example", "x@y.example", "Hoi"),
    }.items():
        (folder / name).write_bytes(raw)
        shutil.chown(folder / name, "nobody")

    async def opens() -> bool:
        try:
            await look_inside(runtime.settings)
        except MailboxUnavailable:
            return False
        return True

    await until(opens, "Dovecot does not open the mailbox; see log in its folder")
    looked = await take_mail(runtime)
    assert looked == Looked(kept=3, left=2), (shallow / "dovecot" / "log").read_text()
    assert await take_mail(runtime) == Looked()
    await handle_new(runtime)
    rows = await post.rows()
    assert sorted(row.kind for row in rows) == [Came.BOUNCE, Came.REPLY, Came.TOO_LARGE]
    assert max(row.size for row in rows) > 20_000_000
    left = [
        path
        for path in (shallow / "dovecot" / "mail").rglob("*")
        if path.is_file() and path.parent.name in {"cur", "new"}
    ]
    assert len(left) == 2, "what is not ours, and what is too large, stays"
    assert "mail-too-large" in await post.open_calls()
    assert (await look_at_incoming(changed(runtime, incoming_listen=""))).is_well
    wrong = changed(runtime, incoming_imap_password=type(telling.runtime.settings.secret_key)("fout"))
    with pytest.raises(MailboxUnavailable):
        await take_mail(wrong)
