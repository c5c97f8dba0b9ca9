"""Mail that came in, on the board: listed below its activity, read without anything in it acting, saved as it came."""

import pytest
import pytest_asyncio

from models.tables.base import new_id
from sandwich.incoming.handle import handle_new
from sandwich.incoming.keep import keep
from sandwich.incoming.views import letters_of
from sandwich.mail.tags import Tag, Use
from sandwich.runtime import Runtime
from tests.support.browser import Browser
from tests.support.cast import Cast
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio

NASTY = "<script>alert(1)</script> Ja\u202e, graag & gauw"


@pytest_asyncio.fixture
async def letter(runtime: Runtime, cast: Cast, visit: Visit) -> str:
    """A mail that came in about the visit."""
    raw = (
        f"From: Koen <{cast.mail('P3')}>\r\nSubject: <b>Re: vraag</b>\r\nMessage-ID: <1@x.example>\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{NASTY}\r\n"
    ).encode()
    key = await keep(runtime, Tag(Use.CALENDAR, visit.activity_id), cast.mail("P3"), raw)
    assert key is not None
    await handle_new(runtime)
    return key


async def test_a_mail_is_listed_shown_and_saved(jolanda: Browser, visit: Visit, letter: str) -> None:
    page = await jolanda.open(f"/board/{visit.activity_id}")
    assert "Binnengekomen mail" in page.text
    shown = await jolanda.open(f"/board/{visit.activity_id}/mail/{letter}")
    assert jolanda.status == 200
    assert "antwoord van een mens" in shown.text
    assert "<script>alert" not in jolanda.answer.text  # type: ignore[union-attr]
    assert "&lt;script&gt;alert(1)&lt;/script&gt; Ja, graag &amp; gauw" in jolanda.answer.text  # type: ignore[union-attr]
    assert "&lt;b&gt;Re: vraag" in jolanda.answer.text  # type: ignore[union-attr]
    saved = await jolanda.client.get(f"/board/{visit.activity_id}/mail/{letter}.eml")
    assert saved.content.startswith(b"From: Koen")
    assert saved.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in saved.headers["content-security-policy"]


async def test_the_call_leads_to_it(jolanda: Browser, visit: Visit, letter: str) -> None:
    await jolanda.open(f"/board/{visit.activity_id}")
    assert f"/board/{visit.activity_id}/mail/{letter}" in jolanda.answer.text  # type: ignore[union-attr]
    assert "antwoordde per mail" in jolanda.answer.text  # type: ignore[union-attr]


async def test_it_is_nobodys_without_its_activity(
    jolanda: Browser, browser: Browser, runtime: Runtime, visit: Visit, letter: str
) -> None:
    for path in (f"/board/{new_id()}/mail/{letter}", f"/board/{visit.activity_id}/mail/{new_id()}.eml"):
        assert (await jolanda.client.get(path)).status_code == 404
    await browser.open(f"/board/{visit.activity_id}/mail/{letter}")
    assert browser.path == "/login"
    async with runtime.store.read() as session:
        assert [line.id for line in await letters_of(session, visit.activity_id)] == [letter]
        assert await letters_of(session, new_id()) == []
