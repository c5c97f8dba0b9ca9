"""The register of processing and the beginning of a DPIA, in Dutch, written from what the code keeps.

Nothing here is known twice: kinds and terms are those that the daily run works by, columns those of the tables,
questions those of the forms. What a school has to fill in or verify stands there as such.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from models.form import Form
from models.question_types import QuestionType, Visibility
from models.tables import Table
from sandwich.definitions.library import Library
from sandwich.privacy.kinds import KEPT, WAYS, Kept
from sandwich.settings import read_settings

REGISTER, ASSESSMENT = "verwerkingsregister.md", "dpia.md"

_READERS = {
    Visibility.PRIVATE: "alleen de coördinator",
    Visibility.GROUP: "alleen als cijfer over drie mensen of meer",
    Visibility.HOST: "ook wie ontvangt",
    Visibility.ACTIVITY: "iedereen die aan de activiteit meedoet",
    Visibility.SCHOOL: "de school, om te delen",
    Visibility.MUTUAL: "de ander, als allebei ja zeiden",
    Visibility.RELEASED: "alleen als iemand dat erbij zegt",
}
_HEAD = """<!-- Geschreven door `make privacy-papers` uit sandwich/privacy/kinds.py, de tabellen, de formulieren en de
standaardinstellingen. Verander die, niet dit bestand. -->
"""


def write_papers(folder: Path, library: Library) -> None:
    """Write both papers anew."""
    (folder / REGISTER).write_text(register(library), encoding="utf-8")
    (folder / ASSESSMENT).write_text(assessment(library), encoding="utf-8")


def register(library: Library) -> str:
    """Return the register of processing, with the terms that hold where nothing was set."""
    lines = [
        _HEAD,
        "# Verwerkingsregister",
        "",
        "Dit is het register (AVG, artikel 30) van wat Sandwich over mensen bewaart. Wat tussen «…» staat vult de "
        "school of regio in; wat *na te gaan* is, heeft niemand voor u nagegaan.",
        "",
        "| | |",
        "|---|---|",
        "| Verwerkingsverantwoordelijke | «naam van de school, het bestuur of de regio, met adres» |",
        "| Contact voor privacy | «naam en mailadres van de functionaris gegevensbescherming» |",
        "| Verwerkers | «wie de server beheert»; «wie de mail verstuurt»; «wie de accounts beheert, als daarmee wordt "
        "ingelogd»; met ieder een verwerkersovereenkomst |",
        "| Ontvangers buiten de school | bedrijven en scholen die ontvangen; «programma's met een sleutel van een "
        "coördinator, en adressen die meldingen krijgen», als u die gebruikt |",
        "| Beveiliging | persoonlijke links, rollen, versleutelde verbindingen, een logboek dat niet te veranderen is; "
        "alle maatregelen staan in [security.md](security.md), wie wat mag in [roles.md](roles.md) |",
        "| Doorgifte buiten de EU | geen door het programma; «na te gaan bij server en mail» |",
        "| Doel van het geheel | leren buiten de school voor vmbo-docenten: voor, tijdens en na een activiteit |",
        "| Van wie | "
        "docenten en andere mensen van scholen, en mensen van bedrijven. Geen leerlingen: die komen alleen als aantal "
        "voor |",
        "",
        "Elke termijn is een instelling; hier staat de waarde zonder instelling. Hoe het weggaat, staat in "
        "[privacy.md](privacy.md); de instellingen in [settings.md](settings.md).",
        "",
    ]
    for one in KEPT:
        lines += _of_kind(one)
    lines += ["## Wat formulieren vragen", "", *_of_forms(library.forms.values())]
    lines += ["## Tabellen zonder iets van iemand", "", *_empty_tables()]
    return "\n".join(lines).rstrip() + "\n"


def _of_kind(one: Kept) -> Iterator[str]:
    settings = read_settings({}, environment="development")
    yield f"## {one.title.nl}"
    yield ""
    yield "| | |"
    yield "|---|---|"
    yield f"| Van wie | {one.whose.nl} |"
    yield f"| Welke gegevens | {one.what.nl} |"
    yield f"| Waarvoor | {one.purpose.nl} |"
    yield f"| Grondslag | {one.basis.nl} |"
    yield f"| Wie het ziet | {one.receivers.nl} |"
    setting = f" (`{one.variable}`)" if one.variable else ""
    yield f"| Hoe lang | {one.term_of(settings).nl}{setting} |"
    yield f"| Hoe het weggaat | {WAYS[one.goes].nl} |"
    if one.places:
        yield f"| Waar het staat | {', '.join(f'`{place}`' for place in one.places)} |"
    if one.note:
        yield f"| Verder | {one.note.nl} |"
    yield ""


def _of_forms(forms: Iterable[Form]) -> Iterator[str]:
    yield (
        "Van elk formulier: hoeveel vragen in eigen woorden worden beantwoord, wie die antwoorden leest buiten de "
        "coördinator, en wat er maar kort bewaard wordt."
    )
    yield ""
    yield "| Formulier | Vragen | Eigen woorden | Wie leest mee | Kort bewaard |"
    yield "|---|---|---|---|---|"
    for form in sorted(forms, key=lambda one: one.code):
        typed = [one for one in form.questions if one.type in {QuestionType.SHORT, QuestionType.LONG}]
        readers = [_READERS[one] for one in Visibility if any(each.visibility is one for each in form.questions)]
        short = [f"{one.label.nl} ({one.keep_days} dagen)" for one in form.questions if one.keep_days is not None]
        yield (
            f"| {form.code} {form.title.nl} | {len(form.questions)} | {len(typed)} | {'; '.join(readers)} | "
            f"{'; '.join(short) or '–'} |"
        )
    yield ""


def _empty_tables() -> Iterator[str]:
    named = {place.partition(".")[0] for one in KEPT for place in one.places}
    left = sorted(set(Table.metadata.tables) - named)
    yield (
        "In deze tabellen staan nummers, tijden, codes, en namen van scholen en regio's: "
        f"{', '.join(f'`{name}`' for name in left)}."
    )
    yield ""


_RISKS: tuple[tuple[str, str, str], ...] = (
    (
        "Iemand anders opent een persoonlijke link",
        "Een link opent één activiteit van één mens, nooit het bord. Voor alle gegevens, of om te wissen, is een code "
        "nodig die naar het eigen postvak gaat.",
        "Een link in een gedeeld postvak lezen collega's mee; er staat bij voor wie hij is.",
    ),
    (
        "Een coördinator ziet wat van een ander is",
        "Elke lezing van de database is beperkt tot de eigen regio, op PostgreSQL ook door de database zelf.",
        "Binnen een regio zien coördinatoren elkaars activiteiten.",
    ),
    (
        "Iets over een leerling, of over iemands gezondheid, komt in een tekst",
        "De schrijver krijgt de vraag of het er mag staan; de coördinator ziet elke twijfel voordat een kaart gedeeld "
        "wordt, en kan woorden uit antwoord en logboek halen.",
        "Woorden die het programma niet kent, ziet alleen wie leest.",
    ),
    (
        "Een foto van iemand die dat niet wil",
        "Toestemming per kanaal; ingetrokken toestemming haalt bij het eerstvolgende verzoek elke foto van de "
        "activiteit weg, tot iemand heeft gekeken. Wat een camera erbij schreef, wordt niet bewaard.",
        "Wat al gezien of gemaild is, is niet terug te halen.",
    ),
    (
        "Gegevens blijven te lang",
        "Termijnen per soort, een nachtelijke run, en een lijst op het bord van wat over zijn termijn is.",
        "De eerste keer wacht een soort op een ja; wie nooit kijkt, bewaart te lang. Het bord blijft het melden.",
    ),
    (
        "Iemand die gewist is komt terug met een reservekopie",
        "Een lijst van wie gewist is staat buiten de database en naast elke kopie; terugzetten wist opnieuw.",
        "Kopieën die elders zijn neergezet kent het programma niet.",
    ),
    (
        "Iemand vult een dieet of een hulpvraag in: dat kan over gezondheid of geloof gaan",
        "De vraag mag leeg blijven, alleen de coördinator leest het antwoord, en na de termijn van *praktische "
        "gegevens* is het weg, ook uit het logboek.",
        "Tot dan staat het er. Of de zin bij de vraag genoeg is als uitdrukkelijke toestemming, gaat u na.",
    ),
    (
        "Antwoorden zonder naam zijn toch tot iemand te herleiden",
        "Na de termijn staat er een plaatsvervanger zonder naam, en zijn teksten en bestanden weg. Cijfers staan er "
        "pas over drie mensen of meer.",
        "Het logboek kent het oude nummer. Zolang de persoon zelf in het register staat is het *gepseudonimiseerd*; "
        "pas na wissen is het anoniem.",
    ),
    (
        "Het logboek van wijzigingen heeft geen termijn",
        "Er staan nummers en tijden in. Elke waarde die iets over iemand zegt staat apart, en gaat mee als zij elders "
        "gewist wordt. Alleen de beheerder kan erbij.",
        "Wie wanneer iets deed, blijft onder een nummer staan zolang die persoon bekend is. Regels weghalen kan niet "
        "zonder de keten te breken waarmee te zien is of iemand eraan zat.",
    ),
    (
        "Een dief van een kopie of van de server",
        "Van links, codes en sleutels wordt alleen een afdruk bewaard; een kopie is alleen voor de eigenaar leesbaar.",
        "De database en de kopieën zijn zelf niet versleuteld: versleutel de schijf.",
    ),
    (
        "Mail gaat naar de verkeerde",
        "Een mail wordt gemaakt als hij vertrekt, naar één nagekeken adres; de poging staat vast vóór de eerste byte.",
        "Wat iemand zelf verkeerd opgeeft.",
    ),
    (
        "Uitslagen worden tegen iemand gebruikt",
        "Cijfers staan er pas over drie mensen of meer; bezwaar haalt iemands antwoorden uit elk rapport.",
        "De coördinator leest losse antwoorden; spreek af wie dat is.",
    ),
)


def assessment(library: Library) -> str:
    """Return where a DPIA can begin: what is done with whose data, what may go wrong, and what stands against it."""
    questions = [(form, one) for form in library.forms.values() for one in form.questions]
    short = sum(one.keep_days is not None for _, one in questions)
    typed = sum(one.type in {QuestionType.SHORT, QuestionType.LONG} for _, one in questions)
    files = sum(one.type is QuestionType.FILE for _, one in questions)
    lines = [
        _HEAD,
        "# DPIA: een begin",
        "",
        "Een gegevensbeschermingseffectbeoordeling maakt de verwerkingsverantwoordelijke zelf. Hier staat wat het "
        "programma daarover weet; wat tussen «…» staat vult u in. Bespreek haar met de functionaris "
        "gegevensbescherming, en met docenten.",
        "",
        "## Is een DPIA nodig?",
        "",
        "Er worden werknemers geëvalueerd en er wordt over jaren geteld, maar niemand wordt automatisch beoordeeld, en "
        "leerlingen komen er niet in voor. «Oordeel van de functionaris, met datum.»",
        "",
        "## Wat er gebeurt",
        "",
        "1. Een coördinator begint een activiteit en noemt wie meedoen. Zij krijgen mail met een persoonlijke link.",
        "2. Zij antwoorden op formulieren: vooraf doelen en afspraken, erna een evaluatie en indrukken.",
        "3. Wat zij delen komt, na een ja van wie ontving, op een pagina van de school.",
        "4. Over een schooljaar wordt geteld, zonder namen.",
        "",
        f"De {len(library.forms)} formulieren hebben {len(questions)} vragen: {typed} in eigen woorden, {files} met "
        f"bestanden, {short} met een antwoord dat kort na de dag verdwijnt. Welke dat zijn staat in het "
        f"[verwerkingsregister]({REGISTER}).",
        "",
        "## Noodzaak en evenredigheid",
        "",
        "| Soort | Waarvoor | Grondslag | Hoe lang |",
        "|---|---|---|---|",
    ]
    settings = read_settings({}, environment="development")
    lines += [f"| {one.title.nl} | {one.purpose.nl} | {one.basis.nl} | {one.term_of(settings).nl} |" for one in KEPT]
    lines += [
        "",
        "Waarom met minder niet kan: «per soort». Wat er bewust niet is: gegevens van leerlingen, geboortedata, "
        "adressen thuis, beoordelingen door een leidinggevende, en de reden waarom iemand er niet was.",
        "",
        "## Rechten",
        "",
        "Inzien, meenemen, verbeteren, bezwaar maken, toestemming intrekken en wissen kan ieder zelf, op de eigen "
        "pagina achter de link. Wie het liever vraagt, staat als verzoek op het bord van de coördinator en op de "
        "pagina *Privacy* van de privacyfunctionaris; die geeft de gegevens, noteert een bezwaar of wist. De "
        "beheerder kan dat met een opdracht. Hoe dat gaat staat in [privacy.md](privacy.md). Er is een maand voor "
        "(AVG, artikel 12, derde lid).",
        "",
        "## Wat er mis kan gaan",
        "",
        "| Risico | Wat ertegen staat | Wat overblijft | Kans en gevolg |",
        "|---|---|---|---|",
        *(f"| {risk} | {against} | {left} | «laag, midden, hoog» |" for risk, against, left in _RISKS),
        "",
        "## Besluit",
        "",
        "«Wie besloot wat, op welke dag, en wanneer wordt er opnieuw gekeken.»",
        "",
    ]
    return "\n".join(lines).rstrip() + "\n"
