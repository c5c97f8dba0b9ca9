"""What a host releases is what its page showed, and what comes in later waits for its word."""

import httpx
import pytest
from sqlalchemy import select

from models.tables.asking import Invitation, InvitationState, Submission, Upload, UploadContent
from models.tables.mail import Call, CallState, Message
from models.tables.results import CardState, ImpressionCard, ShareScope
from sandwich.errors import BadInput
from sandwich.mail.case import open_case
from sandwich.mail.contexts.sharing import CardWithdrawnContext, HostPreviewContext, WishContext
from sandwich.mail.mails import MAILS
from sandwich.mail.needed import verdict
from sandwich.services import additions, share
from sandwich.services.card import read_card
from sandwich.services.remind import handle_due
from tests.web.reading import Page, read
from tests.web.story import IMPRESSIONS, to_the_preview
from tests.web.visit import TEACHERS, Visit, local

pytestmark = pytest.mark.asyncio

LATER = {
    **IMPRESSIONS,
    "headline": "De koffie is er ook goed",
    "insight_1": "Iedereen begint om zeven uur.",
    "insight_2": "Koen Korteweg tekent zelf.",
    "insight_3": "In hal 2 is het stil.",
    "use_lesson": "Laat rekenen.",
    "lob": "",
    "scope": "region",
}
CHANGED = "Er is iets bij gekomen of veranderd sinds u deze pagina opende."


async def the_card(visit: Visit) -> ImpressionCard:
    async with visit.runtime.store.read() as session:
        return (await session.scalars(select(ImpressionCard))).one()


async def the_page(web: httpx.AsyncClient, visit: Visit) -> Page:
    return read((await web.get(f"/f/{await visit.token('P3', 'card-release')}")).text)


async def send(web: httpx.AsyncClient, page: Page, **changes: str | list[str]) -> httpx.Response:
    return await web.post(page.form.action, data=page.form.filled(**changes, _action="send"))


async def on_the_wall(visit: Visit, school: str = "S1") -> tuple[str, ...]:
    """Return the insights that a school's colleagues read."""
    async with visit.runtime.store.read() as session:
        card = await read_card(session, visit.activity_id, school_id=visit.cast.schools[school].id)
    return card.insights if card else ()


async def open_calls(visit: Visit) -> list[str]:
    async with visit.runtime.store.read() as session:
        return sorted(await session.scalars(select(Call.what).where(Call.state == CallState.OPEN)))


async def asked_again(visit: Visit) -> None:
    now = await visit.runtime.clock.now()
    await additions.ask_host_again(visit.runtime, visit.activity_id, now=now, actor=visit.cast.id("C1"))


async def released(web: httpx.AsyncClient, visit: Visit, **changes: str | list[str]) -> None:
    assert "/thanks/" in (await send(web, await the_page(web, visit), release="released", **changes)).url.path
    await visit.run()
    assert (await the_card(visit)).state is CardState.PUBLISHED


async def test_without_a_part_that_marks_no_part_releases_nothing(web: httpx.AsyncClient, previewed: Visit) -> None:
    page = await the_page(web, previewed)
    shares = {name: "share" for name in page.form.filled() if name.startswith("parts.")}
    for marked in ({}, shares):
        answer = await send(
            web, page, release="without-parts", confidential="Onze prijs <b>niet</b>", remark="Dank", **marked
        )
        assert answer.status_code == 422
        page = read(answer.text)
        assert "U wilt een deel weglaten. Kies hier bij dat deel ‘weglaten’." in page.content
        assert page.form.fields["confidential"] == ["Onze prijs <b>niet</b>"]
        assert (page.form.fields["release"], page.form.fields["remark"]) == (["without-parts"], ["Dank"])
        card = await the_card(previewed)
        assert (card.state, card.released_at, card.host_remark) == (CardState.PREVIEWED, None, None)


async def test_a_card_that_changed_since_the_page_was_opened_is_shown_again(
    web: httpx.AsyncClient, previewed: Visit
) -> None:
    page = await the_page(web, previewed)
    await previewed.answer("T3", "impressions", LATER)

    answer = await send(web, page, release="released", photos="yes", remark="Mooi")

    again = read(answer.text)
    assert (answer.status_code, CHANGED in again.content) == (422, True)
    assert "De koffie is er ook goed" in again.content
    assert (again.form.fields["release"], again.form.fields["remark"]) == (["released"], ["Mooi"])
    assert (await the_card(previewed)).state is CardState.PREVIEWED
    assert "/thanks/" in (await send(web, again)).url.path
    await previewed.run()
    assert "Iedereen begint om zeven uur." in await on_the_wall(previewed)
    assert "card-addition" not in await open_calls(previewed)


