"""A school words its mails itself: what it may say, that it stays text, who reads it, and the way back."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from models.own_text import Piece, Readers
from models.roles import Role
from models.tables.mail import Message
from models.tables.texts import OwnText
from models.text import Language
from sandwich.mail.case import open_case
from sandwich.mail.example import sample
from sandwich.mail.mails import MAILS
from sandwich.mail.own_texts import LONG_COMPANY, Owner, OwnerUnknown, Place, find_owner, preview, set_texts, texts_of
from sandwich.mail.own_words import (
    MEANING,
    TO_BOTH,
    TO_HOSTS,
    MailHasNoOwnText,
    NotTheirMail,
    PlaceholderUnknown,
    TextEmpty,
    TextTooLong,
    check,
    mails,
    names_of,
    own_of,
    readers_of,
)
from sandwich.mail.render import TEMPLATES, Own, renderer
from sandwich.mail.wording import worded
from sandwich.runtime import Runtime
from sandwich.store.replay import differences, replay, tables
from tests.mail.peers import Arrived
from tests.mail.test_templates import NASTY
from tests.support.cast import Cast
from tests.support.driver import TEACHERS, Play

WORDS = renderer("Europe/Amsterdam")
GOALS = Place("goals", Language.DUTCH, Readers.SCHOOL)
OTHERWISE = Own("heel anders", ("Eerst dit.", "En <b>dit</b>."), ("Dat was het.",))
BOTH = pytest.mark.parametrize("language", list(Language))


def said(html: str) -> str:
    """Return the visible text of a page on one line."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html.partition("<body")[2])).split())


def own(mail: str, language: Language = Language.DUTCH, **pieces: str) -> Own:
    """Return own words as they come out of an example of a mail."""
    texts = {Piece(name): text for name, text in pieces.items()}
    return own_of(texts, sample(mail), WORDS.words(language))


@pytest.mark.parametrize("mail", mails())
@BOTH
def test_every_mail_lets_its_beginning_and_end_be_worded_otherwise(mail: str, language: Language) -> None:
    role = Role.HOST_CONTACT if readers_of(mail)[0] is Readers.HOSTS else None
    context = sample(mail, role=role)
    ours = WORDS.render(mail, language, context)
    theirs = WORDS.render(
        mail, language, context, Own("heel anders", ("Eerst dit.", "En <b>dit</b>."), ("Dat was het.",))
    )
    assert theirs.subject == "een woord: heel anders"
    for text in (theirs.text, said(theirs.html)):
        assert text.index("Eerst dit.") < text.index("En <b>dit</b>.") < text.index("Dat was het.")
    for block in ("opening", "closing"):
        shipped = " ".join(WORDS.piece(mail, language, context, block).split())
        if shipped:
            assert shipped in " ".join(ours.text.split())
            assert shipped not in " ".join(theirs.text.split()), "ours is gone"
    assert WORDS.render(mail, language, context) == ours, "nothing of it stays behind"


@pytest.mark.parametrize("kind", [kind for kind in NASTY if kind != "placeholders"])
@BOTH
def test_control_09_whatever_a_school_writes_stays_text_in_subject_text_and_page(kind: str, language: Language) -> None:
    nasty = NASTY[kind]
    ours = WORDS.render("goals", language, sample("goals"))
    theirs = WORDS.render(
        "goals", language, sample("goals"), own("goals", language, ask=nasty, opening=nasty, closing=nasty)
    )
    assert not re.search(r"[\r\n\u202a-\u202e\u2066-\u2069]|=\?", theirs.subject)
    ask = theirs.subject.removeprefix("een woord: ")
    assert set(ask) - set("= ") <= set(nasty)
    tags = re.compile(r"<(/?\w+)")
    extra = list(tags.findall(theirs.html))
    for tag in tags.findall(ours.html):
        if tag in extra:
            extra.remove(tag)
    assert set(extra) <= {"p", "/p"}, "a paragraph is all that comes of it"
    assert not re.search(r"[\u202a-\u202e\u2066-\u2069\x00-\x08]", theirs.html + theirs.text)
    for line in ("Bcc: inj@example.com", "--------"):
        assert theirs.text.splitlines().count(line) <= 2 + (line == "--------")


@pytest.mark.parametrize("nasty", NASTY.values(), ids=NASTY)
def test_whatever_stands_behind_a_placeholder_stays_text_on_one_line(nasty: str) -> None:
    context = sample("goals", nasty)
    filled = own_of(
        {Piece.ASK: "{activity}", Piece.OPENING: "Bij {company} om {time}."}, context, WORDS.words(Language.DUTCH)
    )
    assert len(filled.opening) == 1
    mail = WORDS.render("goals", Language.DUTCH, context, filled)
    assert not re.search(r"[\r\n]|=\?", mail.subject)
    assert "<script" not in mail.html
    assert "<img" not in mail.html


