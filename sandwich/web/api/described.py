"""The description of what programs can do (OpenAPI 3.1), made from the routes themselves."""

from functools import cache
from typing import Any

from fastapi import APIRouter, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from starlette.routing import BaseRoute

from sandwich.web.api.door import KEY_SHAPE, SCOPE
from sandwich.web.api.problems import MEDIA_TYPE, PREFIX
from sandwich.web.api.routes_of import ROUTERS

router = APIRouter(include_in_schema=False)

_ABOUT = """What the board of Sandwich does, for programs. Every request carries a token of a coordinator and sees
and does what that coordinator may. `docs/api.md` in the repository says how to get one, with examples."""

_ONCE = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same request with the same key is carried out once, however often it comes within a day.",
    "schema": {"type": "string", "pattern": f"^{KEY_SHAPE.pattern}$"},
}
_LANGUAGE = {
    "name": "Accept-Language",
    "in": "header",
    "required": False,
    "description": "nl or en: the language of problems and of what would happen.",
    "schema": {"type": "string", "examples": ["nl"]},
}


@router.get(f"{PREFIX}/openapi.json")
async def openapi(request: Request) -> JSONResponse:
    """Give the description to whoever asks."""
    return JSONResponse(description())


@cache
def description() -> dict[str, Any]:
    """Return the description of all routes for programs."""
    routes: list[BaseRoute] = [route for one in ROUTERS for route in one.routes]
    said = get_openapi(title="Sandwich", version="1", description=" ".join(_ABOUT.split()), routes=routes)
    for operations in said["paths"].values():
        for method, operation in operations.items():
            scope = operation[SCOPE]
            said_of_it = operation.get("description", "").replace("``", "`")
            operation["description"] = f"{said_of_it}\n\nNeeds the scope `{scope}`.".strip()
            operation.setdefault("parameters", []).append(_LANGUAGE)
            if method != "get":
                operation["parameters"].append(_ONCE)
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    answer["content"] = {MEDIA_TYPE: answer["content"]["application/json"]}
    for unused in ("HTTPValidationError", "ValidationError"):
        said["components"]["schemas"].pop(unused, None)
    return said