async def test_a_release_from_a_page_that_says_not_what_it_showed_is_refused(
    web: httpx.AsyncClient, previewed: Visit
) -> None:
    page = await the_page(web, previewed)
    del page.form.fields["_shown"]
    answer = await send(web, page, release="released")
    assert (answer.status_code, CHANGED in read(answer.text).content) == (422, True)
    # A no is a no, whatever the page showed.
    assert "/thanks/" in (await send(web, page, release="refused")).url.path
    assert (await the_card(previewed)).state is CardState.OBJECTED


async def test_what_comes_in_after_a_release_waits_and_is_released_apart(
    web: httpx.AsyncClient, previewed: Visit
) -> None:
    visit = previewed
    await released(web, visit, photos="yes")
    before = await on_the_wall(visit)
    await visit.answer("T3", "impressions", LATER)
    await visit.answer("T2", "impressions", {**IMPRESSIONS, "insight_1": "De zaag stuurt de tekening."}, key="again")

    assert await on_the_wall(visit) == before
    assert await open_calls(visit) == ["card-addition"]
    await asked_again(visit)
    assert await open_calls(visit) == []
    with pytest.raises(BadInput):
        await asked_again(visit)
    invitation = await visit.invitation("P3", "card-release")
    assert invitation.occurrence == 2
    # The mail leaves on Thursday 19 November: the fifth working day is Thursday 26 November.
    assert invitation.deadline_at == local("2026-11-26 00:00")
    async with visit.runtime.store.change(now=local("2026-11-18 12:00"), actor="delivery") as session:
        mail = (await session.scalars(select(Message).where(Message.invitation_id == invitation.id))).one()
        told = await MAILS[mail.mail].load(await open_case(session, visit.runtime.settings, mail, mail.due_at))
    assert isinstance(told, HostPreviewContext)
    assert (told.is_addition, len(told.parts), len(told.beside)) == (True, 5, 6)
    page = await the_page(web, visit)
    assert "De koffie is er ook goed" in page.content
    assert "De zaag stuurt de tekening." in page.content
    key = next(name for name in page.form.names if name.startswith("parts.") and "insight_1" in name)
    assert (
        "/thanks/" in (await send(web, page, release="without-parts", confidential="Zo", **{key: "leave-out"})).url.path
    )
    wall = await on_the_wall(visit)
    assert len({"De zaag stuurt de tekening.", "Iedereen begint om zeven uur."} & set(wall)) == 1
    await visit.runtime.clock.set(local("2026-12-01 12:00"))
    await handle_due(visit.runtime)
    assert (await on_the_wall(visit), (await the_card(visit)).is_restricted) == (wall, False)


async def test_silence_about_an_addition_adds_it_restricted_and_leaves_the_rest(
    web: httpx.AsyncClient, after_the_day: Visit
) -> None:
    visit = after_the_day
    photo = await to_the_preview(visit, scope="region", insight_1="Koen Korteweg geeft hout weg.")
    await released(web, visit, photos="yes")
    before = await on_the_wall(visit)
    await visit.answer("T3", "impressions", {**LATER, "scope": "region", "insight_1": "Koen Korteweg zaagt."})
    await asked_again(visit)
    # What comes in while the host is asked was not before it in time: it waits again.
    await visit.answer("T5", "impressions", {**LATER, "scope": "region", "insight_1": "Te laat voor deze vraag."})
    assert await open_calls(visit) == ["card-addition"]
    await visit.runtime.clock.set(local("2026-11-25 23:00"))
    await handle_due(visit.runtime)
    assert await on_the_wall(visit) == before
    await visit.runtime.clock.set(local("2026-11-26 10:00"))
    await handle_due(visit.runtime)

    async with visit.runtime.store.read() as session:
        card = await read_card(session, visit.activity_id)
        own = await read_card(session, visit.activity_id, school_id=visit.cast.schools["S1"].id)
        other = await read_card(session, visit.activity_id, school_id="another")
    assert card is not None
    assert own is not None
    assert other is not None
    assert (card.is_restricted, [one.upload_id for one in card.photos]) == (True, [photo])
    assert card.insights[:2] == ("Koen Korteweg geeft hout weg.", "Een medewerker zaagt.")
    assert (own.use_lesson[-1], other.use_lesson) == ("Laat rekenen.", tuple(own.use_lesson[:1]))
    row = await the_card(visit)
    assert row.share_scope is ShareScope.REGION
    assert len(row.content["submissions"]) == 2
    async with visit.runtime.store.read() as session:
        calls = list(await session.scalars(select(Call).where(Call.state == CallState.OPEN)))
    assert [call.what for call in calls if call.step == "host-preview"] == ["card-addition"]


