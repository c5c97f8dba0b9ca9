"""Somebody takes material from a wall: asked once, counted nowhere, and then forgotten (field rule 49)."""

from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from models.roles import Role
from models.tables.activities import Participation, Standing
from models.tables.asking import Invitation, InvitationState
from models.tables.mail import Message
from models.tables.network import Contact, Person
from models.tables.truth import PersonalValue
from models.text import Language
from sandwich.definitions.library import Library
from sandwich.rules.school_years import SchoolYear
from sandwich.runtime import Runtime
from sandwich.services import collect
from sandwich.services.adopting import NothingAskedLater, SaidOfSelf, adopt, give_back, offered
from sandwich.services.candidates import candidates
from sandwich.services.exporting import export_rows
from sandwich.services.importing.entering import import_sheet
from sandwich.services.overview import one
from sandwich.services.own_data import own_data
from sandwich.services.result_views import Adoption
from sandwich.services.results import adoption, impact
from sandwich.services.waking import schools_of
from sandwich.services.wall import one_card
from sandwich.services.years import year_figures
from sandwich.sheets.sheet import sheet_of
from sandwich.store.replay import differences, replay, tables, verify
from tests.support.cast import Cast
from tests.support.databases import Databases
from tests.support.driver import Play
from tests.support.living import Living
from tests.support.shared_material import MATERIAL_SHARED
from tests.support.stages import Stage, played

pytestmark = [pytest.mark.asyncio, pytest.mark.story]


@pytest.fixture
def databases(shared_databases: Databases) -> Databases:
    """One kind of database: to come this far takes long (decision 0018)."""
    return shared_databases


@pytest.fixture
def stage() -> Stage:
    """Every test begins where the product stands on the walls."""
    return MATERIAL_SHARED


@pytest_asyncio.fixture
async def play(runtime: Runtime, cast: Cast, databases: Databases, library: Library) -> Play:
    """The design team in May; the impact check is in July."""
    at = played(databases, library, MATERIAL_SHARED)
    await runtime.clock.set(at.at)
    return Play(runtime, cast=cast, activity_id=at.known, words=True)


ANN = SaidOfSelf("Ann", "'t Kaper", "a.dekaper@vakcollege-degrienden.example")


async def say(play: Play, said: SaidOfSelf, school: str = "S1") -> dict[str, str]:
    """Say on a wall that one uses the material; returns what is wrong."""
    problems = await adopt(
        play.runtime,
        play.cast.schools[school].wall_key,
        play.activity_id,
        said,
        language=Language.DUTCH,
        now=await play.now(),
    )
    return {name: text.nl for name, text in problems.items()}


async def adopters(play: Play) -> list[tuple[Participation, Person]]:
    async with play.runtime.store.read() as session:
        rows = await session.execute(
            select(Participation, Person)
            .join(Person, Person.id == Participation.person_id)
            .where(Participation.role == Role.ADOPTER)
            .order_by(Participation.added_at, Participation.id)
        )
        return [(part, person) for part, person in rows]


async def people(play: Play) -> int:
    async with play.runtime.store.read() as session:
        return await session.scalar(select(func.count()).select_from(Person)) or 0


async def seen(play: Play) -> dict[str, Any]:
    """Return everything about the activity that counts somebody or something."""
    now, loaded = await play.now(), await play.loaded()
    async with play.runtime.store.read() as session:
        region = play.cast.region
        line = (await one(session, play.runtime.settings, play.activity_id, now)).line
        found = await candidates(session, region.id)
        year = await year_figures(session, region.id, SchoolYear(2026), zone="Europe/Amsterdam")
        rows = await export_rows(session, play.runtime.library, region, Language.DUTCH)
        card = (await one_card(play.runtime, play.cast.schools["S1"].wall_key, play.activity_id))[1]
        impact_found = await impact(session, play.activity_id)
    return {
        "facts": await play.facts(),
        "line": replace(line, waiting=None),
        "waiting": line.waiting.sentence,
        "schools": await schools_of(play.runtime, [play.activity_id]),
        "calendars": loaded.calendars,
        "to choose from": found.ids(),
        "year": year,
        "exported": rows,
        "present": card.present,
        "impact": impact_found,
    }


