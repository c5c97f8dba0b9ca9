"""Replies as mail programs write them, in Dutch and English, each with what its writer said. All of them are made up.

``ASKED`` stands where the quoted mail begins; the samples are about where it begins and how.
"""

ASKED = "Dag Tess,\n\nGa je mee?\n\nhttps://sandwich.example/f/abc"
_QUOTED = "\n".join(f"> {line}".rstrip() for line in ASKED.split("\n"))
_OURS = "Sandwich <sandwich@grienden.example>"
_BLOCK_NL = f"Van: {_OURS}\nVerzonden: donderdag 5 november 2026 13:30\nAan: Tess Bos <tess@s1.example>\nOnderwerp: Prefab: ga je mee?"
_BLOCK_EN = f"From: {_OURS}\nSent: Thursday, 5 November 2026 13:30\nTo: Tess Bos <tess@s1.example>\nSubject: Prefab: will you come?"

TEXTS: dict[str, tuple[str, str]] = {
    "gmail web nl": (f"Ja, leuk!\n\nOp do 5 nov 2026 om 13:30 schreef {_OURS}:\n\n{_QUOTED}\n", "Ja, leuk!"),
    "gmail web nl, wrapped": (
        f"Ik kom.\n\nOp do 5 nov 2026 om 13:30 schreef Jolanda Meerdink van het STO <\nsandwich@grienden.example>:\n\n{_QUOTED}",
        "Ik kom.",
    ),
    "gmail web nl, short": (f"Ja\n\nOp do 5 nov. 2026 13:30 schreef {_OURS}:\n{_QUOTED}", "Ja"),
    "gmail web en": (f"Yes, great!\n\nOn Thu, 5 Nov 2026 at 13:30, {_OURS} wrote:\n\n{_QUOTED}\n", "Yes, great!"),
    "gmail web en, wrapped": (
        f"Yes\n\nOn Thu, Nov 5, 2026 at 1:30 PM Jolanda Meerdink <sandwich@grienden.example>\nwrote:\n\n{_QUOTED}",
        "Yes",
    ),
    "gmail old": (f"Ja\n\n2026-11-05 13:30 GMT+01:00 {_OURS}:\n\n{_QUOTED}", "Ja"),
    "gmail with a signature": (
        f"Ja hoor\n-- \nTess Bos\ndocent PIE\n\nOp do 5 nov 2026 om 13:30 schreef {_OURS}:\n{_QUOTED}",
        "Ja hoor",
    ),
    "gmail on a phone nl": (f"Is goed\n\nOp do 5 nov. 2026 om 13:30 schreef {_OURS}:\n\n{_QUOTED}", "Is goed"),
    "outlook nl, desktop": (f"Ja, ik ga mee.\n\nMet vriendelijke groet,\n\nTess Bos\nDocent PIE\n\n{_BLOCK_NL}\n\n{ASKED}", "Ja, ik ga mee."),
    "outlook nl, a line above": (f"Ja.\n\n________________________________\n{_BLOCK_NL}\n\n{ASKED}", "Ja."),
    "outlook nl, bold": (
        "Ja\n\n*Van:* Sandwich <sandwich@grienden.example>\n*Verzonden:* donderdag 5 november 2026 13:30\n"
        f"*Aan:* Tess Bos\n*Onderwerp:* Ga je mee?\n\n{ASKED}",
        "Ja",
    ),
    "outlook nl, old": (f"Ja\n\n-----Oorspronkelijk bericht-----\n{_BLOCK_NL}\n\n{ASKED}", "Ja"),
    "outlook nl, web": (
        f"Nee, sorry\n\nGroet,\nTess\n________________________________\nVan: {_OURS}\nVerzonden: donderdag 5 november 2026 13:30\n"
        f"Aan: Tess Bos <tess@s1.example>\nCC: Anja <anja@s1.example>\nOnderwerp: Prefab\n \n{ASKED}",
        "Nee, sorry",
    ),
    "outlook nl, on a phone": (
        f"Ik kan niet\n\nOutlook voor iOS downloaden<https://aka.ms/o0ukef>\n________________________________\n{_BLOCK_NL}\n\n{ASKED}",
        "Ik kan niet",
    ),
    "outlook nl, on android": (f"Ja\n\nDownload Outlook voor Android<https://aka.ms/AAb9ysg>\n\n{_BLOCK_NL}\n{ASKED}", "Ja"),
    "outlook nl, date": (
        f"Ja!\n\nVan: {_OURS}\nDatum: donderdag, 5 november 2026 om 13:30\nAan: Tess Bos\nOnderwerp: Prefab\n\n{ASKED}",
        "Ja!",
    ),
    "outlook en, desktop": (f"Yes.\n\nKind regards,\n\nTess Bos\n\n{_BLOCK_EN}\n\n{ASKED}", "Yes."),
    "outlook en, old": (f"No\n\n-----Original Message-----\n{_BLOCK_EN}\n\n{ASKED}", "No"),
    "outlook en, web": (f"Yes\n\n________________________________\n{_BLOCK_EN}\n\n{ASKED}", "Yes"),
    "outlook en, on a phone": (
        f"Yes\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n________________________________\n{_BLOCK_EN}\n\n{ASKED}",
        "Yes",
    ),
    "apple mail nl": (
        f"Ja\n\nTess\n\n> Op 5 nov 2026, om 13:30 heeft {_OURS} het volgende geschreven:\n> \n{_QUOTED}",
        "Ja\n\nTess",
    ),
    "apple mail nl, head without a mark": (
        f"Ja graag\n\nOp 5 nov 2026, om 13:30 heeft {_OURS} het volgende geschreven:\n\n{_QUOTED}",
        "Ja graag",
    ),
    "apple mail en": (f"Sure\n\n> On 5 Nov 2026, at 13:30, {_OURS} wrote:\n>\n{_QUOTED}", "Sure"),
    "iphone nl": (
        f"Ja prima\n\nVerstuurd vanaf mijn iPhone\n\n> Op 5 nov 2026 om 13:30 heeft {_OURS} het volgende geschreven:\n> \n> ﻿Dag Tess",
        "Ja prima",
    ),
    "ipad nl": (f"Ja\n\nVerzonden vanaf mijn iPad\n\nOp 5 nov 2026 om 13:30 heeft {_OURS} het volgende geschreven:\n\n{_QUOTED}", "Ja"),
    "iphone en": (f"Yes\n\nSent from my iPhone\n\n> On 5 Nov 2026, at 13:30, {_OURS} wrote:\n>\n{_QUOTED}", "Yes"),
    "thunderbird nl": (f"Op 05-11-2026 om 13:30 schreef Sandwich:\n{_QUOTED}\n\nJa, ik ga mee.\n", "Ja, ik ga mee."),
    "thunderbird en": (f"On 05/11/2026 13:30, Sandwich wrote:\n{_QUOTED}\n\nYes please\n\n-- \nTess Bos\n", "Yes please"),
    "thunderbird, above": (f"Ja\n\nSandwich schreef op 05-11-2026 om 13:30:\n{_QUOTED}", "Ja"),
    "samsung nl": (
        f"Ja\n\nVerzonden vanaf mijn Galaxy\n\n-------- Oorspronkelijk bericht --------\nVan: {_OURS}\nDatum: 05-11-2026 13:30 (GMT+01:00)\n"
        f"Aan: Tess Bos <tess@s1.example>\nOnderwerp: Prefab\n\n{ASKED}",
        "Ja",
    ),
    "samsung nl, older": (
        f"Nee\n\nVerzonden vanaf Samsung-tablet.\n\n-------- Oorspronkelijk bericht --------\nVan: Sandwich\nDatum: 05-11-2026\nAan: tess\n\n{ASKED}",
        "Nee",
    ),
    "samsung en": (
        f"Yes\n\nSent from my Galaxy\n\n-------- Original message --------\nFrom: {_OURS}\nDate: 05/11/2026 13:30\nTo: Tess\nSubject: Prefab\n\n{ASKED}",
        "Yes",
    ),
    "yahoo nl": (f"Ja\n\nOp donderdag 5 november 2026 om 13:30:12 CET schreef Sandwich <s@g.example>:\n\n{_QUOTED}", "Ja"),
    "yahoo en, without marks": (
        f"Yes\n\nOn Thursday, 5 November 2026 at 13:30:12 CET, Sandwich <s@g.example> wrote:\n\n{ASKED}",
        "Yes",
    ),
    "forwarded nl": (f"Zie hieronder\n\nBegin doorgestuurd bericht:\n\n{_BLOCK_NL}\n\n{ASKED}", "Zie hieronder"),
    "forwarded en": (f"See below\n\nBegin forwarded message:\n\n{_BLOCK_EN}\n\n{ASKED}", "See below"),
    "forwarded gmail": (f"Voor Piet\n\n---------- Forwarded message ---------\n{_BLOCK_NL}\n\n{ASKED}", "Voor Piet"),
    "proton": (f"Ja\n\nVerzonden met Proton Mail\n\n------- Original Message -------\nOn Thursday, November 5th, 2026 at 13:30, S <s@g.example> wrote:\n\n{_QUOTED}", "Ja"),
    "zimbra": (f"Ja\n\n----- Oorspronkelijk bericht -----\n{_BLOCK_NL}\n\n{ASKED}", "Ja"),
    "between the lines": (
        "Op do 5 nov 2026 om 13:30 schreef Sandwich <s@g.example>:\n> Ga je mee?\n\nJa, ik wel.\n\n> En je collega?\n\nDie niet.\n",
        "Ja, ik wel.\n\nDie niet.",
    ),
    "below": (f"{_QUOTED}\n\nJa, akkoord.\n\nMvg Tess", "Ja, akkoord."),
    "nothing but the quoted mail": (f"\n\nOp do 5 nov 2026 om 13:30 schreef {_OURS}:\n\n{_QUOTED}\n", ""),
    "nothing but a greeting": (f"Beste Jolanda,\n\nMet vriendelijke groet,\nTess\n\n{_BLOCK_NL}\n\n{ASKED}", ""),
    "empty": ("\n \n", ""),
    "a greeting above": ("Hoi Jolanda,\n\nIk kom wat later.\n\nGroetjes, Tess", "Ik kom wat later."),
    "words that only look like a head": ("Op school schreef ik dit: we komen.\nTot dan", "Op school schreef ik dit: we komen.\nTot dan"),
    "from and to in a sentence": ("Van: huis\nnaar school is het ver", "Van: huis\nnaar school is het ver"),
    "a long closing": ("Prima.\n\nVriendelijke groeten,\nTess Bos\nDocent PIE\nSchool S1\n06-00000007\nma di do", "Prima."),
    "windows line ends": ("Ja\r\n\r\nOp do 5 nov 2026 om 13:30 schreef S <s@g.example>:\r\n> Dag\r\n", "Ja"),
    "spaces that do not break": ("Ja,\u00a0graag\n\nOp\u00a0do\u00a05\u00a0nov\u00a02026 om 13:30 schreef S <s@g.example>:\n> Dag\n", "Ja, graag"),
    "signed with pgp": (
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nJa, ik kom.\n-----BEGIN PGP SIGNATURE-----\n\niQEzBAEBCAAdFiEE\n=abcd\n"
        "-----END PGP SIGNATURE-----\n",
        "Ja, ik kom.",
    ),
}  # fmt: skip
"""Plain text: the whole of it, and what was said."""

