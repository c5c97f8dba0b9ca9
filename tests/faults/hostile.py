"""Hostile input into every field, header, address and file name of the pages, while they run as usual.

Nothing of it may be an error of ours (5xx), come back as markup, or get into a header, a log or Prefect.
"""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import quote

import httpx

from tests.faults.check import Report
from tests.faults.journal import parsed
from tests.faults.people import Person
from tests.faults.world import World
from tests.support.browser import PLAIN
from tests.support.page import Page, PageForm

CANARY = "kanarie-kwetter"
"""Stands in everything hostile and nowhere else; in our database and in mails it may be, not in logs or Prefect."""

MARKUP = f"<x-{CANARY}>"
INJECTED = "x-injected"
AT_ONCE = 4
ON_ONE_PAGE = 10
"""How many are sent from a page that was opened once."""

ASKED = (("T3", "goals"), ("T3", "registration"), ("P3", "task-division"), ("T2", "goals"))

SHAPES = (
    MARKUP,
    f"<script>alert('{CANARY}')</script>{MARKUP}",
    f'"><img src=x onerror=alert(1)>{MARKUP}',
    f"'; DROP TABLE submission; -- {CANARY}",
    f"{{{{ 7*7 }}}} {{% for x in ().__class__.__base__.__subclasses__() %}} {CANARY}",
    f"${{jndi:ldap://127.0.0.1/{CANARY}}}",
    f'{{"__prefect_kind": "workspace_variable", "variable_name": "{CANARY}"}}',
    f"{CANARY}\r\nBcc: {INJECTED}@example.com\r\n\r\n{MARKUP}",
    f"=?utf-8?q?=0D=0ABcc:_{INJECTED}@example.com?= {CANARY}",
    f"{CANARY}\nEND:VEVENT\nBEGIN:VEVENT\n{INJECTED}:1",
    f'=HYPERLINK("http://127.0.0.1/{CANARY}")',
    f"@SUM(1+1)*cmd|' /C calc'!A0 {CANARY}",
    f"../../../../etc/passwd {CANARY}",
    f"{CANARY}\x00\x01\x1b[31m\x7f",
    f"{CANARY} \u202e\u2066 \ufeff \U0001f9c0\u200d\U0001f468 \ufdd0",
    f"{CANARY} " + "\u0301" * 300,
    f"{CANARY} " + "9" * 400,
    f"{CANARY} " + "A" * 70_000,
    f"-1e309 {CANARY}",
    f"{CANARY}; DROP [object Object] undefined null NaN \\",
    f"0; url=javascript:alert(1) {MARKUP}",
    f"2026-13-45T99:99 {CANARY}",
)


@dataclass
class _Attack:
    """What was sent, and what is wrong with what came back."""

    sent: int = 0

    def judge(self, answer: httpx.Response, what: str, report: Report) -> None:
        self.sent += 1
        if answer.status_code >= 500:
            report.add("corrupt", f"hostile input {what}: status {answer.status_code}")
        if MARKUP in answer.text and "html" in answer.headers.get("content-type", ""):
            report.add("leaked", f"hostile input {what} came back as markup")
        if any(INJECTED in name for name in answer.headers):
            report.add("leaked", f"hostile input {what} became a header")


async def attack(world: World, people: list[Person], number: int, report: Report) -> int:
    """Send ``number`` hostile inputs and judge every answer; returns how many were sent."""
    chance = random.Random(f"{world.name} hostile {world.chance.random()}")
    attack, targets = _Attack(), [one for one in people if one.way in {"plain", "counter", "twice", "late", "raced"}]
    room = asyncio.Semaphore(AT_ONCE)

    async def some(indices: range) -> None:
        shapes = [SHAPES[index % len(SHAPES)] for index in indices]
        options = {"base_url": world.base, "follow_redirects": True, "timeout": 30, "verify": PLAIN}
        async with room, httpx.AsyncClient(**options) as client:  # type: ignore[arg-type]
            if indices.start // ON_ONE_PAGE % 4 == 0:
                for shape in shapes:
                    await _at_addresses(client, shape, chance, attack, report)
            else:
                await _in_a_form(client, chance.choice(targets), shapes, chance, attack, report)

    await asyncio.gather(
        *(some(range(first, min(first + ON_ONE_PAGE, number))) for first in range(0, number, ON_ONE_PAGE))
    )
    return attack.sent


