"""The impression card: what its authors wrote, less what host and authors keep back."""

from typing import Any

import pytest
from sqlalchemy import select

from models.roles import Role
from models.tables.agreements import Agreement, AgreementVersion, Party
from models.tables.asking import Submission
from models.tables.network import School
from models.tables.results import CardState, ImpressionCard
from sandwich.services.card import Card, read_card, shown_to_host
from sandwich.services.discretion import confidential_terms, mentions, without_names
from sandwich.services.release_preview import Aside, Preview, look
from tests.mail.answering import answered, card_of, kept_file
from tests.mail.telling import Telling


def impression(headline: str, **more: Any) -> dict[str, Any]:
    return {
        "headline": headline,
        "insight_1": f"Inzicht van {headline}",
        "use_lesson": "Laat rekenen",
        "scope": "school",
        **more,
    }


async def asked_by(telling: Telling, submission: str) -> str | None:
    """Return the invitation that a submission answers."""
    async with telling.runtime.store.read() as session:
        return (await session.get_one(Submission, submission)).invitation_id


@pytest.mark.asyncio
async def test_the_trip_leader_heads_the_card_and_only_willing_people_can_be_mailed(telling: Telling) -> None:
    ids = [
        await answered(telling, "T3", "impressions", impression("Kop van T3", contact_share=False)),
        await answered(
            telling, "T2", "impressions", impression("Kop van T2", contact_share=True, insight_2="Nog iets")
        ),
    ]
    await card_of(telling, ids, state=CardState.RELEASED)

    async with telling.runtime.store.read() as session:
        card = await read_card(session, telling.activity_id)
        parts = (await shown_to_host(session, telling.activity_id)).parts

    assert card is not None
    assert card.headline == "Kop van T2"
    assert card.insights == ("Inzicht van Kop van T2", "Inzicht van Kop van T3", "Nog iets")
    assert card.use_lesson == ("Laat rekenen",)
    assert [(one.name, one.address) for one in card.contacts] == [(telling.cast.name("T2"), telling.cast.mail("T2"))]
    assert len({part.key for part in parts}) == len(parts) == 7
    assert parts[0].key == f"{await asked_by(telling, ids[1])}-headline"


@pytest.mark.asyncio
async def test_what_the_host_leaves_out_is_gone_and_what_is_erased_too(telling: Telling) -> None:
    kept = await answered(telling, "T2", "impressions", impression("Blijft"))
    gone = await answered(telling, "T3", "impressions", impression("Gewist"))
    left_out = f"{await asked_by(telling, kept)}-insight_1"
    await card_of(telling, [kept, gone], state=CardState.PUBLISHED, confidential=[left_out, "vrije tekst"])
    now = await telling.runtime.clock.now()
    async with telling.runtime.store.change(now=now, actor="test", stream=telling.activity_id) as session:
        (await session.get_one(Submission, gone)).answers = {}

    async with telling.runtime.store.read() as session:
        card = await read_card(session, telling.activity_id)

    assert card is not None
    assert (card.headline, card.insights) == ("Blijft", ())


@pytest.mark.asyncio
async def test_a_silent_host_gets_no_photo_no_name_and_nothing_confidential_on_the_wall(telling: Telling) -> None:
    written = impression(
        "Koen Korteweg bouwt bij Bouwbedrijf Korteweg",
        insight_2="In HAL 2 staat een zaagrobot",
        insight_3="In hal 21 is koffie",
        use_lesson="Piet tekende dit met koen",
        lob="De prijslijst is verrassend",
        photo=[await kept_file(telling, "T2", "photo", "hal.jpg")],
        photo_consent=True,
        materials=[await kept_file(telling, "T2", "materials", "prijslijst.png")],
        materials_licence="region",
    )
    submission = await answered(telling, "T2", "impressions", written)
    await card_of(telling, [submission], state=CardState.PUBLISHED, is_restricted=True)
    note = "Geen foto's in hal 2, prijslijsten niet noemen"
    await _agree(telling, {"confidential": note, "tasks": [{"row": "tour", "who": "host", "name": "Piet"}]})

    async with telling.runtime.store.read() as session:
        card = await read_card(session, telling.activity_id)

    assert card is not None
    assert card.is_restricted
    assert (card.photos, card.materials, card.on_request) == ((), (), ())
    assert card.headline == "Een medewerker bouwt bij Bouwbedrijf Korteweg"
    assert card.insights == ("Inzicht van een medewerker bouwt bij Bouwbedrijf Korteweg", "In hal 21 is koffie")
    assert card.use_lesson == ("Een medewerker tekende dit met een medewerker",)
    assert card.lob == ()


