"""The impression card: what its authors wrote, less what host and authors keep back."""

from typing import Any

import pytest

from models.playbook import Role
from models.tables.agreements import Agreement, AgreementVersion, Party
from models.tables.asking import Submission
from models.tables.results import CardState
from sandwich.services.card import card_parts, read_card
from sandwich.services.discretion import confidential_terms, mentions, without_names
from tests.mail.answering import answered, card_of
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
        parts = await card_parts(session, telling.activity_id)

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
        photo=["foto-1"],
        photo_consent=True,
    )
    submission = await answered(telling, "T2", "impressions", written)
    await card_of(telling, [submission], state=CardState.PUBLISHED, is_restricted=True)
    note = "Geen foto's in hal 2, prijslijsten niet noemen"
    await _agree(telling, {"confidential": note, "tasks": [{"row": "tour", "who": "host", "name": "Piet"}]})

    async with telling.runtime.store.read() as session:
        card = await read_card(session, telling.activity_id)

    assert card is not None
    assert card.is_restricted
    assert card.photos == ()
    assert card.headline == "Een medewerker bouwt bij Bouwbedrijf Korteweg"
    assert card.insights == ("Inzicht van een medewerker bouwt bij Bouwbedrijf Korteweg", "In hal 21 is koffie")
    assert card.use_lesson == ("Een medewerker tekende dit met een medewerker",)
    assert card.lob == ()
    assert card.has_photos


@pytest.mark.asyncio
async def test_photos_need_the_authors_yes_and_the_hosts(telling: Telling) -> None:
    yes = await answered(telling, "T2", "impressions", impression("a", photo=["f1"], photo_consent=True))
    no = await answered(telling, "T3", "impressions", impression("b", photo=["f2"], photo_consent=False))
    await card_of(telling, [yes, no], state=CardState.RELEASED)
    async with telling.runtime.store.read() as session:
        before = await read_card(session, telling.activity_id)
    await answered(telling, "P3", "card-release", {"release": "released", "photos": True}, role=Role.HOST_CONTACT)
    async with telling.runtime.store.read() as session:
        after = await read_card(session, telling.activity_id)

    assert before is not None
    assert after is not None
    assert (before.photos, before.has_photos) == ((), True)
    assert after.photos == ("f1",)


@pytest.mark.asyncio
async def test_what_is_for_the_own_team_stays_in_the_own_school(telling: Telling) -> None:
    own = await answered(telling, "T2", "impressions", impression("Voor het team", scope="team"))
    all_ = await answered(telling, "T3", "impressions", impression("Voor de school"))
    await card_of(telling, [own, all_], state=CardState.PUBLISHED)
    schools = {code: telling.cast.person(code).school_id for code in ("T2", "T3")}

    async with telling.runtime.store.read() as session:
        at_t2 = await read_card(session, telling.activity_id, school_id=schools["T2"])
        at_t3 = await read_card(session, telling.activity_id, school_id=schools["T3"])

    assert at_t2 is not None
    assert at_t3 is not None
    assert at_t2.headline == "Voor het team"
    assert at_t3.headline == "Voor de school"
    assert "Inzicht van Voor het team" not in at_t3.insights


@pytest.mark.asyncio
async def test_there_is_no_card_before_it_was_made_and_none_after_it_was_withdrawn(telling: Telling) -> None:
    async with telling.runtime.store.read() as session:
        assert await read_card(session, telling.activity_id) is None
        assert await card_parts(session, telling.activity_id) == ()
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
