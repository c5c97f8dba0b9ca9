"""A mail that we put together ourselves reads as the one that Python's library would have built."""

from dataclasses import replace
from email import message_from_bytes
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, compat32, default

from hypothesis import given, settings
from hypothesis import strategies as st

from sandwich.mail import clean, ics
from sandwich.mail.address import address_spec
from sandwich.mail.compose import Composed, Correspondent, compose
from sandwich.mail.render import Rendered
from tests.mail.test_compose import DETAILS, ENVELOPE, MEETING, NOW, SETTINGS, parsed

TYPED = st.one_of(
    st.text(max_size=80),
    st.text("aé\u0080ß漢👩‍🔧 .-'\"\\(),;:=?_\t\u202e", max_size=200),
    st.from_regex(r"(Jos[eé]|van 't|O'Brien|dr\.|[A-Z]\.){1,9}", fullmatch=True),
)
LONG = st.text(st.characters(exclude_categories=["Cs"]), max_size=120) | st.text(" .=F\nrom é-", max_size=300)
ADDRESS = st.from_regex(r"[a-z0-9!#$%&'*+/=^_`{|}~-]{1,60}@(school|höger|x-y)\.example", fullmatch=True)


def by_the_library(mail: Composed, name: str, reply_to: str, words: Rendered, files: list[ics.Invite]) -> bytes:
    """Return what ``email.message`` makes of the same; date and identifiers are those of ``mail``."""
    built, ours = EmailMessage(policy=SMTP.clone(cte_type="7bit")), parsed(mail)
    built.set_content(words.text, subtype="plain", charset="utf-8", cte="quoted-printable")
    built.add_alternative(words.html, subtype="html", charset="utf-8", cte="quoted-printable")
    if len(files) == 1:
        text = files[0].data.decode("utf-8")
        built.add_alternative(text, subtype="calendar", charset="utf-8", cte="base64", params={"method": "REQUEST"})
    for number, one in enumerate(files, start=1):
        file = "invite.ics" if len(files) == 1 else f"invite-{number}.ics"
        built.add_attachment(one.data, maintype="application", subtype="ics", filename=file, cte="base64")
    for header, shown, address in (
        ("From", SETTINGS.mail_from_name, mail.sender),
        ("To", clean.display_name(name), mail.recipient),
        ("Reply-To", clean.display_name(name), address_spec(reply_to)),
    ):
        built[header] = Address(shown, *address.split("@"))
    built["Subject"] = words.subject
    for header in ("Date", "Message-ID", "Auto-Submitted", "Content-Language", "List-Id", "In-Reply-To", "References"):
        if header in ours:
            built[header] = ours[header]
    return built.as_bytes()


def said(value: str) -> str:
    """Return what a raw header says (RFC 2047), read by the library's older reader: the newer one of Python 3.11 leaves
    a space between two encoded words of a name.
    """
    return " ".join(str(make_header(decode_header("".join(value.splitlines())))).split())


def as_read(data: bytes) -> tuple[object, ...]:
    """Return all that a mail program makes of a mail, its headers without spaces: the library folds into words."""
    message = message_from_bytes(data, policy=default)
    assert isinstance(message, EmailMessage)
    headers = {
        name.lower(): "".join(said(value).replace('"', "").split())
        for name, value in message_from_bytes(data, policy=compat32).raw_items()
        if name.lower() not in {"content-type", "content-transfer-encoding"}
    }
    people = [[one.addr_spec for one in message[name].addresses] for name in ("From", "To", "Reply-To")]
    parts = [
        (
            part.get_content_type(),
            part.get_param("method"),
            part.get_filename(),
            part.get_content_disposition(),
            None if part.is_multipart() else part.get_payload(decode=True).replace(b"\r\n", b"\n"),
        )
        for part in message.walk()
    ]
    assert not any(part.defects for part in message.walk())
    return headers, people, parts


@settings(max_examples=60, deadline=None)
@given(
    name=TYPED,
    subject=TYPED,
    address=ADDRESS,
    text=LONG,
    html=LONG,
    meetings=st.integers(0, 2),
    earlier=st.integers(0, 25),
)
def test_it_reads_as_what_the_library_builds(
    name: str, subject: str, address: str, text: str, html: str, meetings: int, earlier: int
) -> None:
    text, html = (f"{clean.lines(one) and chr(10).join(one.splitlines())}\n" for one in (text, html))
    words = Rendered(f"{clean.header_text(subject)}: vraag", text, html)
    files = [
        ics.invite(
            ics.Method.REQUEST,
            replace(MEETING, number=number),
            replace(DETAILS, title=f"{name} {number}"),
            domain="grienden.example",
            timezone="Europe/Amsterdam",
            now=NOW,
        )
        for number in range(meetings)
    ]
    envelope = replace(
        ENVELOPE,
        recipient=Correspondent(name, address),
        reply_to=Correspondent(name, address),
        thread="a1",
        earlier=[f"<{number:040}@grienden.example>" for number in range(earlier)],
    )

    mail = compose(SETTINGS, envelope, words, files)

    assert as_read(mail.data) == as_read(by_the_library(mail, name, address, words, files))
    raw = dict(message_from_bytes(mail.data, policy=compat32).raw_items())
    assert said(raw["Subject"]) == " ".join(words.subject.split())
    assert said(raw["To"]).rpartition("<")[0].strip('" ') == clean.display_name(name)
    lines = mail.data.split(b"\r\n")
    assert mail.data.isascii()
    assert not set(b"\r\n") & set(b"".join(lines))
    assert max(len(line) for line in lines) <= 320
    assert all(len(line) <= 76 for line in lines if b"=?utf-8?" in line)
