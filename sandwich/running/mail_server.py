"""Look at the mail server: does it answer, by which protection and for how long, and does it take mail from us?"""

from datetime import UTC, datetime, timedelta
from ssl import cert_time_to_seconds

import aiosmtplib

from sandwich.clock import real_now
from sandwich.mail.address import address_spec
from sandwich.running.findings import Finding, ill, well
from sandwich.runtime import Runtime
from sandwich.settings import Encryption

PATIENCE = 10.0
"""Seconds that it may take to answer."""

NEARLY_OVER = timedelta(days=14)
"""How long before its end a certificate is spoken of."""


async def look_at_mail_server(runtime: Runtime) -> Finding:
    """Connect as delivery does, name our sender, and leave without a mail."""
    settings = runtime.settings
    where = f"{settings.smtp_host}:{settings.smtp_port}"
    server = aiosmtplib.SMTP(
        hostname=settings.smtp_host,
        port=settings.smtp_port,
        timeout=PATIENCE,
        use_tls=settings.smtp_encryption is Encryption.TLS,
        start_tls=settings.smtp_encryption is Encryption.STARTTLS,
        username=settings.smtp_user or None,
        password=settings.smtp_password.get_secret_value() or None,
    )
    try:
        await server.connect()
        await server.mail(address_spec(settings.mail_from))
        certificate = server.get_transport_info("peercert")
        protocol = server.get_transport_info("cipher")
    except aiosmtplib.SMTPSenderRefused as error:
        return ill(
            f"Mailserver: {where} neemt geen mail van ons aan ({error.code}). Laat de beheerder ervan "
            "SANDWICH_MAIL_FROM toelaten; mail blijft bewaard tot het lukt.",
            f"Mail server: {where} takes no mail from us ({error.code}). Let whoever runs it allow "
            "SANDWICH_MAIL_FROM; mail is kept until it works.",
        )
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        return ill(
            f"Mailserver: {where} werkt niet ({_why(error, 'nl')}). Kijk naar SANDWICH_SMTP_HOST, _PORT en "
            "_ENCRYPTION; mail blijft bewaard tot het lukt.",
            f"Mail server: {where} does not work ({_why(error, 'en')}). Look at SANDWICH_SMTP_HOST, _PORT and "
            "_ENCRYPTION; mail is kept until it works.",
        )
    finally:
        server.close()
    if certificate:
        ends = datetime.fromtimestamp(cert_time_to_seconds(certificate["notAfter"]), UTC)
        if ends - real_now() < NEARLY_OVER:
            return ill(
                f"Mailserver: het certificaat van {where} loopt af op {ends:%d-%m-%Y}. Laat de beheerder ervan het "
                "vernieuwen; daarna gaat er geen mail meer uit.",
                f"Mail server: the certificate of {where} ends on {ends:%Y-%m-%d}. Let whoever runs it renew it; "
                "after that no mail leaves any more.",
            )
    protected = f"{settings.smtp_encryption}{f' ({protocol[1]})' if protocol else ''}"
    return well(f"Mailserver: {where}, {protected}", f"Mail server: {where}, {protected}")


def _why(error: Exception, language: str) -> str:
    """Say in few words why a mail server cannot be used."""
    known = [
        (aiosmtplib.SMTPAuthenticationError, "naam of wachtwoord geweigerd", "name or password refused"),
        ((aiosmtplib.SMTPConnectTimeoutError, TimeoutError), "geen antwoord op tijd", "no answer in time"),
    ]
    for kinds, nl, en in known:
        if isinstance(error, kinds):  # type: ignore[arg-type]
            return nl if language == "nl" else en
    said = str(error).lower()
    if "certificate" in said:
        return "het certificaat klopt niet" if language == "nl" else "its certificate is not right"
    if "tls" in said:
        return "geen beveiligde verbinding" if language == "nl" else "no protected connection"
    if isinstance(error, aiosmtplib.SMTPConnectError):
        return "geen verbinding" if language == "nl" else "no connection"
    return type(error).__name__
