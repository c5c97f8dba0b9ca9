"""Hostile input into every field, header, address and file name of the pages, while they run as usual.

Nothing of it may be an error of ours (5xx), come back as markup, or get into a header, a log or Prefect.
"""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage

import httpx

from tests.faults.check import Report
from tests.faults.journal import parsed
from tests.faults.people import Person
from tests.faults.world import World
from tests.support.page import Page

CANARY = "kanarie-kwetter"
"""Stands in everything hostile and nowhere else; in our database and in mails it may be, not in logs or Prefect."""

MARKUP = f"<x-{CANARY}>"
INJECTED = "x-injected"
AT_ONCE = 4
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

    async def one_of(index: int) -> None:
        shape = SHAPES[index % len(SHAPES)]
        async with room, httpx.AsyncClient(base_url=world.base, follow_redirects=True, timeout=30) as client:
            if index % 4 == 0:
                await _at_addresses(client, shape, chance, attack, report)
            else:
                await _in_a_form(client, chance.choice(targets), shape, chance, attack, report)

    await asyncio.gather(*(one_of(index) for index in range(number)))
    return attack.sent


async def _at_addresses(
    client: httpx.AsyncClient, shape: str, chance: random.Random, attack: _Attack, report: Report
) -> None:
    """Put it where no form is: address, query, cookie, language, referrer, sign-in."""
    header = {"value": "".join(letter for letter in shape if " " <= letter <= "~")[:4000]}
    where = chance.choice(("path", "query", "cookie", "language", "referer", "login", "origin"))
    match where:
        case "path":
            answer = await client.get(httpx.URL("/f/x").copy_with(path=f"/f/{shape[:2000]}"))
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
    client: httpx.AsyncClient, one: Person, shape: str, chance: random.Random, attack: _Attack, report: Report
) -> None:
    """Put it into one field of a form that somebody was asked, or into the name of a file."""
    code, form_key = chance.choice(ASKED)
    link = one.link(one.cast.mail(code))
    if link is None:
        await _at_addresses(client, shape, chance, attack, report)
        return
    came = await client.get(f"/f/{link}")
    invitation = await one.invitation(code, form_key)
    page = Page((await client.get(f"{came.url.path.removesuffix('/')}/ask/{invitation.id}")).text)
    found = [form for form in page.forms if form.method == "post" and invitation.id in form.action]
    found = found or [form for form in Page(came.text).forms if form.method == "post" and "/f/" in form.action]
    if not found:
        await _at_addresses(client, shape, chance, attack, report)
        return
    form = found[0]
    field = chance.choice(sorted(form.offered) or ["remark"])
    data = {**form.fields, field: [shape], "_action": ["send"], "_who": ["self"]}
    files = [(name, (None, value)) for name, values in data.items() for value in values if value is not None]
    if chance.random() < 0.1:
        files.append((field, (shape[:200].replace("\r", "").replace("\n", "") or "x", "not a picture")))
    # Whether it is taken as an answer is not told before it came back; both ways there is at most one row for it.
    about = {"id": f"hostile {id(files)} {chance.random()}", "invitation": invitation.id}
    one.journal.write("try", **about)
    origin = {"Origin": str(client.base_url).rstrip("/")}
    answer = await client.post(form.action, files=files, headers=origin)
    attack.judge(answer, f"{form_key}.{field} {SHAPES.index(shape)}", report)


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
