"""What a coordinator writes down about a person who said it on the phone: an objection, that somebody has left, or in
which language to write to them.
"""

from models.roles import HOST_ROLES
from models.text import Language, Text
from sandwich.services.detail_views import ActivityDetail, PersonLine
from sandwich.services.lost_contact import Loss, lose_contact
from sandwich.services.own_data import object_to_reports
from sandwich.services.own_language import set_language
from sandwich.web.board.small import Action, Doing, Small
from sandwich.web.session import Visitor

_CALLED = {Language.DUTCH: Text(nl="Nederlands", en="Dutch"), Language.ENGLISH: Text(nl="Engels", en="English")}


def _person(detail: ActivityDetail, target: str) -> PersonLine | None:
    return next((one for one in detail.people if one.participation_id == target and one.is_active), None)


async def _objects_page(visitor: Visitor, detail: ActivityDetail, target: str) -> Small | None:
    person = _person(detail, target)
    if person is None:
        return None
    return Small(
        title=Text(nl=f"Bezwaar van {person.name}", en=f"Objection by {person.name}"),
        button=Text(nl="Noteer het bezwaar", en="Note the objection"),
        lead=Text(
            nl="Wil deze persoon niet in rapporten meetellen? Daar is geen reden voor nodig.",
            en="Does this person not want to count in reports? No reason is needed for it.",
        ),
        happens=(
            Text(
                nl="De antwoorden tellen in geen enkel cijfer meer mee, en citaten verdwijnen uit de terugkoppeling.",
                en="The answers count in no figure any more, and quotes are gone from the feedback.",
            ),
            Text(nl="Meedoen gaat gewoon door.", en="Taking part goes on as it was."),
        ),
    )


async def _objects(doing: Doing) -> None:
    person = _person(doing.detail, doing.target)
    assert person is not None  # its page was there
    await object_to_reports(doing.visitor.runtime, person.person_id, now=doing.now, actor=doing.actor)


async def _lost_page(visitor: Visitor, detail: ActivityDetail, target: str) -> Small | None:
    person = _person(detail, target)
    if person is None or person.role not in HOST_ROLES:
        return None
    return Small(
        title=Text(nl=f"{person.name} werkt er niet meer", en=f"{person.name} does not work there any more"),
        button=Text(nl="Noteer het", en="Note it"),
        happens=(
            Text(nl="Er gaat geen mail meer naar dat adres.", en="No mail goes to that address any more."),
            Text(
                nl="In elke activiteit die nog loopt komt een belletje, met wie er nog meer bij het bedrijf werkt.",
                en="In every activity that goes on there is a call, with who else works at the company.",
            ),
            Text(nl="Wat al geantwoord is, blijft staan.", en="What was answered stays."),
        ),
    )


async def _lost(doing: Doing) -> None:
    person = _person(doing.detail, doing.target)
    assert person is not None  # its page was there
    await lose_contact(doing.visitor.runtime, person.person_id, Loss.LEFT, now=doing.now, actor=doing.actor)


async def _language_page(visitor: Visitor, detail: ActivityDetail, target: str) -> Small | None:
    person = _person(detail, target)
    if person is None:
        return None
    other = _CALLED[_other_than(person)]
    return Small(
        title=Text(nl=f"Taal van {person.name}", en=f"Language of {person.name}"),
        button=Text(nl=f"Schrijf in het {other.nl}", en=f"Write in {other.en}"),
        happens=(
            Text(
                nl=f"Mails en formulieren zijn voortaan in het {other.nl}, in elke activiteit.",
                en=f"Mails and forms are in {other.en} from now on, in every activity.",
            ),
            Text(
                nl="Wat al klaarstaat gaat ook in die taal. Zelf veranderen kan op de eigen pagina.",
                en="What is waiting to be sent goes in that language too. Everybody can change it on their own page.",
            ),
        ),
    )


async def _language(doing: Doing) -> None:
    person = _person(doing.detail, doing.target)
    assert person is not None  # its page was there
    await set_language(
        doing.visitor.runtime,
        person.person_id,
        _other_than(person),
        now=doing.now,
        actor=doing.actor,
        activity_id=doing.detail.line.id,
    )


def _other_than(person: PersonLine) -> Language:
    return Language.ENGLISH if person.language is Language.DUTCH else Language.DUTCH


PERSONS = {
    "objects": Action(_objects_page, _objects, back_to="#people"),
    "lost": Action(_lost_page, _lost),
    "language": Action(_language_page, _language, back_to="#people"),
}
"""What can be written down about a person, by the first part of its address behind the activity's."""
