"""Debian's Dovecot in a folder of its own: a mailbox that is read by IMAP, and whoever asks it about a password."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sandwich.running.ports import free_port

HOST = "127.0.0.1"
USER = "sandwich"
PASSWORD = "geheim"
PATIENCE = 60.0
MISSING = "Dovecot is not installed, or this is not root. Type: apt install dovecot-imapd"
_SETTINGS = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_location = maildir:{folder}/mail
first_valid_uid = 1
default_internal_user = nobody
default_login_user = nobody
default_internal_group = nogroup
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/users
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={folder}/mail
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service auth {{
  unix_listener {folder}/asked {{
    mode = 0666
  }}
}}
"""


def is_here() -> bool:
    """Return whether a Dovecot of our own can be started."""
    return os.geteuid() == 0 and _program() is not None


@dataclass(frozen=True)
class Dovecot:
    """A Dovecot with the mailbox of ``USER``."""

    folder: Path
    port: int

    @property
    def asked(self) -> Path:
        """The socket at which a mail server asks whether a password is right."""
        return self.folder / "asked"

    @property
    def kept(self) -> Path:
        """The folder with the mail."""
        return self.folder / "mail"

    def put(self, name: str, raw: bytes) -> None:
        """Put a mail into the mailbox."""
        path = self.kept / "new" / name
        path.write_bytes(raw)
        shutil.chown(path, "nobody")


@contextlib.contextmanager
def a_dovecot() -> Iterator[Dovecot]:
    """Run Dovecot on a free port."""
    # A folder that accounts of their own can enter, and in which the name of a socket stays short enough.
    with tempfile.TemporaryDirectory(prefix="sandwich-dovecot-") as name:
        folder, port = Path(name), free_port(HOST)
        folder.chmod(0o755)
        for part in ("run", "state", "mail/cur", "mail/new", "mail/tmp"):
            (folder / part).mkdir(parents=True)
        for path in (folder / "mail", *(folder / "mail").iterdir()):
            shutil.chown(path, "nobody")
        (folder / "users").write_text(f"{USER}:{PASSWORD}\n", encoding="ascii")
        (folder / "dovecot.conf").write_text(_SETTINGS.format(folder=folder, port=port), encoding="ascii")
        with (folder / "said").open("wb") as said:
            process = subprocess.Popen(
                [_program() or "dovecot", "-F", "-c", str(folder / "dovecot.conf")], stdout=said, stderr=said
            )
        try:
            yield Dovecot(folder, port)
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _program() -> str | None:
    return shutil.which("dovecot", path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin")))
