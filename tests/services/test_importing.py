"""Companies and people from a table: what each row would do, all or nothing, and what is refused with its reason."""

from collections.abc import Sequence

import pytest
from sqlalchemy import func, select

from models.tables.network import Channel, Company, Contact, ContactKind, Person
from models.tables.truth import AuditEntry
from models.text import Language
from sandwich.definitions.library import Library
from sandwich.rules.menu_card import menu_card
from sandwich.rules.names import full_name
from sandwich.runtime import Runtime
from sandwich.services.erase import erase_person
from sandwich.services.exporting import export_rows
from sandwich.services.importing.entering import find_region, foresee_import, import_sheet
from sandwich.services.importing.outcome import ImportRefused, Outcome, Report
from sandwich.sheets.sheet import Sheet, SheetUnreadable, sheet_of
from sandwich.store.replay import differences, replay, tables, verify
from tests.support.cast import Cast

pytestmark = pytest.mark.asyncio

HEADER = ("bedrijf", "adres", "trefwoorden", "voornaam", "tussenvoegsel", "achternaam", "mailadres", "telefoon")
SMEDING = (
    "Smeding Lasbedrijf",
    "Vlamweg 1",
    "lassen, drones",
    "Ida",
    "",
    "Smeding",
    "ida@smeding.example",
    "06-00000031",
)


def table(*rows: Sequence[str], header: Sequence[str] = HEADER) -> Sheet:
    """Return a table with this header."""
    return sheet_of([header, *rows])


def quietly(done: int, of: int) -> None:
    """Look at no progress."""


async def look(runtime: Runtime, sheet: Sheet) -> Report:
    """Return what an import would do."""
    return await foresee_import(runtime, None, sheet, language=Language.DUTCH, progress=quietly)


async def take(runtime: Runtime, sheet: Sheet) -> Report:
    """Import."""
    now = await runtime.clock.now()
    return await import_sheet(runtime, None, sheet, now=now, actor="test", language=Language.DUTCH, progress=quietly)


def lines(report: Report) -> list[str]:
    """Return the rows of a report in short."""
    return [
        f"{row.number} {row.outcome} {row.about}"
        + "".join(f" | {one.column.nl}: {one.before} → {one.after}" for one in row.changes)
        for row in report.rows
    ]


async def why(runtime: Runtime, sheet: Sheet) -> list[str]:
    """Return what is wrong with a table whose import is refused, and see that it changed nothing."""
    before = await everything(runtime)
    with pytest.raises(ImportRefused) as caught:
        await take(runtime, sheet)
    assert await everything(runtime) == before
    assert [row.outcome for row in (await look(runtime, sheet)).refused], "a dry run says the same"
    return [said.to(Language.DUTCH) for said in caught.value.mistakes[1:]]


async def everything(runtime: Runtime) -> object:
    """Return all that is stored."""
    async with runtime.store.read() as session:
        return await tables(session), await session.scalar(select(func.count()).select_from(AuditEntry))


async def company(runtime: Runtime, name: str) -> Company:
    """Return a company by name."""
    async with runtime.store.read() as session:
        return (await session.scalars(select(Company).where(Company.name == name))).one()


async def test_a_dry_run_says_row_by_row_what_would_happen_and_changes_nothing(runtime: Runtime, cast: Cast) -> None:
    before = await everything(runtime)
    report = await look(
        runtime,
        table(
            SMEDING,
            ("Bouwbedrijf Korteweg", "", "", "Koen", "", "Korteweg", "", cast.phone("P3")),
            ("bouwbedrijf korteweg", "", "", "koen", "", "KORTEWEG", "", "06-00000044"),
            ("Hoflogistiek", "Havendijk 90, Griendhaven", "", "", "", "", "", ""),
        ),
    )
    assert await everything(runtime) == before
    assert lines(report)[0].startswith("2 new Smeding Lasbedrijf, Ida Smeding | adres:  → Vlamweg 1")
    assert lines(report)[1:] == [
        "3 unchanged Bouwbedrijf Korteweg, Koen Korteweg",
        "4 refused bouwbedrijf korteweg, koen KORTEWEG",
        "5 changed Hoflogistiek | adres: Havendijk 88, Griendhaven → Havendijk 90, Griendhaven",
    ]
    assert "ook in rij 3" in report.rows[2].problems[0].nl
    assert report.counts == {
        Outcome.NEW: 1,
        Outcome.UNCHANGED: 1,
        Outcome.REFUSED: 1,
        Outcome.CHANGED: 1,
    }


