"""A database belongs to the secret key with which it was first opened."""

import asyncio

import pytest

from models.text import Language
from sandwich.store import Store
from sandwich.store.belonging import OtherInstallation, ensure_own, identity_of, take_over

pytestmark = pytest.mark.asyncio


async def test_the_first_to_open_it_owns_it(store: Store) -> None:
    assert await identity_of(store) is None
    await ensure_own(store, "one")
    first = await identity_of(store)
    await ensure_own(store, "one")
    assert first is not None
    assert "one" not in first.key_mark
    with pytest.raises(OtherInstallation) as refused:
        await ensure_own(store, "another")
    assert "SANDWICH_SECRET_KEY" in refused.value.to(Language.DUTCH)
    after = await identity_of(store)
    assert after is not None
    assert (after.identity, after.key_mark) == (first.identity, first.key_mark), "nothing was changed"


async def test_of_many_that_open_it_at_once_one_key_wins(database_url: str) -> None:
    stores = [Store(database_url) for _ in range(4)]
    try:
        keys = ["one", "one", "two", "two"]
        done = await asyncio.gather(
            *(ensure_own(store, key) for store, key in zip(stores, keys, strict=True)), return_exceptions=True
        )
        won = {key for key, came in zip(keys, done, strict=True) if came is None}
        assert len(won) == 1
        assert [type(came) for came in done if came is not None] == [OtherInstallation] * 2
    finally:
        for store in stores:
            await store.close()


async def test_a_new_key_takes_it_over(store: Store) -> None:
    await take_over(store, "one")
    await take_over(store, "two")
    await ensure_own(store, "two")
    with pytest.raises(OtherInstallation):
        await ensure_own(store, "one")
