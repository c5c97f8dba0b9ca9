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
from sandwich.runtime import Runtime
from sandwich.services import collect
from sandwich.services.adopting import NothingAskedLater, SaidOfSelf, adopt, give_back, offered
from sandwich.services.candidates import candidates
from sandwich.services.exporting import export_rows
from sandwich.services.overview import one
from sandwich.services.own_data import own_data
from sandwich.services.waking import schools_of
from sandwich.store.replay import differences, replay, tables, verify
from tests.support.cast import Cast
from tests.support.databases import Databases
from tests.support.driver import Play
from tests.support.living import Living
from tests.support.shared_material import MATERIAL_SHARED, answers_of
from tests.support.stages import Stage, played

pytestmark = pytest.mark.asyncio


@pytest.fixture
def stage() -> Stage:
    """Every test begins where the product stands on the walls."""
    return MATERIAL_SHARED


@pytest_asyncio.fixture
async def play(runtime: Runtime, cast: Cast, databases: Databases, library: Library) -> Play:
    at = played(databases, library, MATERIAL_SHARED)
    await runtime.clock.set(at.at)
    return Play(runtime, cast=cast, activity_id=at.known, words=True)


async def test_probe(play: Play, cast: Cast) -> None:
    offer = await offered(play.runtime, cast.schools["S1"].wall_key, play.activity_id, await play.now())
    print(offer and (offer.later.asked_at, offer.later.kept_until, offer.domains), (await play.activity()).status)
    assert 0
