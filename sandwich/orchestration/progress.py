"""Three progress artifacts per activity: before, during, after; written only when a figure changes."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from prefect.artifacts import acreate_progress_artifact, aupdate_progress_artifact
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactCollectionFilter, ArtifactCollectionFilterKey

from sandwich.orchestration.gone import MAYBE_GONE, is_gone
from sandwich.orchestration.naming import progress_key

_KEPT = 4096


class _Shown(NamedTuple):
    artifact: UUID
    figure: float


_shown: OrderedDict[str, _Shown] = OrderedDict()
"""What this process knows to be shown, by key; saves reading it again at every wake of the same worker."""


async def show_progress(activity_id: str, figures: Mapping[str, int], *, is_first: bool = False) -> int:
    """Show ``figures`` (percent per stage) as the artifacts of the activity and return how many were written.

    ``is_first``: nothing of the activity was ever shown, so that nobody need ask.
    """
    wanted = {progress_key(stage, activity_id): (stage, figure) for stage, figure in figures.items()}
    if not is_first and not wanted.keys() <= _shown.keys():
        await _read(list(wanted))
    written = 0
    for key, (stage, figure) in wanted.items():
        known = _shown.get(key)
        if known is not None and known.figure == figure:
            continue
        _keep(key, _Shown(await _write(key, stage, figure, known), figure))
        written += 1
    return written


async def _write(key: str, stage: str, figure: int, known: _Shown | None) -> UUID:
    if known is not None:
        try:
            return await aupdate_progress_artifact(known.artifact, progress=figure)
        except MAYBE_GONE as error:
            if not is_gone(error):
                raise
            # Somebody deleted it in Prefect, or Prefect has a new database: it is made anew.
    return await acreate_progress_artifact(progress=figure, key=key, description=f"How far *{stage}* is.")


async def _read(keys: list[str]) -> None:
    chosen = ArtifactCollectionFilter(key=ArtifactCollectionFilterKey(any_=keys))
    async with get_client() as client:
        found = await client.read_latest_artifacts(artifact_filter=chosen)
    for artifact in found:
        if artifact.key is not None and isinstance(artifact.data, int | float):
            _keep(artifact.key, _Shown(artifact.latest_id, artifact.data))


def _keep(key: str, shown: _Shown) -> None:
    _shown[key] = shown
    _shown.move_to_end(key)
    while len(_shown) > _KEPT:
        _shown.popitem(last=False)