@pytest.mark.parametrize(
    "text",
    ["{{ 7*7 }}", "{% if 1 %}x{% endif %}", "{{ date }}", "{#x#}", "{", "{}", "%s %(x)s", "{reader.given}", "{0!r:>9}"],
)
def test_control_09_there_is_no_template_language(text: str) -> None:
    kept = check("goals", Readers.SCHOOL, Piece.OPENING, text)
    mail = WORDS.render("goals", Language.DUTCH, sample("goals"), own("goals", opening=kept))
    assert text in mail.text
    assert text in said(mail.html)
    assert "49" not in mail.text


def test_placeholders_become_what_the_mail_has() -> None:
    filled = own("goals", ask="uw doel voor {date}", opening="Dag { reader }, om {time} bij {company} ({place}).")
    assert filled.ask == "uw doel voor donderdag 5 november"
    assert filled.opening == ("Dag een woord, om 13:30 uur bij een woord (een woord).",)
    english = own("goals", Language.ENGLISH, opening="{minutes}, before {deadline}, {teachers}")
    assert english.opening == ("1.5 minutes, before Thursday 5 November, three teachers",)
    assert own("goals", opening="{company}", ask="x {company}").ask == "x een woord"


def test_a_placeholder_is_filled_in_once() -> None:
    context = sample("goals", "{deadline}")
    assert own_of({Piece.ASK: "{activity}"}, context, WORDS.words(Language.DUTCH)).ask == "{deadline}"


def test_a_piece_without_its_value_is_left_to_us() -> None:
    bare = sample("goals", bare=True)
    filled = own_of({Piece.ASK: "bij {place}", Piece.OPENING: "Dag {reader}."}, bare, WORDS.words(Language.DUTCH))
    assert filled == Own(None, ("Dag een woord.",), ())


def test_the_deadline_stands_there_also_where_a_school_forgets_it() -> None:
    assert own("goals", closing="Tot dan!").closing == ("Tot dan!", "Graag vóór donderdag 5 november.")
    assert own("goals", closing="Vóór {deadline} dus!").closing == ("Vóór donderdag 5 november dus!",)
    assert own("thank-you", closing="Tot dan!").closing == ("Tot dan!",)


def test_what_cannot_be_says_why_and_what_can() -> None:
    with pytest.raises(PlaceholderUnknown) as unknown:
        check("thank-you", Readers.HOSTS, Piece.CLOSING, "Vóór {deadline} bij {bedrijf}")
    for said_of in (unknown.value.to(Language.DUTCH), unknown.value.to(Language.ENGLISH)):
        assert "{deadline}, {bedrijf}" in said_of
        assert "{company}" in said_of
        assert "{minutes}" not in said_of
    with pytest.raises(TextTooLong):
        check("goals", Readers.SCHOOL, Piece.ASK, "x" * 121)
    with pytest.raises(TextEmpty):
        check("goals", Readers.SCHOOL, Piece.OPENING, " \n\u200f ")
    with pytest.raises(NotTheirMail):
        check("goals", Readers.HOSTS, Piece.ASK, "x")
    for mail in ("login-code", "week", "new-cards", "nothing", "../goals"):
        with pytest.raises(MailHasNoOwnText):
            check(mail, Readers.SCHOOL, Piece.ASK, "x")


def test_whom_a_mail_goes_to_is_what_its_templates_say() -> None:
    for mail in mails():
        source = "".join(path.read_text(encoding="utf-8") for path in (TEMPLATES / mail).glob("body.nl.*"))
        greets_hosts = "Beste {{ reader.name }}" in source
        assert ("formal" in source) is (mail in TO_BOTH), mail
        assert (greets_hosts and "formal" not in source) is (mail in TO_HOSTS), mail


def test_every_placeholder_has_a_meaning_and_is_documented() -> None:
    page = (TEMPLATES.parents[1] / "docs" / "own-texts.md").read_text(encoding="utf-8")
    assert {name for mail in mails() for name in names_of(mail)} == set(MEANING)
    for name in MEANING:
        assert f"`{{{name}}}`" in page
    for mail in mails():
        [row] = [line for line in page.splitlines() if line.startswith(f"| `{mail}` |")]
        assert [cell.strip() for cell in row.strip("|").split("|")][1] == ", ".join(readers_of(mail)), mail
        assert re.findall(r"\{(\w+)\}", row) == list(names_of(mail)), mail
    assert set(mails()) | {"login-code", "privacy-code", "week", "new-cards"} == set(MAILS)


