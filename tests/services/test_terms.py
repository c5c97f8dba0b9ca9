"""How a version of an agreement reads, term by term."""

from sandwich.definitions.library import Library
from sandwich.services.terms import compare


def test_several_options_stand_behind_one_another(library: Library) -> None:
    form = library.resolved("task-division")
    [row] = compare(form, None, {"host_goal": ["known", "staff"]})
    assert (row.after.nl, row.after.en) == (
        "Bekendheid voor ons bedrijf, Stagiairs of medewerkers vinden",
        "Make our company better known, Find trainees or staff",
    )