async def _at_addresses(
    client: httpx.AsyncClient, shape: str, chance: random.Random, attack: _Attack, report: Report
) -> None:
    """Put it where no form is: address, query, cookie, language, referrer, sign-in."""
    header = {"value": "".join(letter for letter in shape if " " <= letter <= "~")[:4000].strip()}
    where = chance.choice(("path", "query", "cookie", "language", "referer", "login", "origin"))
    match where:
        case "path":
            answer = await client.get(f"/f/{quote(shape[:2000], safe='')}")
        case "query":
            answer = await client.get("/login", params={"next": shape[:4000], shape[:200]: "1"})
        case "cookie":
            answer = await client.get("/board", headers={"Cookie": f"session={header['value']}"})
        case "language":
            answer = await client.get("/login", headers={"Accept-Language": header["value"]})
        case "referer":
            answer = await client.get("/login", headers={"Referer": header["value"], "User-Agent": header["value"]})
        case "origin":
            answer = await client.post("/login", data={"address": "a@b.nl"}, headers={"Origin": header["value"]})
        case _:
            form = Page((await client.get("/login")).text).form("/login")
            base = str(client.base_url).rstrip("/")
            answer = await client.post("/login", data={**form.fields, "address": shape}, headers={"Origin": base})
    attack.judge(answer, f"{where} {SHAPES.index(shape)}", report)


async def _in_a_form(
    client: httpx.AsyncClient, one: Person, shapes: list[str], chance: random.Random, attack: _Attack, report: Report
) -> None:
    """Put each into a field of a form that somebody was asked, or into the name of a file."""
    code, form_key = chance.choice(ASKED)
    found = await _form(client, one, code, form_key)
    for shape in shapes:
        if found is None:
            await _at_addresses(client, shape, chance, attack, report)
            continue
        form, invitation = found
        field = chance.choice(sorted(form.offered) or ["remark"])
        data = {**form.fields, field: [shape], "_action": ["send"], "_who": ["self"]}
        files = [(name, (None, value)) for name, values in data.items() for value in values]
        if chance.random() < 0.1:
            files.append((field, (" ".join(shape[:200].split()), "not a picture")))  # type: ignore[arg-type]
        # Whether it is taken as an answer is not told before it came back; both ways there is at most one row for it.
        one.journal.write("try", id=f"hostile {attack.sent} {chance.random()}", invitation=invitation)
        origin = {"Origin": str(client.base_url).rstrip("/")}
        answer = await client.post(form.action, files=files, headers=origin)
        attack.judge(answer, f"{form_key}.{field} {SHAPES.index(shape)}", report)


async def _form(client: httpx.AsyncClient, one: Person, code: str, form_key: str) -> tuple[PageForm, str] | None:
    """Open a form from somebody's mail; returns it with the invitation's id, or nothing where none can be sent."""
    link = one.link(one.cast.mail(code))
    if link is None:
        return None
    came = await client.get(f"/f/{link}")
    try:
        invitation = (await one.invitation(code, form_key)).id
    except AssertionError:
        return None  # it was not asked, in this activity
    page = Page((await client.get(f"{came.url.path.removesuffix('/')}/ask/{invitation}")).text)
    found = [form for form in page.forms if form.method == "post" and invitation in form.action]
    return (found[0], invitation) if found else None


def check_mails(world: World, report: Report) -> None:
    """Look whether something hostile became a header or a line of a calendar in any mail."""
    for entry in world.sink.read("mail"):
        if INJECTED in entry["text"].lower() and any(_injected(parsed(entry))):
            report.add("leaked", f"mail {entry['id']} has a line that somebody put in")
        if INJECTED in entry["to"].lower():
            report.add("leaked", f"mail {entry['id']} went to an address that somebody put in")


def _injected(mail: EmailMessage) -> Iterator[bool]:
    yield any(INJECTED in name.lower() or (INJECTED in str(mail[name]).lower() and name == "Bcc") for name in mail)
    for part in mail.walk():
        if part.get_content_type() == "text/calendar":
            yield any(line.lower().startswith(INJECTED) for line in str(part.get_content()).splitlines())
