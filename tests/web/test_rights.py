"""From the own page: all data to take along, the name put right, everything erased; with a code where it is needed."""

import io
import json
import zipfile

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from models.tables.asking import Submission
from models.tables.mail import Call, CallState, Message
from models.tables.network import Contact, ContactKind, Person
from models.tables.privacy import Confirmation
from sandwich.clock import real_now
from sandwich.mail.case import open_case
from sandwich.mail.wording import worded
from sandwich.privacy.confirm import VALID, digits_of
from tests.support.dumped import bytes_of, dump
from tests.web.conftest import browser_of
from tests.web.reading import Page, read
from tests.web.story import GOALS
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio


async def home(web: httpx.AsyncClient, visit: Visit, code: str) -> str:
    """Open somebody's link and return where it leads."""
    return (await web.get(f"/f/{await visit.personal_token(code)}")).url.path


async def code_in_the_mail(visit: Visit, person: str) -> str:
    """Return the code that the newest mail to somebody brings, worded as it leaves."""
    async with visit.runtime.store.change(now=await visit.runtime.clock.now(), actor="test") as session:
        message = (
            await session.scalars(
                select(Message)
                .where(Message.mail == "privacy-code", Message.person_id == visit.cast.id(person))
                .order_by(Message.queued_at.desc())
            )
        ).first()
        assert message is not None
        case = await open_case(session, visit.runtime.settings, message, await visit.runtime.clock.now())
        said = (await worded([case])).composed.data.decode()
        code = digits_of(visit.runtime.settings, str(message.about["confirmation"]))
        assert code in said
        assert (await session.get_one(Confirmation, str(message.about["confirmation"]))).code_hash != code
    return code


async def send(web: httpx.AsyncClient, page: Page, **fields: str) -> httpx.Response:
    """Send the first form of a page, which types the code where one was mailed, and else asks for it."""
    return await web.post(page.form.action, data=page.form.filled(**fields))


