"""The description of what programs can do is true, kept in the repository, and open to anybody."""

import httpx
import pytest

from sandwich.web.api import bodies
from sandwich.web.api.described import description
from sandwich.web.api.problems import PREFIX
from tests.support.openapi import KEPT, written

pytestmark = pytest.mark.asyncio


async def test_the_description_in_the_repository_is_that_of_the_routes() -> None:
    """Whoever changes what programs can do runs `make openapi`, and sees in the diff what that changes for them."""
    assert KEPT.read_text(encoding="utf-8") == written()


async def test_anybody_may_read_it(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{PREFIX}/openapi.json")
    assert (answer.status_code, answer.json()) == (200, description())


async def test_every_operation_says_who_may_what_it_is_and_what_it_answers() -> None:
    names = set()
    for path, operations in description()["paths"].items():
        assert path.startswith(f"{PREFIX}/")
        for method, operation in operations.items():
            about = f"{method} {path}"
            names.add(operation["operationId"])
            assert operation["security"] == [{"token": []}], about
            assert operation["summary"], about
            assert "Needs the scope" in operation["description"], about
            assert {"401", "403", "404", "422", "429"} <= operation["responses"].keys(), about
    assert len(names) == sum(len(one) for one in description()["paths"].values())


async def test_nothing_personal_stands_in_an_address() -> None:
    """Ids, keys, numbers and words that are looked for; never a name or an address of anybody."""
    parts = {
        one["name"]
        for operations in description()["paths"].values()
        for operation in operations.values()
        for one in operation.get("parameters", ())
        if one["in"] in {"path", "query"}
    }
    assert not parts & {"name", "mail_address", "phone", "person"}
    assert all(part.endswith("_id") or part in _PLAIN for part in parts), parts


_PLAIN = {
    *("subject", "stage", "role", "number", "mail"),  # what of an activity, or which kind of mail
    *("q", "kind", "place", "needs_hand", "ended", "limit", "offset", "of", "year", "after"),
}


async def test_the_examples_of_bodies_are_such_bodies() -> None:
    shown = {name: one["examples"] for name, one in description()["components"]["schemas"].items() if "examples" in one}
    assert {"Draft", "Move", "WithReason", "Adding", "OnTheDay"} <= shown.keys()
    for name, examples in shown.items():
        for example in examples:
            getattr(bodies, name).model_validate(example)