async def test_what_came_in_unseen_is_not_shared_by_silence(previewed: Visit) -> None:
    await previewed.answer("T3", "impressions", LATER)
    assert await open_calls(previewed) == []
    await previewed.run(local("2026-11-26 12:00"))
    assert (await the_card(previewed)).state is CardState.PUBLISHED
    assert "Iedereen begint om zeven uur." not in await on_the_wall(previewed)
    assert await open_calls(previewed) == ["card-addition"]


async def test_a_part_left_out_stays_out_when_its_author_changes_it(web: httpx.AsyncClient, previewed: Visit) -> None:
    visit = previewed
    page = await the_page(web, visit)
    key = next(name for name in page.form.names if name.endswith("-insight_1.share"))
    await send(web, page, release="without-parts", confidential="Dat eerste", **{key: "leave-out"})
    await visit.run()
    await visit.answer(
        "T2", "impressions", {**IMPRESSIONS, "insight_1": "De tekening stuurt ook de zaag."}, key="again"
    )
    await asked_again(visit)
    page = await the_page(web, visit)
    assert page.form.fields[key] == ["leave-out"]
    await send(web, page, release="released")
    assert await on_the_wall(visit) == (IMPRESSIONS["insight_2"], IMPRESSIONS["insight_3"])


async def test_what_two_wrote_in_the_same_words_is_left_out_once(web: httpx.AsyncClient, previewed: Visit) -> None:
    visit = previewed
    await visit.answer("T3", "impressions", {**LATER, "insight_2": IMPRESSIONS["insight_1"]})
    page = await the_page(web, visit)
    assert page.content.count(f": {IMPRESSIONS['insight_1']}") == 1
    key = next(name for name in page.form.names if name.endswith("-insight_1.share"))
    await send(web, page, release="without-parts", confidential="Dat eerste", **{key: "leave-out"})
    await visit.run()
    for school in ("S1", "S2"):
        assert IMPRESSIONS["insight_1"] not in await on_the_wall(visit, school)
    assert "In hal 2 is het stil." in await on_the_wall(visit, "S2")


async def test_what_an_author_takes_back_is_gone_at_once(web: httpx.AsyncClient, previewed: Visit) -> None:
    visit = previewed
    await released(web, visit, photos="yes")
    changed = {**IMPRESSIONS, "insight_2": "", "insight_1": "Iets anders", "contact_share": False, "scope": "team"}
    await visit.answer("T2", "impressions", {**changed, "photo": []}, key="again")
    async with visit.runtime.store.read() as session:
        card = await read_card(session, visit.activity_id, school_id=visit.cast.schools["S1"].id)
        assert (await session.scalars(select(UploadContent.upload_id))).all() == []
        assert (await session.scalars(select(Upload.id))).all() == []
    assert card is not None
    assert card.insights == (IMPRESSIONS["insight_1"], IMPRESSIONS["insight_3"])
    assert (card.photos, card.contacts) == ((), ())
    assert await on_the_wall(visit, "S2") == ()


async def test_a_no_to_an_addition_keeps_what_was_released(web: httpx.AsyncClient, previewed: Visit) -> None:
    visit = previewed
    await released(web, visit)
    before = await on_the_wall(visit)
    await visit.answer("T3", "impressions", LATER)
    await asked_again(visit)
    await send(web, await the_page(web, visit), release="refused")
    assert await open_calls(visit) == ["card-objected"]
    await visit.runtime.clock.set(local("2026-12-01 12:00"))
    await handle_due(visit.runtime)
    assert ((await the_card(visit)).state, await on_the_wall(visit)) == (CardState.PUBLISHED, before)


