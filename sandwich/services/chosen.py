"""The playbook that an activity begins with: which kind, in which variant, for which purpose, and kept as it is now."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from models.playbook import Playbook
from models.tables.activities import PlaybookVersion
from sandwich.definitions.library import Library, digest
from sandwich.errors import BadInput
from sandwich.services.register import lock_registry


async def keep_playbook(session: AsyncSession, playbook: Playbook) -> str:
    """Store a playbook as it is now, so that activities keep the version that they started with; returns its digest."""
    fingerprint = digest(playbook)
    if await session.get(PlaybookVersion, fingerprint) is not None:
        return fingerprint
    # Two activities may start with it at once: the second waits here, and then finds it.
    await lock_registry(session)
    if await session.get(PlaybookVersion, fingerprint) is None:
        definition: dict[str, Any] = playbook.model_dump(mode="json", exclude_defaults=True)
        session.add(
            PlaybookVersion(digest=fingerprint, key=playbook.key, version=playbook.version, definition=definition)
        )
        await session.flush()
    return fingerprint


def playbook_of(library: Library, kind: str) -> Playbook:
    """Return the playbook of a kind; raises ``BadInput`` with the kinds that there are."""
    if kind not in library.playbooks:
        known = ", ".join(sorted(library.kinds))
        raise BadInput(
            f"There is no kind {kind}. Choose one of: {known}.", f"Er is geen soort {kind}. Kies uit: {known}."
        )
    return library.playbooks[kind]


def refuse_part(playbook: Playbook) -> None:
    """Raise ``BadInput`` for a kind that is only a part of another one."""
    if playbook.only_part:
        raise BadInput(
            f"{playbook.title.en} is a part of another kind and begins by itself. Start that one.",
            f"{playbook.title.nl} is een deel van een andere soort en begint vanzelf. Start die.",
        )


def as_variant(playbook: Playbook, variant: str | None) -> Playbook:
    """Return a playbook in one of its variants; raises ``BadInput`` with those that it has."""
    try:
        return playbook.as_variant(variant)
    except KeyError:
        known = ", ".join(one.key for one in playbook.variants) or "-"
        raise BadInput(
            f"{playbook.title.en} has no variant {variant or ''}. Choose one of: {known}.",
            f"{playbook.title.nl} heeft geen variant {variant or ''}. Kies uit: {known}.",
        ) from None


def check_purpose(library: Library, playbook: Playbook, purpose: str) -> None:
    """Refuse a purpose that the kind does not fit, and name the kinds that do (field rule 25)."""
    if purpose not in playbook.purposes:
        fitting = ", ".join(playbook.purposes)
        kinds = ", ".join(other.key for other in library.kinds.values() if purpose in other.purposes)
        raise BadInput(
            f"The purpose {purpose} does not fit this kind. Choose one of: {fitting}."
            + (f" Or choose another kind: {kinds}." if kinds else ""),
            f"Het doel {purpose} past niet bij deze soort. Kies uit: {fitting}."
            + (f" Of kies liever een andere soort: {kinds}." if kinds else ""),
        )
