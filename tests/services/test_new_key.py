"""Another secret key: what was sent is dead, and what is sent from then on opens."""

from dataclasses import replace

import pytest
from pydantic import SecretStr

from sandwich.runtime import Runtime
from sandwich.services.links import LinkUnknown, open_link
from sandwich.services.new_key import change_key
from sandwich.store.belonging import OtherInstallation
from tests.support.cast import Cast
from tests.support.driver import Play
from tests.support.linked import link_for

pytestmark = pytest.mark.asyncio


async def test_links_follow_the_new_key(runtime: Runtime, cast: Cast) -> None:
    await runtime.ensure_own()
    play = await Play.begin(runtime, cast)
    await play.turn()
    asked = await play.invitation("P3", "date-poll")
    now = await play.now()

    async def token(of: Runtime) -> str:
        async with of.store.change(now=now, actor="test", stream=play.activity_id) as session:
            return await link_for(session, of.settings, asked.participation_id, asked.id, now)

    old = await token(runtime)
    settings = runtime.settings.model_copy(update={"secret_key": SecretStr("another key for tests, 32+ long")})
    other = replace(runtime, settings=settings)
    with pytest.raises(OtherInstallation):
        await other.ensure_own()

    assert await change_key(other) == 1
    assert await change_key(other) == 0

    await other.ensure_own()
    assert (await open_link(other, await token(other), now)).invitation_id == asked.id
    with pytest.raises(LinkUnknown):
        await open_link(other, old, now)
