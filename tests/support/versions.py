"""Another version of a playbook, as somebody would write it: the one that there is, with some things changed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from models.playbook import Playbook
from sandwich.definitions.library import Library
from sandwich.runtime import Runtime

Steps = dict[str, dict[str, Any]]
Change = Callable[[Steps], Any]
VISIT = "company-visit"


def changed(library: Library, change: Change) -> Library:
    """Return the library with the next version of the company visit; ``change`` gets its steps by key."""
    old = library.playbook(VISIT)
    data = old.model_dump(mode="json", exclude_defaults=True)
    steps: Steps = {step["key"]: step for step in data["steps"]}
    change(steps)
    new = Playbook.model_validate(data | {"version": old.version + 1, "steps": list(steps.values())})
    return replace(library, playbooks={**library.playbooks, VISIT: new})


def with_version(runtime: Runtime, change: Change) -> Runtime:
    """Return an installation of which somebody has changed the playbook."""
    return replace(runtime, library=changed(runtime.library, change))


def telling(key: str, at: str, *, stage: str = "after", **more: Any) -> dict[str, Any]:
    """Return a step that thanks the host once more."""
    return {
        "key": key,
        "stage": stage,
        "title": {"nl": f"Bericht {key}", "en": f"Note {key}"},
        "at": at,
        "rhythm": "routine",
        "tells": [{"to": ["host_contact"], "mail": "thank-you"}],
    } | more