@pytest.mark.asyncio
async def test_photos_need_the_authors_yes_and_the_hosts(telling: Telling) -> None:
    files = [await kept_file(telling, code, "photo", f"{code}.jpg") for code in ("T2", "T3")]
    yes = await answered(telling, "T2", "impressions", impression("a", photo=files[:1], photo_consent=True))
    no = await answered(telling, "T3", "impressions", impression("b", photo=files[1:], photo_consent=False))
    await card_of(telling, [yes, no], state=CardState.RELEASED)
    async with telling.runtime.store.read() as session:
        before = await read_card(session, telling.activity_id)
    await answered(telling, "P3", "card-release", {"release": "released", "photos": True}, role=Role.HOST_CONTACT)
    async with telling.runtime.store.read() as session:
        after = await read_card(session, telling.activity_id)

    assert before is not None
    assert after is not None
    assert before.photos == ()
    assert [photo.upload_id for photo in after.photos] == files[:1]


async def at_the_school_of(telling: Telling, code: str) -> Card:
    """Return the card as the colleagues of somebody read it."""
    async with telling.runtime.store.read() as session:
        card = await read_card(session, telling.activity_id, school_id=telling.cast.person(code).school_id)
    assert card is not None
    return card


async def before_the_host(telling: Telling) -> Preview:
    async with telling.runtime.store.read() as session:
        return await look(session, telling.activity_id)


@pytest.mark.asyncio
@pytest.mark.parametrize("scope", ["team", "school"])
async def test_every_school_reads_what_its_own_people_and_those_for_the_region_wrote(
    telling: Telling, scope: str
) -> None:
    own = await answered(telling, "T2", "impressions", impression("Voor ons", scope=scope))
    all_ = await answered(telling, "T5", "impressions", impression("Voor de regio", scope="region"))
    await card_of(telling, [own, all_], state=CardState.PUBLISHED)

    at_t2, at_t5, at_t6 = [await at_the_school_of(telling, code) for code in ("T2", "T5", "T6")]

    assert at_t2.insights == ("Inzicht van Voor ons", "Inzicht van Voor de regio")
    assert at_t5.headline == at_t6.headline == "Voor de regio"
    assert at_t5.insights == at_t6.insights == ("Inzicht van Voor de regio",)


@pytest.mark.asyncio
async def test_a_file_goes_no_further_than_its_licence(telling: Telling) -> None:
    ids, files = [], {}
    for code, licence in (("T2", "own-school"), ("T3", "ask-me"), ("T5", "ask-me"), ("T6", "region")):
        files[code] = await kept_file(telling, code, "materials", f"{licence} {code}.png")
        given = {"materials": [files[code]], "materials_licence": licence, "contact_share": code != "T5"}
        ids.append(await answered(telling, code, "impressions", impression(code, scope="region", **given)))
    await card_of(telling, ids, state=CardState.PUBLISHED)

    at_t2, at_t6 = [await at_the_school_of(telling, code) for code in ("T2", "T6")]

    assert [file.upload_id for file in at_t2.materials] == [files["T2"], files["T6"]]
    assert [file.upload_id for file in at_t6.materials] == [files["T6"]]
    for card in (at_t2, at_t6):
        asked = [(one.name, one.contact.address if one.contact else None) for one in card.on_request]
        assert asked == [("ask-me T3.png", telling.cast.mail("T3")), ("ask-me T5.png", None)]


@pytest.mark.asyncio
async def test_the_host_can_leave_out_a_file(telling: Telling) -> None:
    file = await kept_file(telling, "T2", "materials", "prijzen.png")
    sent = {"materials": [file], "materials_licence": "region"}
    one = await answered(telling, "T2", "impressions", impression("Kop", **sent))
    await card_of(telling, [one], state=CardState.PREVIEWED)
    async with telling.runtime.store.read() as session:
        key = next(part.key for part in (await shown_to_host(session, telling.activity_id)).parts if part.upload_id)
    assert [part.key for part in (await at_the_school_of(telling, "T2")).materials] == [key]
    now = await telling.runtime.clock.now()
    async with telling.runtime.store.change(now=now, actor="test", stream=telling.activity_id) as session:
        (await session.scalars(select(ImpressionCard))).one().confidential = [key]

    assert (await at_the_school_of(telling, "T2")).materials == ()
    left_out = [(line.part.text, line.why) for line in (await before_the_host(telling)).beside]
    assert left_out == [("prijzen.png", Aside.LEFT_OUT)]


