"""The line to the mail server: one connection for a whole run, and for every mail an outcome that can be believed.

The envelope is written byte for byte as it was checked, past the library's own repair of odd recipients. A failure
before the mail's own bytes leave is a *retry*; one after that, without an answer, is *unknown*. What each answer means
at each stage stands in ``docs/mails.md``.
"""

import re
import ssl
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from types import TracebackType
from typing import Protocol, Self

import aiosmtplib
from aiosmtplib import SMTP, SMTPException, SMTPResponse

from sandwich.failpoints import failpoint
from sandwich.mail.address import address_spec, domain_of
from sandwich.mail.compose import Composed
from sandwich.settings import Encryption, Settings

STEPS = 9
"""How many answers are waited for at most for one mail: greeting, EHLO, TLS, EHLO, login, MAIL, RCPT, DATA, the dot."""

_LINE_ENDS = re.compile(rb"\r\n|\n|\r")
_DOTS = re.compile(rb"(?m)^\.")
_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_NO_SUCH_BOX = frozenset({521, 550, 551, 553, 554, 556})
_LOGIN_WANTED = frozenset({530, 534, 535, 538})
_BUSY = frozenset({421, 432})
"""The server hangs up, or has too many lines open (Exchange Online): said of no mail in particular."""

_NO_RELAY = re.compile(r"\brelay(ing)?\b.*\b(denied|not (permitted|allowed)|prohibited)|unable to relay", re.IGNORECASE)
_FULL_SERVER = re.compile(r"\b4\.3\.\d")


class Result(StrEnum):
    """How one try ended."""

    ACCEPTED = "accepted"
    RETRY = "retry"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Delivery:
    """What came of one try. ``is_box_dead`` says that the address itself was refused, ``is_relay_down`` that the
    next mail would fare no better, ``is_slow`` that it is for this recipient to come round, ``is_setup_wrong`` that
    the server does not want us at all until somebody changes a setting. ``recipient`` is what was written on the wire.
    """

    result: Result
    code: int | None = None
    said: str = ""
    is_box_dead: bool = False
    is_relay_down: bool = False
    is_slow: bool = False
    is_setup_wrong: bool = False
    recipient: str | None = None


class Line(Protocol):
    """What mails leave by."""

    async def send(self, mail: Composed) -> Delivery:
        """Bring one mail away and say what came of it."""


@lru_cache(maxsize=1)
def shared_context() -> ssl.SSLContext:
    """Return the one TLS context of this process; making it takes longer than sending a mail."""
    return ssl.create_default_context()


class Relay:
    """A connection to the mail server of the settings, opened when it is first needed and again after it broke."""

    def __init__(self, settings: Settings, context: ssl.SSLContext | None = None) -> None:
        self._settings = settings
        self._context = context
        self._client: SMTP | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        client, self._client = self._client, None
        if client is None:
            return
        if kind is None and client.is_connected:
            with suppress(SMTPException, OSError):
                await client.quit(timeout=min(5, self._settings.smtp_timeout))
        client.close()

    async def send(self, mail: Composed) -> Delivery:
        """Send one mail and say what came of it; raises nothing that a mail server or a network can cause."""
        was_open = self._client is not None and self._client.is_connected
        delivery = await self._try(mail)
        if was_open and delivery.result is Result.RETRY and delivery.is_relay_down and delivery.code is None:
            # The server had closed a line that was idle: that says nothing about the server. An outcome that nobody
            # knows is none of these: the mail may have arrived.
            delivery = await self._try(mail)
        if delivery.result is Result.ACCEPTED and delivery.recipient != mail.recipient:
            return replace(delivery, result=Result.UNKNOWN, said="the envelope differs from what was asked")
        return delivery

    async def _try(self, mail: Composed) -> Delivery:
        try:
            return await _Transaction(await self._ready(), self._settings.smtp_timeout).send(mail)
        except (SMTPException, OSError, TimeoutError, ValueError) as error:
            self._drop()
            code = _code(error)
            wrong = code is not None and code >= 500
            return Delivery(Result.RETRY, code, _words(error), is_relay_down=True, is_setup_wrong=wrong)
        finally:
            if self._client is not None and not self._client.is_connected:
                self._drop()

    async def _ready(self) -> SMTP:
        if self._client is not None and self._client.is_connected:
            return self._client
        settings = self._settings
        encryption = settings.smtp_encryption
        client = SMTP(
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            timeout=settings.smtp_timeout,
            local_hostname=domain_of(address_spec(settings.mail_from)),
            use_tls=encryption is Encryption.TLS,
            start_tls=encryption is Encryption.STARTTLS,
            tls_context=None if encryption is Encryption.NONE else self._context or shared_context(),
            username=settings.smtp_user or None,
            password=settings.smtp_password.get_secret_value() or None,
        )
        self._client = client
        await client.connect()
        await client.ehlo()
        return client

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