async def test_an_import_writes_companies_people_and_addresses_and_the_log_holds(runtime: Runtime, cast: Cast) -> None:
    header = (
        *HEADER,
        "relatiebeheerder",
        "aanbod bedrijfsbezoek",
        "aanbod Bedrijfsbezoek: mensen",
        "liever",
        "beste tijd",
    )
    further = ("Sander Tol", "ja", "12", "bellen", "na vieren")
    await take(runtime, table((*SMEDING, *further), header=header))
    found = await company(runtime, "Smeding Lasbedrijf")
    assert (found.code, found.address, found.owner_id) == ("smeding-lasbedrijf", "Vlamweg 1", cast.id("C2"))
    assert found.tags == ["welding", "drones"], "a tag is kept by the key of its like"
    assert [(offer.offered, offer.max_people) for offer in menu_card(found.profile)] == [(True, 12)]
    async with runtime.store.read() as session:
        ida = (await session.scalars(select(Person).where(Person.company_id == found.id))).one()
        contacts = list(
            await session.scalars(select(Contact).where(Contact.person_id == ida.id).order_by(Contact.kind))
        )
        assert (await verify(session)).ok
        assert differences(await replay(session), await tables(session)) == []
    assert (full_name(ida), ida.channel, ida.best_time) == ("Ida Smeding", Channel.PHONE, "na vieren")
    assert [(one.kind, one.address, one.lookup) for one in contacts] == [
        (ContactKind.MAIL, "ida@smeding.example", "ida@smeding.example"),
        (ContactKind.PHONE, "06-00000031", None),
    ]
    assert {line.split()[1] for line in lines(await look(runtime, table((*SMEDING, *further), header=header)))} == {
        "unchanged"
    }


async def test_an_address_is_corrected_in_its_place(runtime: Runtime, cast: Cast) -> None:
    row = ("Bouwbedrijf Korteweg", "", "", "Koen", "", "Korteweg", "k.korteweg@korteweg.example", "")
    [said] = lines(await take(runtime, table(row)))
    assert said.endswith("| mailadres: koen@korteweg.example → k.korteweg@korteweg.example")
    async with runtime.store.read() as session:
        rows = list(await session.scalars(select(Contact).where(Contact.person_id == cast.id("P3"))))
    assert sorted(one.address for one in rows) == ["06-00000018", "k.korteweg@korteweg.example"]


async def test_somebody_moves_to_another_company_only_by_code(runtime: Runtime, cast: Cast) -> None:
    row = ("Hoflogistiek", "", "", "Koen", "", "Korteweg", cast.mail("P3"), "")
    [said] = await why(runtime, table(row))
    assert "persoonscode P3" in said
    [moved] = lines(await take(runtime, table((*row, "P3"), header=(*HEADER, "persoonscode"))))
    assert moved == "2 changed Hoflogistiek, Koen Korteweg | werkt bij: Bouwbedrijf Korteweg → Hoflogistiek"
    async with runtime.store.read() as session:
        assert (await session.get_one(Person, cast.id("P3"))).company_id == cast.id("B6")


async def test_people_of_a_school_come_in_too(runtime: Runtime, cast: Cast) -> None:
    header = ("school", "voornaam", "achternaam", "mailadres", "schoolleider", "taal")
    rows = [
        ("Het Kompas vmbo", "Iris", "Blom", "i.blom@hetkompas.example", "", "Engels"),
        ("S2", "Piet", "Brouwer", "", "nee", ""),
    ]
    assert [line[:10] for line in lines(await take(runtime, table(*rows, header=header)))] == [
        "2 new Iris",
        "3 changed ",
    ]
    async with runtime.store.read() as session:
        iris = (await session.scalars(select(Person).where(Person.given_name == "Iris"))).one()
        assert not (await session.get_one(Person, cast.id("L2"))).is_school_leader
    assert (iris.school_id, iris.language, iris.company_id) == (cast.id("S2"), Language.ENGLISH, None)


async def test_a_dash_empties_and_a_blank_leaves_alone(runtime: Runtime, cast: Cast) -> None:
    header = ("bedrijfscode", "adres", "relatiebeheerder", "trefwoorden")
    await take(runtime, table(("B1", "-", "", "-"), header=header))
    found = await company(runtime, "Verhoeven Plaatwerk B.V.")
    assert (found.address, found.owner_id, found.tags) == (None, cast.id("C2"), [])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"mailadres": "ida at smeding"}, "kolom ‘mailadres’: Dit is niet één mailadres"),
        ({"mailadres": "koen@korteweg.example"}, "dit mailadres is van Koen Korteweg"),
        ({"telefoon": "612345678"}, "Maak de kolom op als tekst"),
        ({"achternaam": ""}, "kolom ‘achternaam’ is leeg"),
        ({"bedrijf": ""}, "niet bij welk bedrijf"),
        ({"voornaam": "JosÃ©"}, "eerder verkeerd opgeslagen"),
        ({"voornaam": "x" * 81}, "er staan 81 tekens"),
        ({"relatiebeheerder": "Rob van Wijk"}, "geen coördinator Rob van Wijk"),
        ({"weer vragen vanaf": "volgend jaar"}, "schrijf een datum"),
        ({"niet meer vragen": "misschien"}, "schrijf ja of nee"),
        ({"medewerkers": "veel"}, "kies een van: 1–9"),
        ({"aanbod Gastles: mensen": "tien"}, "geheel getal van 1 tot 1000"),
        ({"bedrijfscode": "B3"}, "een ander bedrijf heet al"),
        ({"bedrijfscode": "Q9", "bedrijf": "Hoflogistiek"}, "is al bekend, met code B6"),
        ({"bedrijfscode": "Q9", "bedrijf": ""}, "geen bedrijf met code Q9"),
        ({"school": "S1"}, "een bedrijf en een school"),
        ({"bedrijf": "", "adres": "", "trefwoorden": "", "school": "S7"}, "geen school ‘S7’"),
    ],
)
async def test_what_cannot_be_taken_says_row_column_and_remedy(
    runtime: Runtime, cast: Cast, changes: dict[str, str], said: str
) -> None:
    if changes.get("bedrijfscode") == "B3":
        changes = {**changes, "bedrijf": "Hoflogistiek"}
    row = {**dict(zip(HEADER, SMEDING, strict=True)), **changes}
    good = [{"bedrijf": "Hoflogistiek", "adres": "Ergens anders 1"}.get(name, "") for name in row]
    [found] = await why(runtime, table(good, tuple(row.values()), header=tuple(row)))
    assert found.startswith("- rij 3: ")
    assert said in found