async def said_to(play: Play, code: str, mail: str) -> str:
    """Return what a mail of the play says to somebody: its subject and its text."""
    async with play.runtime.store.change(now=await play.now(), actor="test", stream=play.activity_id) as session:
        person = play.cast.id(code)
        message = (
            await session.scalars(select(Message).where(Message.person_id == person, Message.mail == mail))
        ).first()
        assert message is not None
        case = await open_case(session, play.runtime.settings, message, await play.now())
        composed = (await worded([case])).composed
    mail_of = Arrived(composed.sender, (composed.recipient,), composed.data)
    return f"{mail_of.subject}\n{mail_of.body('plain')}"


async def the_owner(runtime: Runtime, name: str) -> Owner:
    async with runtime.store.read() as session:
        return await find_owner(session, name)


@pytest.mark.asyncio
async def test_a_school_is_heard_by_its_own_people_and_the_region_by_the_others(runtime: Runtime, cast: Cast) -> None:
    play = await Play.begin(runtime, cast)
    await play.asked()
    place = Place("invitation", Language.DUTCH, Readers.SCHOOL)
    now, schools = await play.now(), {one.id: one.code for one in cast.schools.values()}
    mine, region = [
        await the_owner(runtime, code) for code in (schools[cast.person("T2").school_id or ""], cast.region.code)
    ]
    other = next(code for code in TEACHERS if cast.person(code).school_id != mine.id)
    ours = await said_to(play, "T2", "invitation")
    await set_texts(runtime, region, place, {Piece.ASK: "doe je mee op {date}?"}, now=now, actor="test")
    await set_texts(
        runtime,
        mine,
        place,
        {Piece.ASK: "wij gaan op {date}", Piece.CLOSING: "Groet van je school"},
        now=now,
        actor="test",
    )
    assert "wij gaan op donderdag" in (await said_to(play, "T2", "invitation")).splitlines()[0]
    assert "Groet van je school" in await said_to(play, "T2", "invitation")
    theirs = await said_to(play, other, "invitation")
    assert "doe je mee op donderdag" in theirs.splitlines()[0]
    assert "Groet van je school" not in theirs
    with pytest.raises(PlaceholderUnknown):
        await set_texts(runtime, mine, place, {Piece.ASK: "goed", Piece.OPENING: "{datum}"}, now=now, actor="test")
    assert "wij gaan op" in await said_to(play, "T2", "invitation"), "nothing was changed"
    for owner in (mine, region):
        await set_texts(runtime, owner, place, dict.fromkeys(Piece, ""), now=now, actor="test")
    assert await said_to(play, "T2", "invitation") == ours
    async with runtime.store.read() as session:
        assert await texts_of(session, mine.id) == []


@pytest.mark.asyncio
async def test_a_preview_has_real_data_and_the_longest_names_and_changes_nothing(runtime: Runtime, cast: Cast) -> None:
    region = await the_owner(runtime, cast.region.code)
    now = await runtime.clock.now()
    words = {Piece.OPENING: "Dag {reader} van {coordinator}: {activity} bij {company}."}
    place = Place("request", Language.DUTCH, Readers.HOSTS)
    example = await preview(runtime, region, place, now=now, words=words)
    assert example.activity is None
    play = await Play.begin(runtime, cast)
    await play.turn()
    before = await counted(runtime)
    real = await preview(runtime, region, place, now=await play.now(), words=words)
    assert real.activity == "Prefab bouwen bij Korteweg"
    assert f"Dag {cast.name('P3')} van {cast.name('C1')}: Prefab bouwen bij Korteweg bij" in " ".join(
        real.real.text.split()
    )
    assert LONG_COMPANY in " ".join(real.longest.text.split())
    assert "Mogen" in real.shipped[Piece.OPENING]
    assert await counted(runtime) == before
    with pytest.raises(PlaceholderUnknown):
        await preview(runtime, region, place, now=await play.now(), words={Piece.ASK: "{nee}"})
    with pytest.raises(OwnerUnknown):
        await the_owner(runtime, "nergens")


async def counted(runtime: Runtime) -> tuple[int, int]:
    async with runtime.store.read() as session:
        return len(list(await session.scalars(select(Message)))), len(list(await session.scalars(select(OwnText))))


@pytest.mark.asyncio
async def test_own_texts_are_in_the_audit_log_and_come_back_from_it(runtime: Runtime, cast: Cast) -> None:
    region = await the_owner(runtime, cast.region.code)
    now = await runtime.clock.now()
    await set_texts(runtime, region, GOALS, {Piece.ASK: "eerst zo", Piece.CLOSING: "Tot dan"}, now=now, actor="test")
    await set_texts(runtime, region, GOALS, {Piece.ASK: "nu zo", Piece.CLOSING: ""}, now=now, actor="test")
    async with runtime.store.read() as session:
        assert not differences(await replay(session), await tables(session))
        [row] = await texts_of(session, region.id)
    assert row.words == "nu zo"
