"""The ways out at the foot of a mail: straight to the form, with the token left behind on the way."""

import httpx
import pytest

from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize(("page", "heading"), [("change", "Wijziging of afmelding"), ("privacy", "Privacyverzoek")])
async def test_a_link_at_the_foot_of_a_mail_opens_its_form_without_the_token_in_the_address(
    web: httpx.AsyncClient, visit: Visit, page: str, heading: str
) -> None:
    token = await visit.personal_token("T3")

    first = await web.get(f"/f/{token}/{page}?what=stop", follow_redirects=False)
    opened = await web.get(f"/f/{token}/{page}?what=stop")

    assert first.status_code == 303
    assert token not in first.headers["location"]
    assert first.headers["location"].endswith(f"/{page}")
    assert opened.status_code == 200
    assert heading in opened.text
    assert token not in opened.text


async def test_a_foot_link_with_a_wrong_token_opens_nothing(web: httpx.AsyncClient, visit: Visit) -> None:
    token = await visit.personal_token("T3")

    answer = await web.get(f"/f/{token[:-2]}xx/change")

    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers
