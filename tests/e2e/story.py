"""The people of the story and what they type; the days are those of the table in the test."""

import io
from pathlib import Path
from typing import Any

from PIL import Image

from tests.e2e.world import Browser, Mail, World, as_json, six_digits
from tests.support.page import PageForm

COORDINATOR = "jolanda.meerdink@sto-degrienden.example"
HOST = "koen@korteweg.example"
MAILBOX = {
    "C1": COORDINATOR,
    "C2": "sander.tol@sto-degrienden.example",
    "P3": HOST,
    "L1": "f.aouragh@vakcollege-degrienden.example",
    "L2": "p.brouwer@hetkompas.example",
    "L3": "m.duijvestein@groenehorst.example",
    "R1": "rooster@vakcollege-degrienden.example",
    "T2": "n.bensalem@vakcollege-degrienden.example",
    "T3": "e.laan@hetkompas.example",
    "T4": "s.hofstra@hetkompas.example",
    "T5": "j.aldewereld@hetkompas.example",
    "T6": "h.kwak@groenehorst.example",
    "T7": "m.ravensbergen@vakcollege-degrienden.example",
    "T8": "i.verkade@groenehorst.example",
    "T9": "d.rietveld@vakcollege-degrienden.example",
    "T10": "l.schipper@hetkompas.example",
    "S1": "collegas@vakcollege-degrienden.example",
    "S2": "team@hetkompas.example",
    "S3": "iedereen@groenehorst.example",
}
FULL = {
    "T2": "Nadia Bensalem",
    "T3": "Erik Laan",
    "T4": "Sanne Hofstra",
    "T5": "Jeroen Aldewereld",
    "T6": "Hanneke Kwak",
    "T7": "Mo Ravensbergen",
    "T8": "Ilse Verkade",
    "T9": "Daan Rietveld",
    "T10": "Lotte Schipper",
}
NAMES = {address: code for code, address in MAILBOX.items()}
FIRST = ("T2", "T3", "T4", "T5", "T6", "T7", "T8", "T10")
NEW_CARD = "nieuw op school, indrukken van collega's"
THERE = ("T2", "T3", "T5", "T6", "T7", "T8", "T9", "T10")


class Story:
    """One telling, in one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.desk = Browser(world)
        self.activity = ""

    def browser(self) -> Browser:
        """Return a browser that nobody used before."""
        return Browser(self.world)

    def mail(self, code: str, ask: str) -> Mail:
        """Return the newest mail of somebody with this ask."""
        return self.world.mail(MAILBOX[code], ask)

    def answers(
        self,
        code: str,
        ask: str,
        answers: dict[str, str | list[str]],
        title: str | None = None,
        pictures: dict[str, bytes] | None = None,
    ) -> None:
        """Let somebody answer from the mail that asks it."""
        self.browser().answer(self.mail(code, ask), answers, title=title, pictures=pictures)
        self.world.settle()

    def states(self, code: str) -> dict[str, str]:
        """Return the state of everything that a teacher was asked, by form."""
        return {ask["form"]: ask["state"] for ask in self.person(code)["asks"]}

    def card(self, code: str) -> str:
        """Return the card as somebody reads it who follows the link in a mail to colleagues."""
        answer = self.browser().client.get(self.mail(code, NEW_CARD).link("/wall/"))
        assert answer.status_code == 200, answer.text[:2000]
        return answer.text

    def wall(self, school: str) -> str:
        """Return the share wall of a school, by its name."""
        browser = self.browser()
        browser.open("/")
        return browser.follow(f"Deelmuur van {school}").text

    # the coordinator

    def logs_in(self) -> None:
        """Sign in by mail link and code."""
        page = self.desk.open("/login")
        self.desk.send(page.form("/login"), {"address": COORDINATOR})
        self.world.settle()
        mail = self.mail("C1", "je inlogcode")
        page = self.desk.open(mail.link("/login/"))
        self.desk.send(page.form("/login"), {"code": six_digits(mail)})
        assert "/board" in self.desk.url

    def starts(self, file: Path) -> None:
        """Start the activity from the command line."""
        self.activity = as_json(self.world.sandwich("start", str(file), "--json"))["id"]

    def opens(self, verb: str, target: str = "") -> PageForm:
        """Open the page on which something is done to the activity, and return its form."""
        page = self.desk.open(f"/board/{self.activity}/{verb}" + (f"/{target}" if target else ""))
        return page.form(f"/{verb}")

    def does(self, verb: str, target: str, answers: dict[str, str | list[str]]) -> None:
        """Do something to the activity on the board."""
        page = self.desk.send(self.opens(verb, target), answers)
        assert self.desk.url.split("#")[0].endswith(self.activity), page.text[:2000]
        self.world.settle()

    def status(self) -> dict[str, Any]:
        """Return what the command line says of the activity."""
        found: dict[str, Any] = as_json(self.world.sandwich("status", self.activity, "--json"))
        return found

    def person(self, code: str, role: str = "teacher") -> dict[str, Any]:
        """Return somebody in a role, as the command line shows them."""
        return next(one for one in self.status()["people"] if one["name"] == FULL[code] and one["role"] == role)


def goals(code: str) -> dict[str, str | list[str]]:
    """Return what a teacher wants to learn."""
    return {
        "purpose": ["trends"],
        "goal_1": f"Ik wil weten hoe een wand van tekening naar fabriek gaat ({code})",
        "goal_link": ["bwi"],
        "questions_host": "Welke vaardigheid mist u het meest?",
        "name_ok": "no",
        "know_now": "2",
        "conf_lesson": "2",
        "conf_career": "3",
        "intend": ["adapt"],
        "photo_self.internal.allowed": "yes",
        "photo_self.website.allowed": "no",
        "photo_self.social.allowed": "no",
    }


def terms(agree: str, *, group: str) -> dict[str, str | list[str]]:
    """Return the host's side of the task division."""
    return {
        "guides.new-1.job": "Projectleider",
        "guides.new-1.hours": "3",
        "hours_plan": "6",
        "max_group": group,
        "host_goal": ["view-of-school"],
        "confidential": "Geen foto's in hal 2",
        "safety": ["shoes", "helmet"],
        "photo_site": "ask-first",
        "agree": agree,
        "counter": "Groep van 12 naar 8, en geen foto's in hal 2." if agree != "agreed" else "",
        "valid_note": "yes",
        "valid_note_name": "Koen Korteweg",
    }


PRACTICAL: dict[str, str | list[str]] = {
    "address": "Spantlaan 12, Wilgendam, ingang aan de achterkant",
    "id_needed": "no",
    "clothing": "Dichte schoenen",
    "programme.new-1.time": "13:30",
    "programme.new-1.what": "Ontvangst en rondleiding",
    "plan_b": "new-date",
    "ready": "yes",
}


def evaluation(goal: bool = True) -> dict[str, str | list[str]]:
    """Return how a teacher looks back."""
    scales = ("know_after", "conf_lesson", "conf_career", "good_use", "prep_ok", "exec_ok", "host_ok", "insp", "again")
    return {
        **({"goal_result.goal_1.result": "4"} if goal else {}),
        **dict.fromkeys(scales, "4"),
        "tasks_ok": "4",
        "overall": "4",
        "best": "De zaagstraat, waar de tekening de zaag stuurt.",
        "quote_ok": "without-name",
        "plan_what": ["adapt"],
        "plan_when": "2026-12-01",
        "placement": "suitable",
        "hours_teacher.before.hours": "1",
        "hours_teacher.during.hours": "3",
        "hours_teacher.after.hours": "1",
    }


HOST_EVALUATION: dict[str, str | list[str]] = {
    "overall": "5",
    "goal_clear": "4",
    "tasks_clear": "4",
    "prep_teachers": "4",
    "own_goal.view-of-school.result": "4",
    "explain": "4",
    "gain": "Een frisse blik op onze uitleg",
    "effort": "expected",
    "again": "again",
    "feedback_want": "mail",
    "quote_ok": "without-name",
}

HOST_HOURS: dict[str, str | list[str]] = {
    "hours_prep": "3",
    "hours_day": "6",
    "confirm": "correct",
    "name_function": "Koen Korteweg, projectleider",
    "on_behalf": "yes",
}


def impressions(code: str) -> dict[str, str | list[str]]:
    """Return what a teacher shares."""
    return {
        "headline": f"Een muur is daar in elf minuten klaar ({code})",
        "insight_1": "De tekening stuurt de zaag.",
        "use_lesson": "Laat leerlingen een wand van 1 : 10 uitrekenen.",
        "contact_share": "yes",
        "scope": "school",
        "host_check": "no",
    }


def photo() -> bytes:
    """Return a photo of the hall."""
    taken = io.BytesIO()
    Image.new("RGB", (80, 60), "sienna").save(taken, "JPEG")
    return taken.getvalue()


FIELD_NOTE: dict[str, str | list[str]] = {
    "saw": "Een zaagstraat die zelf meet",
    "lesson_link": "Zaaglijst maken",
    "question_open": "Hoe vaak wordt de robot geijkt?",
}

IMPACT: dict[str, str | list[str]] = {
    "done.adapt.result": "done",
    "evidence": "De klas maakte een zaaglijst.",
    "change_lesson": "4",
    "know_after": "4",
    "conf_lesson": "4",
    "conf_career": "4",
    "contact": "sometimes",
    "story": "without-name",
}