async def test_two_rows_that_contradict_each_other_are_refused(runtime: Runtime, cast: Cast) -> None:
    other = ("Smeding Lasbedrijf", "Vonkpad 2", "", "Bas", "", "Smeding", "", "")
    assert "zegt iets anders dan rij 2" in (await why(runtime, table(SMEDING, other)))[0]


async def test_one_mailbox_for_two_people_must_be_meant(runtime: Runtime, cast: Cast) -> None:
    other = ("Smeding Lasbedrijf", "", "", "Bas", "", "Smeding", "ida@smeding.example", "")
    assert "staat ook in rij 2" in (await why(runtime, table(SMEDING, other)))[0]
    header = (*HEADER, "gedeelde mailbox")
    await take(runtime, table((*SMEDING, "ja"), (*other, "ja"), header=header))
    async with runtime.store.read() as session:
        shared = list(await session.scalars(select(Contact.is_shared).where(Contact.lookup == "ida@smeding.example")))
    assert shared == [True, True]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (("bedrijf", "voornaam", "achternaam", "schoenmaat"), "geen kolom ‘schoenmaat’"),
        (("bedrijf", "voornaam", "achternaam", "telfoon"), "Bedoelde je ‘telefoon’"),
        (("bedrijf", "voornaam", "mailadres"), "kolom ‘achternaam’ ontbreekt"),
        (("voornaam", "achternaam"), "‘bedrijf’ (of ‘school’"),
        (("bedrijf", "company"), "twee keer"),
    ],
)
async def test_a_header_that_does_not_do(runtime: Runtime, cast: Cast, header: tuple[str, ...], said: str) -> None:
    with pytest.raises(SheetUnreadable) as caught:
        await take(runtime, table(("Korteweg",), header=header))
    assert said in caught.value.to(Language.DUTCH)


async def test_an_export_is_imported_again_unchanged(runtime: Runtime, cast: Cast, library: Library) -> None:
    more, said = ("medewerkers", "kan niet", "notitie"), ("1–9", "Niet in december", "Belt graag op vrijdag")
    await take(runtime, table((*SMEDING, *said), header=(*HEADER, *more)))
    await erase_person(runtime, cast.id("P6"), now=await runtime.clock.now(), actor="test")
    for language in Language:
        async with runtime.store.read() as session:
            rows = await export_rows(session, library, await find_region(session, None), language)
        whole = " ".join(cell for row in rows for cell in row)
        assert "Lindhout" not in whole, "who was erased stays so"
        assert "Collega's van" not in whole, "a list is nobody"
        assert "Anouk" in whole
        assert "Belt graag op vrijdag" in whole
        report = await look(runtime, sheet_of(rows))
        assert report.counts == {Outcome.UNCHANGED: len(rows) - 1}
    people = {full_name(one) for code, one in cast.people.items() if code[0] in "TLPR" and code != "P6"}
    names = [" ".join(part for part in row[-13:-10] if part) for row in rows[1:]]
    assert people | {"Ida Smeding"} <= set(names)


async def test_an_import_that_is_interrupted_changes_nothing(runtime: Runtime, cast: Cast) -> None:
    many = [(f"Bedrijf {number}", "", "", "Jo", "", f"Naam {number}", "", "") for number in range(300)]
    before = await everything(runtime)

    def stop(done: int, of: int) -> None:
        if done > len(many):  # the first batch is written
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await import_sheet(
            runtime,
            None,
            table(*many),
            now=await runtime.clock.now(),
            actor="test",
            language=Language.DUTCH,
            progress=stop,
        )
    assert await everything(runtime) == before


async def test_progress_goes_up_to_the_end(runtime: Runtime, cast: Cast) -> None:
    told: list[tuple[int, int]] = []
    many = [(f"Bedrijf {number}", "", "", "", "", "", "", "") for number in range(450)]
    await import_sheet(
        runtime,
        None,
        table(*many),
        now=await runtime.clock.now(),
        actor="test",
        language=Language.DUTCH,
        progress=lambda done, of: told.append((done, of)),
    )
    assert told == sorted(told)
    assert len(told) > 4
    assert told[-1] == (900, 900)
