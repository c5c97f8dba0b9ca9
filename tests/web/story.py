"""What the people of A1 answer, as far as the tests of the card and the wall need it."""

import io
from typing import Any

from PIL import Image

from models.form import Question, QuestionType
from sandwich.services.uploads import keep, look_at
from tests.web.visit import TEACHERS, Visit, local

GOALS: dict[str, Any] = {
    "purpose": ["trends"],
    "goal_1": "Hoe een wand van tekening naar fabriek gaat",
    "goal_link": ["mt"],
    "questions_host": "Wie tekent het?",
    "know_now": 2,
    "conf_lesson": 3,
    "conf_career": 3,
    "intend": ["adapt"],
    "photo_self": [{"row": key, "label": "", "allowed": False} for key in ("internal", "website", "social")],
}
TASKS: dict[str, Any] = {
    "contact_day": "Koen Korteweg",
    "contact_day_phone": "06-00000018",
    "contact_day_school": "Nadia Bensalem",
    "contact_day_school_phone": "06-00000007",
    "hours_plan": 6,
    "max_group": 12,
    "host_goal": ["known"],
    "confidential": "Geen foto's in hal 2",
    "safety": ["none"],
    "photo_site": "allowed",
    "agree": "agreed",
    "valid_note": True,
    "valid_note_name": "Koen Korteweg",
}
PRACTICAL: dict[str, Any] = {
    "address": "Fabrieksweg 12, Rivierdam",
    "arrive": "2026-11-05T13:30",
    "end": "2026-11-05T16:30",
    "id_needed": False,
    "clothing": "Dichte schoenen",
    "programme": [{"row": "new-1", "label": "", "time": "13:30", "what": "Rondleiding"}],
    "phone_day": "06-00000018",
    "plan_b": "new-date",
    "ready": True,
}
IMPRESSIONS: dict[str, Any] = {
    "headline": "Een muur is daar in elf minuten klaar",
    "insight_1": "De tekening stuurt de zaag.",
    "insight_2": "Ze zoeken mensen die durven vragen.",
    "insight_3": "Koen Korteweg geeft restmateriaal gratis weg.",
    "use_lesson": "Laat leerlingen een wand uitrekenen.\nIn hal 2 staat de robot.",
    "lob": "Omdat de robot precies doet wat jij tekent.",
    "contact_share": True,
    "scope": "school",
    "host_check": False,
}


async def to_the_day(visit: Visit) -> None:
    """Let everybody answer what comes before the visit, and let the day pass: Friday 6 November."""
    for code in TEACHERS:
        await visit.answer(code, "registration", {"attend": True})
        await visit.answer(code, "goals", GOALS)
    for code in ("L1", "L2", "L3"):
        asked = await visit.asked(code, "approval")
        rows = [{"row": row.key, "label": "", "decision": "approved"} for row in asked.rows["decision"]]
        await visit.answer(code, "approval", {"decision": rows, "hours_ok": 3, "cover": "not-needed"})
    await visit.answer("P3", "task-division", TASKS)
    await visit.run(local("2026-10-24 12:00"))
    await visit.answer("P3", "practical-information", PRACTICAL)
    await visit.run(local("2026-11-05 17:00"))
    asked = await visit.asked("T2", "attendance")
    rows = [{"row": row.key, "label": "", "status": "present"} for row in asked.rows["present"]]
    await visit.answer("T2", "attendance", {"present": rows})
    await visit.run(local("2026-11-06 12:00"))


async def to_the_preview(visit: Visit, **changes: Any) -> str:
    """After the day: let Nadia share her impressions with a photo, until the host is asked; returns the photo's id."""
    photo = await a_photo_of(visit, "T2", "impressions", "photo")
    given = {**IMPRESSIONS, "photo": [photo], "photo_consent": True, **changes}
    await visit.answer("T2", "impressions", given)
    await visit.run(local("2026-11-18 12:00"))
    return photo


async def a_photo_of(visit: Visit, code: str, form: str, question: str) -> str:
    """Keep a small photo that somebody sent."""
    picture = io.BytesIO()
    Image.new("RGB", (60, 40), "sienna").save(picture, "JPEG")
    asked = Question.model_validate(
        {
            "key": question,
            "type": QuestionType.FILE,
            "label": {"nl": "Foto", "en": "Photo"},
            "accept": ["image/jpeg"],
            "at_most": 3,
        }
    )
    file = await look_at(asked, "hal 2.jpg", picture.getvalue())
    invitation = await visit.invitation(code, form)
    return (await keep(visit.runtime, invitation.id, [file], now=await visit.runtime.clock.now()))[0]