_HTML_QUOTE = "<div>Dag Tess,</div><div>Ga je mee?</div>"

HTMLS: dict[str, tuple[str, str]] = {
    "gmail": (
        '<div dir="ltr">Ja, leuk!</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">Op do 5 nov 2026 om 13:30 schreef'
        ' Sandwich &lt;<a href="mailto:s@g.example">s@g.example</a>&gt;:<br></div><blockquote class="gmail_quote">'
        f"{_HTML_QUOTE}</blockquote></div>",
        "Ja, leuk!",
    ),
    "outlook": (
        "<html><head><style>p.MsoNormal{margin:0}</style></head><body><!--[if gte mso 9]><xml>x</xml><![endif]-->"
        '<div class="WordSection1"><p class="MsoNormal">Nee, <b>niet</b> dit jaar.<o:p></o:p></p><p class="MsoNormal">&nbsp;</p>'
        '<div style="border-top:solid #E1E1E1 1.0pt"><p class="MsoNormal"><b>Van:</b> Sandwich &lt;s@g.example&gt;<br>'
        "<b>Verzonden:</b> donderdag 5 november 2026 13:30<br><b>Aan:</b> Tess<br><b>Onderwerp:</b> Ga je mee?</p></div>"
        f"{_HTML_QUOTE}</div></body></html>",
        "Nee, niet dit jaar.",
    ),
    "apple": (
        "<html><body>Prima<div><br><div><blockquote type='cite'><div>Op 5 nov 2026, om 13:30 heeft S &lt;s@g.example&gt; het volgende"
        f" geschreven:</div>{_HTML_QUOTE}</blockquote></div></div></body></html>",
        "Prima",
    ),
    "a signature": (
        '<div>Ja</div><div id="Signature"><p>Tess Bos</p></div><hr><div id="divRplyFwdMsg"><b>Van:</b> S<br><b>Verzonden:</b> 5-11<br>'
        f"<b>Aan:</b> Tess</div>{_HTML_QUOTE}",
        "Ja",
    ),
    "a script": ("<p>Ja<script>alert('nee')</script></p><style>p{}</style><p>graag</p>", "Ja\n\ngraag"),
    "not closed": ("<div><p>Ja<blockquote><p>Dag <b>Tess", "Ja"),
}
