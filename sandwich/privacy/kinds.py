"""The kinds of data about people: where each stands, whose it is, what for, who receives it and how long it is kept.

The register of processing is written from this table, the daily run works by it, and a test holds that no column with
something of a person is missing here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from models.data_kinds import DataKind
from models.text import Text
from sandwich.settings import PREFIX, Settings


class Goes(StrEnum):
    """How something goes when its term is over."""

    AFTER_A_YES = "after-a-yes"  # by the daily run, once somebody has seen what that would be and agreed
    AFTER_EACH_YES = "after-each-yes"  # the same, and every time anew: only what was there to be seen goes
    BY_ITSELF = "by-itself"  # it was said when it was asked or made
    WITH_THE_PERSON = "with-the-person"  # when somebody is erased, or what it belongs to
    ELSEWHERE = "elsewhere"  # whoever runs the machine sees to it


WAYS: Mapping[Goes, Text] = {
    Goes.AFTER_A_YES: Text(
        nl="'s nachts vanzelf, nadat iemand de eerste keer heeft gezien wat er weggaat en ja heeft gezegd",
        en="at night by itself, once somebody has seen what goes the first time and said yes",
    ),
    Goes.AFTER_EACH_YES: Text(nl="'s nachts, na een ja op elke lijst", en="at night, after a yes to each list"),
    Goes.BY_ITSELF: Text(
        nl="vanzelf; dat is gezegd toen het gevraagd of gemaakt werd",
        en="by itself; so it was said when it was asked or made",
    ),
    Goes.WITH_THE_PERSON: Text(
        nl="samen met waar het bij hoort, of als iemand gewist wordt",
        en="with what it belongs to, or when somebody is erased",
    ),
    Goes.ELSEWHERE: Text(
        nl="buiten het programma om: daar zorgt de beheerder voor",
        en="outside the program: whoever runs the machine sees to it",
    ),
}
"""How it goes, in words."""


@dataclass(frozen=True)
class Kept:
    """One kind of data. ``what`` says in words what it is, ``places`` are columns, ``table.column``; ``setting`` holds
    the number in ``term``.
    """

    kind: DataKind
    title: Text
    what: Text
    places: tuple[str, ...]
    whose: Text
    purpose: Text
    basis: Text
    receivers: Text
    term: Text
    goes: Goes
    setting: str | None = None
    note: Text | None = None

    def term_of(self, settings: Settings) -> Text:
        """Return for how long it is kept in this installation."""
        return self.term if self.setting is None else self.term.filled(n=getattr(settings, self.setting))

    @property
    def variable(self) -> str | None:
        """The environment variable of its setting."""
        return None if self.setting is None else f"{PREFIX}{self.setting.upper()}"

    @property
    def asks_first(self) -> bool:
        """Whether somebody must say yes before any of it goes."""
        return self.goes in {Goes.AFTER_A_YES, Goes.AFTER_EACH_YES}


def kept(kind: DataKind) -> Kept:
    """Return what is said of a kind."""
    return next(one for one in KEPT if one.kind is kind)


_EVERYBODY = Text(
    nl="docenten, schoolleiders, roostermakers, coördinatoren, en mensen van bedrijven en scholen die ontvangen",
    en="teachers, school leaders, timetablers, coordinators, and people of companies and schools that receive",
)
_PARTICIPANTS = Text(nl="wie aan een activiteit meedoet of meedeed", en="whoever takes part, or took part")
_ORGANISE = Text(
    nl="gerechtvaardigd belang: de activiteit organiseren waar iemand voor gevraagd is (na te gaan)",
    en="legitimate interest: to organise the activity that somebody was asked for (to be verified)",
)
_TASK = Text(
    nl="taak van algemeen belang of gerechtvaardigd belang: leren van docenten en verbetering van het onderwijs (na te "
    "gaan)",
    en="public task or legitimate interest: teachers' learning and better education (to be verified)",
)
_CONSENT = Text(nl="toestemming, per kanaal, in te trekken", en="consent, for each channel, can be withdrawn")
_ACCOUNTS = Text(
    nl="wettelijke plicht of subsidievoorwaarde: verantwoording (na te gaan bij de penvoerder)",
    en="legal duty or condition of a subsidy: accounts (to be verified with the lead applicant)",
)
_OWN_PEOPLE = Text(
    nl="coördinatoren van de regio; contactgegevens van de dag ook voor wie er die dag bij is",
    en="coordinators of the region; numbers for the day also for those who are there that day",
)
_COORDINATORS = Text(nl="coördinatoren van de regio", en="coordinators of the region")
_NOBODY = Text(nl="niemand; alleen het systeem zelf", en="nobody; only the system itself")
_KEEPERS = Text(nl="de beheerder van de server", en="whoever runs the server")

KEPT: tuple[Kept, ...] = (
    Kept(
        DataKind.CONTACTS,
        Text(nl="Contactgegevens", en="Contact data"),
        Text(
            nl="naam, functie, mailadres, telefoonnummer, taal, school of bedrijf, wanneer iemand te bereiken is",
            en="name, job, mail address, phone number, language, school or company, when somebody can be reached",
        ),
        (
            "person.code",
            "person.given_name",
            "person.infix",
            "person.family_name",
            "person.job_title",
            "person.best_time",
            "contact.address",
            "contact.lookup",
            "contact.person_id",
        ),
        _EVERYBODY,
        Text(nl="mensen uitnodigen, bereiken en aanspreken", en="to invite, reach and address people"),
        _ORGANISE,
        _OWN_PEOPLE,
        Text(
            nl="zolang er een relatie is: wie {n} maanden nergens aan meedeed en geen rol heeft, komt op de lijst en "
            "wordt na een ja gewist; elke keer opnieuw",
            en="as long as there is a relation: whoever took part in nothing for {n} months and has no role is put on "
            "the list, and erased after a yes; every time anew",
        ),
        Goes.AFTER_EACH_YES,
        "keep_contacts_months",
    ),
    Kept(
        DataKind.PRACTICAL,
        Text(nl="Praktische gegevens voor de dag", en="Practical data for the day"),
        Text(
            nl="dieet en wat iemand nodig heeft om mee te kunnen doen; lijst voor de poort; nummers en een link voor "
            "de dag zelf",
            en="diet and what somebody needs to be able to take part; the list for the gate; numbers and a link for "
            "the day itself",
        ),
        ("submission.answers", "draft.typed"),
        _PARTICIPANTS,
        Text(
            nl="zorgen dat iemand op de dag zelf binnenkomt, kan eten en mee kan doen",
            en="to see that somebody is let in on the day, can eat and can take part",
        ),
        Text(
            nl="toestemming: niemand hoeft dit in te vullen. Een dieet kan iets zeggen over gezondheid of geloof; dat "
            "is "
            "een bijzonder persoonsgegeven en vraagt uitdrukkelijke toestemming (AVG, artikel 9; na te gaan)",
            en="consent: nobody has to fill this in. A diet may say something of health or faith; that is a special "
            "category and needs explicit consent (GDPR, article 9; to be verified)",
        ),
        Text(
            nl="coördinatoren, en wie ontvangt voor zover dat voor de dag nodig is",
            en="coordinators, and whoever receives as far as the day needs it",
        ),
        Text(
            nl="tot {n} dagen na de laatste dag; zo staat het bij de vraag zelf",
            en="until {n} days after the last day; so it says beside the question itself",
        ),
        Goes.BY_ITSELF,
        "keep_practical_days",
    ),
    Kept(
        DataKind.DRAFTS,
        Text(nl="Wat getypt en niet verstuurd is", en="What was typed and not sent"),
        Text(nl="antwoorden die nog niet verstuurd zijn", en="answers that were not sent yet"),
        ("draft.typed",),
        _PARTICIPANTS,
        Text(nl="verder kunnen waar iemand bleef", en="to go on where somebody stopped"),
        _ORGANISE,
        _NOBODY,
        Text(nl="tot {n} dagen nadat de activiteit klaar is", en="until {n} days after the activity is over"),
        Goes.AFTER_A_YES,
        "keep_drafts_days",
    ),
    Kept(
        DataKind.ANSWERS,
        Text(nl="Antwoorden en afspraken met een naam eraan", en="Answers and agreements with a name to them"),
        Text(
            nl="leerdoelen, evaluatie, indrukken, uren, afspraken over taken, redenen van een wijziging, bestanden, "
            "en wie het schreef",
            en="goals, evaluation, impressions, hours, agreed tasks, reasons of a change, files, and who wrote them",
        ),
        (
            "submission.answers",
            "submission.answered_by",
            "submission.person_id",
            "submission.entered_by_id",
            "upload.name",
            "upload.person_id",
            "upload_content.content",
            "agreement_version.terms",
            "agreement_version.note",
            "agreement_version.author_id",
            "party_word.note",
            "party_word.person_id",
            "party_word.entered_by_id",
            "invitation.waive_reason",
            "invitation.waived_by_id",
            "call.note",
            "call.person_id",
            "call.done_by_id",
            "reply_text.words",
            "reply_text.person_id",
            "activity.moves",
            "activity.overrides",
            "activity.asked_anyway",
            "activity.closing_reason",
        ),
        _PARTICIPANTS,
        Text(
            nl="leerdoelen, taakverdeling, evaluatie en wat ermee gedaan is; cijfers over een schooljaar",
            en="goals, task division, evaluation and what came of it; figures over a school year",
        ),
        _TASK,
        Text(
            nl="coördinatoren; wie ontvangt krijgt wat bij de vraag staat; scholen wat iemand zelf deelt",
            en="coordinators; whoever receives gets what the question says; schools what somebody shares",
        ),
        Text(
            nl="{n} schooljaren na dat van de activiteit; dan zonder naam: keuzes en cijfers blijven, naam, tekst en "
            "bestand niet",
            en="{n} school years after that of the activity; then without a name: choices and figures stay; name, text "
            "and file do not",
        ),
        Goes.AFTER_A_YES,
        "keep_answers_years",
        Text(
            nl="Wat gedeeld is op een kaart blijft zo lang als de kaart. De woorden bij een belletje gaan al weg als "
            "het belletje gedaan is. Wat zonder naam overblijft is gepseudonimiseerd: het logboek van wijzigingen kent "
            "het oude nummer nog. Anoniem is het pas als ook de persoon zelf gewist is.",
            en="What is shared on a card stays as long as the card. Words behind a call go when the call is done. What "
            "stays without a name is pseudonymous: the audit log knows the old number. It is anonymous once the person "
            "is erased as well.",
        ),
    ),
    Kept(
        DataKind.CARDS,
        Text(nl="Indrukkenkaarten, met hun foto's", en="Impression cards, with their photos"),
        Text(
            nl="wat iemand wilde delen, met of zonder naam; foto's; woorden waarop de deelmuur te doorzoeken is",
            en="what somebody wished to share, with or without a name; photos; words by which a wall is searched",
        ),
        (
            "impression_card.confidential",
            "impression_card.host_remark",
            "impression_card.released_by_id",
            "card_word.word",
            "submission.answers",
            "upload_content.content",
        ),
        Text(
            nl="wie een kaart schreef, en wie erop genoemd of te zien is",
            en="whoever wrote a card, and whoever is named or seen on it",
        ),
        Text(nl="delen met collega's wat een bezoek opleverde", en="to share with colleagues what a visit brought"),
        Text(
            nl="toestemming van de schrijver en van wie ontving; foto's: toestemming per kanaal",
            en="consent of the writer and of whoever received; photos: consent for each channel",
        ),
        Text(
            nl="de scholen die de schrijver koos, met een geheim adres; de kaart is in te trekken",
            en="the schools that the writer chose, at a secret address; the card can be withdrawn",
        ),
        Text(nl="tot intrekking, en hoogstens {n} jaar", en="until withdrawn, and at most {n} years"),
        Goes.AFTER_A_YES,
        "keep_cards_years",
    ),
    Kept(
        DataKind.CONSENTS,
        Text(nl="Toestemmingen voor foto's", en="Consents to photos"),
        Text(nl="wie voor welk kanaal ja of nee zei, en wanneer", en="who said yes or no for which channel, and when"),
        ("consent.person_id",),
        _PARTICIPANTS,
        Text(nl="kunnen aantonen wie waar ja op zei", en="to be able to show who said yes to what"),
        Text(nl="wettelijke plicht: toestemming aantonen", en="legal duty: to show that there was consent"),
        _COORDINATORS,
        Text(
            nl="zolang de foto er is, en dan nog {n} jaar",
            en="as long as the photo is there, and {n} more year(s)",
        ),
        Goes.AFTER_A_YES,
        "keep_consents_years",
    ),
    Kept(
        DataKind.HOURS,
        Text(nl="Uren en bevestigingen", en="Hours and confirmations"),
        Text(
            nl="aantal uren per activiteit, en de naam van wie ze bevestigde",
            en="the hours of an activity, and the name of who confirmed them",
        ),
        ("hours.confirmed_by", "hours.person_id", "company_value.person_id"),
        Text(
            nl="docenten, en wie namens een bedrijf uren bevestigt",
            en="teachers, and whoever confirms hours for a company",
        ),
        Text(nl="verantwoording van cofinanciering en scholing", en="accounts of co-financing and of training"),
        _ACCOUNTS,
        Text(
            nl="coördinatoren, en de penvoerder en zijn accountant via een export",
            en="coordinators, and the lead applicant and its accountant by an export",
        ),
        Text(
            nl="{n} kalenderjaren na dat van de activiteit; niemand heeft deze termijn nagegaan: vraag de penvoerder",
            en="{n} calendar years after that of the activity; nobody verified this term: ask the lead applicant",
        ),
        Goes.AFTER_A_YES,
        "keep_hours_years",
    ),
    Kept(
        DataKind.MAIL,
        Text(nl="Welke mail naar wie ging", en="Which mail went to whom"),
        Text(
            nl="welke mail, aan wie, wanneer, en wat de mailserver zei",
            en="which mail, to whom, when, and what the mail server said",
        ),
        ("message.word", "message.person_id", "attempt.remark", "attempt.person_id"),
        _EVERYBODY,
        Text(
            nl="weten of een mail aankwam; niet dubbel sturen", en="to know whether a mail arrived; not to send twice"
        ),
        _ORGANISE,
        _COORDINATORS,
        Text(
            nl="{n} maanden, en zolang de activiteit nog loopt",
            en="{n} months, and as long as the activity goes on",
        ),
        Goes.AFTER_A_YES,
        "keep_mail_months",
        Text(
            nl="De tekst van een mail wordt niet bewaard: die wordt pas gemaakt als de mail vertrekt.",
            en="The text of a mail is not kept: it is made when the mail leaves.",
        ),
    ),
    Kept(
        DataKind.INCOMING,
        Text(nl="Mail die binnenkwam", en="Mail that came in"),
        Text(nl="de mail zoals hij binnenkwam, met afzender", en="the mail as it came in, with its sender"),
        ("incoming_content.sender", "incoming_content.content", "incoming.person_id"),
        Text(nl="wie terugschrijft", en="whoever writes back"),
        Text(nl="antwoorden begrijpen en nakijken", en="to understand answers and check them"),
        _ORGANISE,
        _COORDINATORS,
        Text(nl="{n} dagen", en="{n} days"),
        Goes.BY_ITSELF,
        "incoming_keep_days",
    ),
    Kept(
        DataKind.MATERIAL_USERS,
        Text(nl="Wie lesmateriaal meenam van een deelmuur", en="Whoever took material from a wall"),
        Text(nl="naam en mailadres", en="name and mail address"),
        ("person.given_name", "person.family_name", "contact.address"),
        Text(nl="collega's die zich daarvoor opgaven", en="colleagues who said so"),
        Text(nl="één keer vragen wat ermee gedaan is", en="to ask once what came of it"),
        Text(nl="toestemming", en="consent"),
        _COORDINATORS,
        Text(
            nl="tot 30 dagen nadat de ene vraag sluit, of meteen als iemand het terugneemt",
            en="until 30 days after the one question closes, or at once when somebody takes it back",
        ),
        Goes.BY_ITSELF,
    ),
    Kept(
        DataKind.TAKING_PART,
        Text(nl="Wie waaraan meedeed", en="Who took part in what"),
        Text(
            nl="wie in welke rol meedoet of coördineert; de titel en plaats van de activiteit",
            en="who takes part or coordinates in which role; title and place of the activity",
        ),
        ("participation.person_id", "activity.coordinator_id", "activity.title", "activity.place"),
        _PARTICIPANTS,
        Text(nl="de activiteit organiseren; tellen wat er was", en="to organise the activity; to count what there was"),
        _ORGANISE,
        _OWN_PEOPLE,
        Text(
            nl="met de antwoorden: daarna staat er een deelnemer zonder naam",
            en="with the answers: after that it is a participant without a name",
        ),
        Goes.WITH_THE_PERSON,
    ),
    Kept(
        DataKind.LINKS,
        Text(nl="Persoonlijke links", en="Personal links"),
        Text(nl="een afdruk (hash) van elke link", en="a digest of every link"),
        ("link.participation_id",),
        _PARTICIPANTS,
        Text(nl="antwoorden zonder account", en="to answer without an account"),
        _ORGANISE,
        _NOBODY,
        Text(
            nl="een link werkt tot 30 dagen nadat de activiteit klaar is; bewaard wordt alleen een afdruk ervan",
            en="a link works until 30 days after the activity is over; only a digest of it is kept",
        ),
        Goes.BY_ITSELF,
    ),
    Kept(
        DataKind.SIGN_INS,
        Text(nl="Rollen, aanmeldingen, codes en sleutels", en="Roles, sign-ins, codes and keys"),
        Text(
            nl="welke rol iemand heeft; wanneer iemand inlogde; een afdruk van codes en sleutels",
            en="which role somebody has; when somebody signed in; a digest of codes and keys",
        ),
        (
            "login_code.person_id",
            "web_session.person_id",
            "confirmation.person_id",
            "held_office.person_id",
            "api_token.person_id",
            "api_token.name",
            "hook.person_id",
        ),
        Text(nl="coördinatoren, en wie om een code vroeg", en="coordinators, and whoever asked for a code"),
        Text(nl="weten wie er inlogt", en="to know who signs in"),
        _ORGANISE,
        _NOBODY,
        Text(
            nl="aanmeldingen en codes {n} dagen; dat iemand een rol of een sleutel had, tot iemand gewist wordt",
            en="sign-ins and codes {n} days; that somebody had a role or a key, until they are erased",
        ),
        Goes.BY_ITSELF,
        "keep_signins_days",
    ),
    Kept(
        DataKind.COMPANIES,
        Text(nl="Bedrijven en wat zij over zichzelf zeggen", en="Companies and what they say of themselves"),
        Text(
            nl="naam, adres, aanbod en notities van een bedrijf; wie de relatie onderhoudt",
            en="name, address, offer and notes of a company; who keeps the relation",
        ),
        ("company.name", "company.address", "company.profile", "company.note", "company.owner_id"),
        Text(
            nl="bedrijven; mensen voor zover zij er genoemd worden",
            en="companies; people as far as they are named there",
        ),
        Text(nl="passende bedrijven vinden en niet te vaak vragen", en="to find companies and not ask too often"),
        _TASK,
        _COORDINATORS,
        Text(nl="zolang het bedrijf in het register staat", en="as long as the company stands in the register"),
        Goes.WITH_THE_PERSON,
    ),
    Kept(
        DataKind.OWN_TEXTS,
        Text(nl="Eigen mailteksten van school of regio", en="Own words in mails of a school or region"),
        Text(nl="tekst van mails", en="texts of mails"),
        ("own_text.words",),
        Text(nl="niemand, tenzij er iemand genoemd wordt", en="nobody, unless somebody is named"),
        Text(nl="mails in eigen woorden", en="mails in own words"),
        _ORGANISE,
        Text(nl="wie de mail krijgt", en="whoever gets the mail"),
        Text(nl="tot iemand ze verandert", en="until somebody changes them"),
        Goes.WITH_THE_PERSON,
    ),
    Kept(
        DataKind.TRAIL,
        Text(nl="Logboek van wijzigingen", en="Audit log"),
        Text(
            nl="welk nummer wat wanneer veranderde; de waarde zelf staat er los van",
            en="which number changed what when; the value itself stands apart",
        ),
        ("personal_value.value", "personal_value.person_id"),
        _EVERYBODY,
        Text(
            nl="kunnen aantonen wie wat wanneer veranderde, en een fout terugvinden",
            en="to show who changed what when, and to find a mistake",
        ),
        Text(
            nl="gerechtvaardigd belang: beveiliging en verantwoording",
            en="legitimate interest: security and accountability",
        ),
        _KEEPERS,
        Text(
            nl="geen termijn voor nummers en tijden; elke persoonlijke waarde staat apart en gaat met de waarde zelf "
            "weg",
            en="no term for numbers and moments; each personal value stands apart and goes with the value itself",
        ),
        Goes.WITH_THE_PERSON,
        note=Text(
            nl="Elke regel hangt aan de vorige, zodat te zien is of iemand eraan zat. Daarom wordt er geen regel "
            "weggehaald. Wie gewist is, is er niet meer in terug te vinden: er staat een nummer waar geen naam meer "
            "bij "
            "hoort. Vindt u dat te lang, dan is dat een punt voor de DPIA.",
            en="Each line hangs on the one before, so that it shows whether somebody touched them. That is why no line "
            "is removed. Who was erased is not to be found in it: there is a number that no name belongs to. If you "
            "find "
            "this too long, it is a matter for the DPIA.",
        ),
    ),
    Kept(
        DataKind.ERASURES,
        Text(nl="Lijst van wie gewist is", en="List of erasures"),
        Text(nl="een afdruk van het nummer, en het moment", en="a digest of the number, and the moment"),
        ("erasure.digest",),
        Text(nl="wie gewist is; alleen een afdruk van een nummer", en="whoever was erased; only a digest of a number"),
        Text(
            nl="niemand terughalen met een oude reservekopie",
            en="not to bring anybody back with an old backup",
        ),
        Text(nl="wettelijke plicht: wissen ook waarmaken", en="legal duty: to make an erasure hold"),
        _KEEPERS,
        Text(nl="zolang er reservekopieën van ervoor kunnen zijn", en="as long as there may be backups from before"),
        Goes.ELSEWHERE,
    ),
    Kept(
        DataKind.LOGS,
        Text(nl="Logregels en wat Prefect bijhoudt", en="Logs, and what Prefect keeps"),
        Text(
            nl="nummers van verzoeken, activiteiten en stappen; geen namen, adressen of antwoorden",
            en="numbers of requests, activities and steps; no names, addresses or answers",
        ),
        (),
        Text(nl="niemand bij naam: alleen nummers", en="nobody by name: only numbers"),
        Text(nl="fouten vinden", en="to find faults"),
        Text(nl="gerechtvaardigd belang: beveiliging", en="legitimate interest: security"),
        _KEEPERS,
        Text(
            nl="Prefect: {n} dagen nadat een activiteit klaar is; logregels: zoals de machine het doet, advies 180 "
            "dagen",
            en="Prefect: {n} days after an activity is over; logs: as the machine does it, 180 days is advised",
        ),
        Goes.ELSEWHERE,
        "keep_runs_days",
    ),
    Kept(
        DataKind.BACKUPS,
        Text(nl="Reservekopieën", en="Backups"),
        Text(nl="alles hierboven", en="everything above"),
        (),
        _EVERYBODY,
        Text(nl="herstellen na een storing", en="to recover after a breakdown"),
        Text(nl="wettelijke plicht: beveiliging", en="legal duty: security"),
        _KEEPERS,
        Text(
            nl="{n} dagen; ‘sandwich backups’ zegt welke er nog zijn en wie er nog in staat",
            en="{n} days; ‘sandwich backups’ says which are there still and who is still in them",
        ),
        Goes.ELSEWHERE,
        "keep_backups_days",
    ),
)
"""Everything that is kept of people."""

UNMARKED = frozenset({"person.id", "person.group_name", "person.school_id", "person.company_id"})
"""Columns that belong to a person and say nothing of them by themselves."""