def unpacked(answer: httpx.Response) -> zipfile.ZipFile:
    """Return the file that came."""
    assert answer.headers["content-type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(answer.content))


async def test_the_data_of_this_activity_as_a_file_to_read_and_to_use(
    app: FastAPI, web: httpx.AsyncClient, after_the_day: Visit
) -> None:
    visit = after_the_day
    at = await home(web, visit, "T3")
    before = await dump(visit.runtime.store)
    packed = unpacked(await web.get(f"{at}/data.zip"))
    assert await dump(visit.runtime.store) == before
    assert {"index.html", "data.json", "csv/submission.csv", "csv/contact.csv"} <= set(packed.namelist())
    page = packed.read("index.html").decode()
    assert str(GOALS["goal_1"]) in page
    assert "Wat wil jij leren?" in page
    assert "http" not in page, "nothing is fetched from anywhere"
    said = json.loads(packed.read("data.json"))
    assert said["activities"] == {visit.activity_id: "Prefab bouwen bij Korteweg"}
    assert "e.laan@hetkompas.example" in packed.read("csv/contact.csv").decode("utf-8-sig")
    assert "Nadia" not in page
    async with browser_of(app) as stranger:
        for what in ("data.zip", "erase", "everything", "correct"):
            assert (await web.get(f"{at}/{what}")).status_code == 200
            assert (await stranger.get(f"{at}/{what}")).status_code == 404


async def test_everything_takes_a_code_from_the_own_mailbox(web: httpx.AsyncClient, after_the_day: Visit) -> None:
    visit = after_the_day
    at = await home(web, visit, "T3")
    first = read((await web.get(f"{at}/everything")).text)
    pressed = await send(web, first, _action="mail")
    assert (pressed.status_code, "Zet eerst het vinkje" in pressed.text) == (422, True)  # as what scans mail does
    asked = read((await send(web, first, _action="mail", wanted="yes")).text)
    code = await code_in_the_mail(visit, "T3")
    wrong = await send(web, asked, code="000000" if code != "000000" else "111111")
    assert wrong.status_code == 422
    assert "nog 4 keer" in wrong.text
    packed = unpacked(await send(web, asked, code=f" {code[:3]} {code[3:]}"))
    assert "csv/message.csv" in packed.namelist()
    assert (await send(web, asked, code=code)).status_code == 422, "one use"


async def test_whoever_erases_themselves_is_gone_and_so_is_the_link(
    web: httpx.AsyncClient, after_the_day: Visit
) -> None:
    visit = after_the_day
    at = await home(web, visit, "T3")
    first = read((await web.get(f"{at}/erase")).text)
    for words in ("Wat er weggaat", "Wat er blijft, en waarom", "hoogstens 30 dagen"):
        assert words in first.content
    before = await dump(visit.runtime.store)
    assert (await send(web, first)).status_code == 422, "no code was asked for"
    stale = await web.post(f"{at}/erase", data={"_key": "x", "_action": "mail"})
    assert stale.status_code == 422
    assert await dump(visit.runtime.store) == before
    second = read((await send(web, first, _action="mail", wanted="yes")).text)
    assert "De code uit de mail" in second.content
    code = await code_in_the_mail(visit, "T3")
    done = await send(web, second, code=code)
    assert done.status_code == 200
    assert "Je gegevens zijn gewist" in done.text
    everything = await bytes_of(visit.runtime.store)
    for words in ("e.laan@hetkompas.example", "06-00000008", "Laan"):
        assert words.encode() not in everything
    async with visit.runtime.store.read() as session:
        erik = await session.get_one(Person, visit.cast.id("T3"))
        mine = await session.scalars(select(Submission.answers).where(Submission.person_id == erik.id))
        assert erik.erased_on is not None
        assert all(answers == {} for answers in mine)
    assert (await web.get(f"{at}/data")).status_code == 410


async def test_a_code_ends_after_ten_minutes_and_five_wrong_ones_and_five_are_mailed_an_hour(
    web: httpx.AsyncClient, after_the_day: Visit
) -> None:
    visit = after_the_day
    at = await home(web, visit, "T3")
    page = read((await send(web, read((await web.get(f"{at}/erase")).text), _action="mail", wanted="yes")).text)
    code = await code_in_the_mail(visit, "T3")
    wrong = "000000" if code != "000000" else "111111"
    said = [(await send(web, page, code=wrong)).text for _ in range(5)]
    assert "nog 1 keer" in said[3]
    assert "werkt niet meer" in said[4]
    assert (await send(web, page, code=code)).status_code == 422
    async with visit.runtime.store.maintain() as session:
        [row] = await session.scalars(select(Confirmation))
        row.tries, row.asked_at = 0, real_now() - VALID
    assert "werkt niet meer" in (await send(web, page, code=code)).text
    asking = read((await web.get(f"{at}/erase")).text)
    for _ in range(4):
        await web.post(asking.form.action, data=asking.form.filled(_action="mail", wanted="yes"))
    often = await web.post(asking.form.action, data=asking.form.filled(_action="mail", wanted="yes"))
    assert "over een uur" in often.text


async def test_a_mailbox_that_others_read_gets_no_code(web: httpx.AsyncClient, after_the_day: Visit) -> None:
    visit = after_the_day
    async with visit.runtime.store.change(now=await visit.runtime.clock.now(), actor="test") as session:
        for contact in await session.scalars(select(Contact).where(Contact.person_id == visit.cast.id("P3"))):
            contact.is_shared = contact.kind is ContactKind.MAIL
    at = await home(web, visit, "P3")
    page = (await web.get(f"{at}/erase")).text
    assert "Vraag het de coördinator" in page
    assert "_action" not in page
    assert "csv/contact.csv" not in unpacked(await web.get(f"{at}/data.zip")).namelist()
    assert "06-00000018" not in (await web.get(f"{at}/correct")).text


async def test_a_name_and_number_are_put_right_at_once_and_an_address_goes_to_the_coordinator(
    web: httpx.AsyncClient, after_the_day: Visit
) -> None:
    visit = after_the_day
    at = await home(web, visit, "T3")
    page = read((await web.get(f"{at}/correct")).text)
    before = await dump(visit.runtime.store)
    assert "Er is niets veranderd" in (await send(web, page)).text
    wrong = await send(web, page, given_name="", family_name="", phone="12", mail="geen adres")
    assert wrong.status_code == 422
    for said in ("Een naam hebben we nodig", "geen telefoonnummer"):
        assert said in wrong.text
    assert await dump(visit.runtime.store) == before
    done = await send(web, page, given_name="Erika", phone="06-00000077", mail="erika@nieuw.example")
    assert done.url.path == f"{at}/data"
    assert "Erika Laan" in done.text
    async with visit.runtime.store.read() as session:
        contacts = await session.scalars(select(Contact.address).where(Contact.person_id == visit.cast.id("T3")))
        assert set(contacts) == {"e.laan@hetkompas.example", "06-00000077"}
        [call] = await session.scalars(select(Call).where(Call.what == "privacy-correct", Call.state == CallState.OPEN))
        request = await session.get_one(Submission, str(call.submission_id))
        assert request.answers["text"] == "Nieuw mailadres: erika@nieuw.example"