@pytest.mark.asyncio
async def test_the_host_looks_at_the_card_that_the_wall_will_show_and_at_every_line_beside_it(telling: Telling) -> None:
    more = {"insight_2": "Tweede", "insight_3": "Derde"}
    said = {
        "T2": impression("Kop van T2", scope="region", insight_1="Eerste", **more),
        "T3": impression("Kop van T3", scope="region", insight_1="Eerste", insight_2="Vierde"),
        "T5": impression("Kop van T5", insight_1="Eerste", use_lesson="Alleen hier", lob="Daarom"),
    }
    ids = [await answered(telling, code, "impressions", answers) for code, answers in said.items()]
    await card_of(telling, ids, state=CardState.PREVIEWED)

    shown = await before_the_host(telling)

    wall = await at_the_school_of(telling, "T6")
    assert shown.school is None
    assert shown.card == wall.composed
    assert wall.insights == ("Eerste", "Tweede", "Vierde")
    async with telling.runtime.store.read() as session:
        own = await session.get_one(School, telling.cast.person("T5").school_id)
    assert [(line.part.text, line.why, line.school) for line in shown.beside] == [
        ("Daarom", Aside.ONE_SCHOOL, own.name),
        ("Alleen hier", Aside.ONE_SCHOOL, own.name),
        ("Derde", Aside.NO_ROOM, ""),
        ("Kop van T3", Aside.NO_ROOM, ""),
        ("Kop van T5", Aside.NO_ROOM, ""),
    ]


@pytest.mark.asyncio
async def test_without_anything_for_the_region_the_host_sees_the_card_of_the_first_school(telling: Telling) -> None:
    ids = [await answered(telling, code, "impressions", impression(code)) for code in ("T2", "T5")]
    await card_of(telling, ids, state=CardState.PREVIEWED)
    shown = await before_the_host(telling)
    assert shown.card == (await at_the_school_of(telling, "T2")).composed
    assert {(line.part.text, line.why) for line in shown.beside} == {
        ("T5", Aside.ONE_SCHOOL),
        ("Inzicht van T5", Aside.ONE_SCHOOL),
    }


@pytest.mark.asyncio
async def test_there_is_no_card_before_it_was_made_and_none_after_it_was_withdrawn(telling: Telling) -> None:
    async with telling.runtime.store.read() as session:
        assert await read_card(session, telling.activity_id) is None
        assert (await shown_to_host(session, telling.activity_id)).parts == ()
    await card_of(telling, [], state=CardState.WITHDRAWN)
    async with telling.runtime.store.read() as session:
        assert await read_card(session, telling.activity_id) is None


def test_a_note_on_confidentiality_is_about_its_own_words() -> None:
    assert confidential_terms("Niets bijzonders") == frozenset()
    assert confidential_terms("Nothing special") == frozenset()
    assert confidential_terms("Geen foto's in hal 2, geen klantnamen") == {"hal 2", "klantnam"}
    assert mentions("Wij zagen HAL  2.", confidential_terms("niet in hal 2"))
    assert not mentions("Wij zagen hal 20 en de schaal 2.", confidential_terms("niet in hal 2"))
    assert mentions("De robotarm!", frozenset({"robot"}))


def test_names_go_whole_and_not_inside_other_words() -> None:
    assert without_names("Koen en Koenraad Korteweg", ["Koen"]) == "Een medewerker en Koenraad Korteweg"
    assert without_names("Met Koen Korteweg.", ["Koen", "Koen Korteweg"]) == "Met een medewerker."
    assert without_names("niemand", []) == "niemand"


async def _agree(telling: Telling, terms: dict[str, Any]) -> None:
    now = await telling.runtime.clock.now()
    async with telling.runtime.store.change(now=now, actor="test", stream=telling.activity_id) as session:
        agreement = Agreement(activity_id=telling.activity_id)
        session.add(agreement)
        await session.flush()
        session.add(
            AgreementVersion(
                agreement_id=agreement.id,
                activity_id=telling.activity_id,
                number=1,
                proposed_by=Party.HOST,
                terms=terms,
                digest="d" * 64,
                proposed_at=now,
            )
        )