class _Transaction:
    """MAIL, RCPT, DATA and the mail itself, on an open line."""

    def __init__(self, client: SMTP, timeout: float) -> None:
        self._client = client
        self._timeout = timeout

    async def send(self, mail: Composed) -> Delivery:
        """Send; raises only what happens before the mail's own bytes leave."""
        await failpoint("mail-server-greeted")
        from_ = await self._client.execute_command(b"MAIL", b"FROM:<" + mail.sender.encode("ascii") + b">")
        if from_.code != 250:
            wrong = from_.code >= 500
            return await self._after(from_, Delivery(Result.RETRY, is_relay_down=True, is_setup_wrong=wrong))
        await failpoint("sender-given")
        to = b"TO:<" + mail.recipient.encode("ascii") + b">"
        rcpt = await self._client.execute_command(b"RCPT", to)
        if rcpt.code not in {250, 251}:
            return await self._after(rcpt, _of_recipient(rcpt))
        await failpoint("recipient-given")
        data = await self._client.execute_command(b"DATA")
        if data.code != 354:
            return await self._after(data, _of_content(data))
        await failpoint("data-awaited")
        answer = await self._content(mail.data)
        await failpoint("dot-answered")
        if isinstance(answer, Delivery):
            return answer
        if answer.code == 250:
            return Delivery(Result.ACCEPTED, 250, answer.message[:200], recipient=to[4:-1].decode("ascii"))
        return await self._after(answer, _of_content(answer))

    async def _content(self, data: bytes) -> SMTPResponse | Delivery:
        """Send the mail's bytes; what goes wrong from here on leaves it open whether the mail arrived."""
        content = on_the_wire(data)
        protocol = self._client.protocol
        if protocol is None:
            raise aiosmtplib.SMTPServerDisconnected("the line was lost before the mail")
        try:
            protocol.write(content)
            await failpoint("dot-sent")
            return await protocol.read_response(timeout=self._timeout)
        except (SMTPException, OSError, TimeoutError) as error:
            self._client.close()
            return Delivery(Result.UNKNOWN, None, _words(error), is_relay_down=True)

    async def _after(self, answer: SMTPResponse, delivery: Delivery) -> Delivery:
        """Clean the line for the next mail; a busy server's is given up."""
        if answer.code in _BUSY:
            self._client.close()
            delivery = Delivery(Result.RETRY, is_relay_down=True)
        else:
            try:
                await self._client.rset()
            except (SMTPException, OSError):
                self._client.close()
        return replace(delivery, code=answer.code, said=answer.message[:200])


def on_the_wire(data: bytes) -> bytes:
    """Return a mail as it is sent behind DATA: every line ends in CRLF, a dot at its beginning is doubled."""
    if not data.count(b"\r\n") == data.count(b"\n") == data.count(b"\r"):
        data = _LINE_ENDS.sub(b"\r\n", data)
    data = data.rstrip(b"\r\n") + b"\r\n"
    if data.startswith(b".") or b"\r\n." in data:
        data = _DOTS.sub(b"..", data)
    return data + b".\r\n"


def _of_recipient(answer: SMTPResponse) -> Delivery:
    """Tell a dead box from a full one, a busy server and one that does not want us."""
    code, enhanced = answer.code, _ENHANCED.search(answer.message)
    if code < 500:
        is_server = code == 452 and (enhanced is None or _FULL_SERVER.search(answer.message) is not None)
        return Delivery(Result.RETRY, is_slow=not is_server)
    if code in _LOGIN_WANTED:
        return Delivery(Result.RETRY, is_relay_down=True, is_setup_wrong=True)
    if _NO_RELAY.search(answer.message):  # of one domain perhaps: the others are tried
        return Delivery(Result.RETRY, is_setup_wrong=True)
    subject, detail = (int(enhanced.group(2)), int(enhanced.group(3))) if enhanced else (1, 1)
    is_dead = code in _NO_SUCH_BOX and (subject == 1 or (subject, detail) == (2, 1))
    return Delivery(Result.REFUSED, is_box_dead=is_dead)


def _of_content(answer: SMTPResponse) -> Delivery:
    """Tell what is wrong with this mail from what is wrong with the server or with us."""
    if answer.code in _LOGIN_WANTED:
        return Delivery(Result.RETRY, is_relay_down=True, is_setup_wrong=True)
    if answer.code >= 500:
        return Delivery(Result.REFUSED)
    return Delivery(Result.RETRY, is_slow=answer.code != 452)


def _code(error: Exception) -> int | None:
    code = getattr(error, "code", None)
    return code if isinstance(code, int) and code > 0 else None


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:200]