async def withdrawn_mails(visit: Visit) -> list[tuple[str, bool]]:
    """Return who is told that the card is off the wall, and whether the company asked for it."""
    now = await visit.runtime.clock.now()
    async with visit.runtime.store.change(now=now, actor="delivery") as session:
        found = (await session.scalars(select(Message).where(Message.mail == "card-withdrawn"))).all()
        told = []
        for message in found:
            case = await open_case(session, visit.runtime.settings, message, now)
            context = await MAILS[message.mail].load(case)
            assert isinstance(context, CardWithdrawnContext)
            told.append((message.person_id, context.by_host))
    return sorted(told)


async def test_the_participants_hear_that_the_host_took_its_word_back(web: httpx.AsyncClient, previewed: Visit) -> None:
    visit = previewed
    await released(web, visit, photos="yes")
    assert await withdrawn_mails(visit) == []
    page = await the_page(web, visit)
    assert "/thanks/" in (await send(web, page, release="refused")).url.path
    assert (await the_card(visit)).state is CardState.WITHDRAWN
    assert await withdrawn_mails(visit) == sorted((visit.cast.id(code), True) for code in TEACHERS)
    # The mail to the colleagues that had not left yet stays here.
    now = await visit.runtime.clock.now()
    async with visit.runtime.store.change(now=now, actor="delivery") as session:
        message = (await session.scalars(select(Message).where(Message.mail == "new-card").limit(1))).one()
        case = await open_case(session, visit.runtime.settings, message, now)
        assert (await verdict(case, MAILS["new-card"])).reason == "withdrawn"


async def test_the_photos_of_a_card_taken_off_the_wall_are_not_kept(web: httpx.AsyncClient, previewed: Visit) -> None:
    visit = previewed
    await released(web, visit, photos="yes")
    now = await visit.runtime.clock.now()
    await share.withdraw_card(visit.runtime, visit.activity_id, now=now, actor=visit.cast.id("C1"))
    async with visit.runtime.store.read() as session:
        assert (await session.scalars(select(UploadContent.upload_id))).all() == []
    assert await withdrawn_mails(visit) == sorted((visit.cast.id(code), False) for code in TEACHERS)
    # Its author can still change the words, and is not stopped by a photo that is gone.
    page = read((await web.get(f"/f/{await visit.token('T2', 'impressions')}")).text)
    answer = await web.post(page.form.action, data=page.form.filled(headline="Anders", _action="send"))
    assert "/thanks/" in answer.url.path


async def test_what_a_colleague_wants_to_know_reaches_the_author_once_a_day(
    web: httpx.AsyncClient, previewed: Visit
) -> None:
    visit = previewed
    await released(web, visit)
    address = f"/wall/{visit.cast.schools['S1'].wall_key}/{visit.activity_id}"
    for wish in ("Hoe duur is zo'n wand?", "", "Mag ik mee?"):
        page = read((await web.get(address)).text)
        answer = await web.post(page.form.action, data=page.form.filled(useful="4", use="look", wish=wish))
        assert answer.url.path.endswith("/thanks")
    async with visit.runtime.store.change(now=local("2026-11-19 08:00"), actor="delivery") as session:
        found = (await session.scalars(select(Message).where(Message.mail == "colleague-wish"))).all()
        kept = await session.scalars(select(Submission.person_id).where(Submission.form == "colleague-reaction"))
        assert set(kept) == {None}
        case = await open_case(session, visit.runtime.settings, found[0], local("2026-11-19 08:00"))
        told = await MAILS["colleague-wish"].load(case)
    assert [one.person_id for one in found] == [visit.cast.id("T2")]
    assert local("2026-11-19 08:00") <= found[0].due_at < local("2026-11-19 09:30")
    assert isinstance(told, WishContext)
    assert told.wishes == ("Hoe duur is zo'n wand?", "Mag ik mee?")
    assert told.wall is not None


async def test_the_earlier_question_closes_softly_when_the_host_is_asked_again(previewed: Visit) -> None:
    visit = previewed
    await visit.run(local("2026-11-26 12:00"))
    await visit.answer("T3", "impressions", LATER)
    await asked_again(visit)
    async with visit.runtime.store.read() as session:
        rows = await session.scalars(
            select(Invitation).where(Invitation.form == "card-release").order_by(Invitation.occurrence)
        )
        assert [(row.occurrence, row.state) for row in rows] == [
            (1, InvitationState.CLOSED),
            (2, InvitationState.PLANNED),
        ]