async def test_whoever_takes_it_is_asked_once_counts_nowhere_and_is_forgotten(play: Play) -> None:
    runtime, known, before = play.runtime, await people(play), await seen(play)
    assert await say(play, ANN) == {}
    assert await say(play, ANN) == {}, "the same page again is no second person"
    [(part, ann)] = await adopters(play)
    assert (await people(play), part.standing) == (known + 1, Standing.REGISTERED)
    assert await seen(play) == before
    async with runtime.store.read() as session:
        assert set(await own_data(session, ann.id)) >= {"person", "contact", "participation"}

    living = Living(play, silent={"impact-check"})
    await living.to("2027-07-15 11:00")
    mine = [left for left in play.mails if left.to == ann.id]
    assert [(left.at, left.mail) for left in mine] == [("Thu 15 Jul 10:00", "impact-check")]
    [letter] = [text for mail, to, text in play.letters if (mail, to) == ("impact-check", "")]
    assert "Je liet op de deelmuur weten" in letter
    assert "weken geleden" not in letter
    assert "Grondslag: je toestemming" in " ".join(letter.split())
    [asked] = await asked_of(play, ann)
    members = await impact_of(play)
    facts = await play.facts()
    outcome = await collect.submit(
        runtime,
        asked.id,
        await play.fields(asked.id, use_count="3", used_by=["me", "colleagues"], adapted="slightly"),
        now=await play.now(),
        key="page",
    )
    assert outcome.accepted
    assert await impact_of(play) == members, "what the team answers stays its own"
    assert await play.facts() == facts
    assert not facts.half_impact
    await living.to("2027-09-01 12:00")
    assert [left.mail for left in play.mails if left.to == ann.id] == ["impact-check"], "who answered is not reminded"

    assert await traces(play, "Kaper")
    await play.sleep_to("2027-09-30 02:59")
    assert (await adopters(play))[0][1].erased_on is None
    await play.sleep_to("2027-09-30 03:00")
    assert (await adopters(play))[0][1].erased_on is not None
    assert not await traces(play, "Kaper")
    async with runtime.store.read() as session:
        assert (await verify(session)).ok
        assert differences(await replay(session), await tables(session)) == []
    assert (await play.activity()).forget_at is None
    use = await use_of(play)
    assert (use.asked, use.answered, use.times) == (1, 1, None), "one answer is a figure about somebody"


async def test_silence_is_reminded_of_twice_and_never_a_call(play: Play) -> None:
    await say(play, ANN)
    [(_, ann)] = await adopters(play)
    await Living(play, silent={"impact-check"}).to("2027-09-25 12:00")
    assert [left.mail for left in play.mails if left.to == ann.id] == ["impact-check", "reminder", "reminder"]
    [asked] = await asked_of(play, ann)
    assert asked.state is InvitationState.CLOSED
    assert await play.open_calls() == []


async def test_from_three_answers_on_it_is_told_how_often_and_by_whom(play: Play) -> None:
    for name in ("an", "bo", "cas"):
        await say(play, replace(ANN, given_name=name.title(), mail=f"{name}@vakcollege-degrienden.example"))
    await Living(play, silent={"impact-check"}).to("2027-07-15 11:00")
    asked = [(await asked_of(play, person))[0] for _, person in await adopters(play)]
    for number, (invitation, used_by) in enumerate(zip(asked, (["me"], ["me", "colleagues"], ["nobody"]), strict=True)):
        assert (await use_of(play)).times is None
        fields = await play.fields(invitation.id, use_count=f"{number + 1}", used_by=used_by, adapted="slightly")
        now = await play.now()
        assert (await collect.submit(play.runtime, invitation.id, fields, now=now, key="page")).accepted
    use = await use_of(play)
    assert (use.taken, use.asked, use.answered, use.times) == (3, 3, 3, 6)
    users = {label.en: count for label, count in use.users}
    assert users == {"By me": 2, "By colleagues at my school": 1, "By nobody yet": 1}
    assert [(label.en, count) for label, count in use.adapted] == [("A little", 3)]
    assert (await impact_of(play)).answered == 0


async def test_only_an_address_of_the_school_and_nobody_twice(play: Play) -> None:
    known, now = await people(play), await play.now()
    for said, wrong in (
        (replace(ANN, mail="ann@gmail.example"), {"mail"}),
        (replace(ANN, mail="ann@hetkompas.example"), {"mail"}),
        (replace(ANN, mail="collegas@vakcollege-degrienden.example"), {"mail"}),
        (replace(ANN, mail="ann"), {"mail"}),
        (replace(ANN, given_name="Kijk op www.nep.example"), {"given_name"}),
        (replace(ANN, given_name="", family_name="x" * 41), {"given_name", "family_name"}),
    ):
        assert set(await say(play, said)) == wrong, said
    assert (await people(play), await adopters(play)) == (known, [])
    # The register's own people, whatever name is typed: nobody is written down, and nothing changes about them.
    nadia = SaidOfSelf("Iemand", "Anders", "N.Bensalem@vakcollege-degrienden.example")
    rob = replace(nadia, mail="r.vanwijk@vakcollege-degrienden.example")
    daan = replace(nadia, mail="d.rietveld@vakcollege-degrienden.example")
    assert [await say(play, one) for one in (nadia, rob, daan, daan)] == [{}] * 4
    assert await people(play) == known
    [(_, only)] = await adopters(play)
    # Nadia reviewed the material and Rob made it: they are asked or told in their own part.
    assert (only.code, only.given_name, only.adopted_at) == ("T9", "Daan", None)
    assert play.mails == []
    async with play.runtime.store.read() as session:
        mails = await session.scalars(select(Message.id).where(Message.person_id == only.id, Message.queued_at >= now))
        assert list(mails) == []


async def test_what_a_stranger_typed_keeps_nobody_out_of_the_register(play: Play) -> None:
    await say(play, replace(ANN, given_name="Nep"))
    await say(play, replace(ANN, given_name="Bo", mail="bo@vakcollege-degrienden.example"))
    rows = [("Ann", "'t Kaper", ANN.mail), ("Bo", "'t Kaper", "bo@vakcollege-degrienden.example")]
    header = ("school", "voornaam", "achternaam", "mailadres")
    sheet = sheet_of([header, *(("Vakcollege De Grienden", *row) for row in rows)])
    report = await import_sheet(
        play.runtime,
        None,
        sheet,
        now=await play.now(),
        actor="test",
        language=Language.DUTCH,
        progress=lambda done, of: None,
    )
    assert report.refused == ()
    async with play.runtime.store.read() as session:
        people = await session.execute(
            select(Person.given_name, Person.adopted_at.is_(None)).where(Person.family_name == "'t Kaper")
        )
        assert sorted(tuple(row) for row in people) == [("Ann", True), ("Bo", True), ("Nep", False)]
    # Whom the register knows by now is asked like before, and stays.
    await Living(play).to("2027-10-01 12:00")
    found = {person.given_name: person.erased_on is not None for _, person in await adopters(play)}
    assert sorted(found.values()) == [False, True]
    assert found["Bo"] is False
    assert len([left for left in play.mails if left.mail == "impact-check"]) == 3 + 2


async def test_it_can_be_taken_back_on_the_page_and_is_gone_the_next_night(play: Play) -> None:
    await say(play, ANN)
    await say(play, replace(ANN, given_name="Bo", mail="bo@vakcollege-degrienden.example"))
    wall = play.cast.schools["S1"].wall_key
    for mail in (ANN.mail, "niemand@vakcollege-degrienden.example"):
        assert await give_back(play.runtime, wall, play.activity_id, mail, now=await play.now()) == {}
    assert [part.standing for part, _ in await adopters(play)] == [Standing.WITHDRAWN, Standing.REGISTERED]
    await play.sleep_to("2027-05-21 03:00")
    assert [person.erased_on is not None for _, person in await adopters(play)] == [True, False]
    # The other one still is asked, and can say it again by the link in that mail.
    await Living(play, silent={"impact-check"}).to("2027-07-15 11:00")
    assert [left.mail for left in play.mails if left.to not in play.cast.people][-1:] == ["impact-check"]
    [(_, _), (part, _)] = await adopters(play)
    outcome = await collect.report_change(
        play.runtime,
        part.id,
        "privacy-request",
        {"kind": ["erase"], "reply": ["mail"]},
        now=await play.now(),
        key="page",
    )
    assert (outcome.accepted, outcome.is_forgotten) == (True, True)
    await play.sleep_to("2027-07-16 03:00")
    assert all(person.erased_on is not None for _, person in await adopters(play))
    assert await play.open_calls() == [], "nobody has to do it"
    assert not await traces(play, "Kaper")


async def test_it_is_offered_until_it_is_asked_and_only_where_it_is_asked(play: Play, runtime: Runtime) -> None:
    key = play.cast.schools["S1"].wall_key
    found = await offered(runtime, key, play.activity_id, await play.now())
    assert found is not None
    assert found.domains == ("vakcollege-degrienden.example",)
    await Living(play).to("2027-07-15 10:00")
    assert await offered(runtime, key, play.activity_id, await play.now()) is None
    with pytest.raises(NothingAskedLater):
        await say(play, ANN)
    asking = {
        playbook.key
        for playbook in runtime.library.playbooks.values()
        if any(ask.to is Role.ADOPTER for step in playbook.steps for ask in step.asks)
    }
    assert asking == {"teacher-design-team"}


async def asked_of(play: Play, person: Person) -> list[Invitation]:
    async with play.runtime.store.read() as session:
        rows = await session.scalars(
            select(Invitation)
            .join(Participation, Participation.id == Invitation.participation_id)
            .where(Participation.person_id == person.id)
        )
        return list(rows)


async def impact_of(play: Play) -> Any:
    async with play.runtime.store.read() as session:
        return await impact(session, play.activity_id)


async def use_of(play: Play) -> Adoption:
    async with play.runtime.store.read() as session:
        return await adoption(session, play.activity_id)


async def traces(play: Play, word: str) -> bool:
    """Return whether a word stands anywhere that the program keeps words."""
    async with play.runtime.store.read() as session:
        kept = [str(value) for value in await session.scalars(select(PersonalValue.value))]
        kept += [str(value) for value in await session.scalars(select(Contact.address))]
    return word.lower() in f"{await play.snapshot()} {kept}".lower()
