"""What people read for the words that the database stores: roles, states and facts."""

from collections.abc import Sequence

from models.roles import Demand, Host, Role, Stage
from models.scopes import ApiScope
from models.steps import OwnFact
from models.tables.activities import ActivityStatus, Approval, Presence, Standing, StepState
from models.tables.asking import InvitationState
from models.tables.mail import MessageState
from models.tables.network import Channel
from models.tables.results import CardState
from models.text import Text


def _text(nl: str, en: str) -> Text:
    return Text(nl=nl, en=en)


STAGE = {
    Stage.BEFORE: _text("voor", "before"),
    Stage.DURING: _text("tijdens", "during"),
    Stage.AFTER: _text("na", "after"),
}

DEMAND = {
    Demand.GOALS: _text("doelen", "goals"),
    Demand.TASK_DIVISION: _text("taken", "tasks"),
    Demand.EVALUATION: _text("evaluatie", "evaluation"),
    Demand.SHARE: _text("gedeeld", "shared"),
    Demand.FEEDBACK: _text("terug", "fed back"),
}

ROLE = {
    Role.COORDINATOR: _text("coördinator", "coordinator"),
    Role.DEPUTY: _text("vervanger van de coördinator", "deputy coordinator"),
    Role.TEACHER: _text("docent", "teacher"),
    Role.TRIP_LEADER: _text("trekker", "trip leader"),
    Role.HOST_CONTACT: _text("contactpersoon", "contact person"),
    Role.PROFESSIONAL: _text("professional", "professional"),
    Role.MENTOR: _text("werkbegeleider", "mentor"),
    Role.COACH: _text("coach", "coach"),
    Role.CHAIR: _text("voorzitter", "chair"),
    Role.REVIEWER: _text("meelezer", "reviewer"),
    Role.EMPLOYER: _text("werkgever", "employer"),
    Role.SCHOOL_LEADER: _text("schoolleider", "school leader"),
    Role.TIMETABLER: _text("roostermaker", "timetabler"),
    Role.COLLEAGUES: _text("collega's", "colleagues"),
    Role.ADOPTER: _text("gebruiker van het materiaal", "user of the material"),
}

RECEIVER = {
    Host.COMPANY: _text("het bedrijf", "the company"),
    Host.SCHOOL: _text("de ontvangende school", "the host school"),
    Host.NOBODY: _text("wie van buiten meedoet", "whoever takes part from outside"),
}
"""Who receives, or looks at the card where nobody does, in the middle of a sentence."""

CHANNEL = {
    Channel.MAIL: _text("mail", "mail"),
    Channel.PHONE: _text("bellen", "phone"),
    Channel.APP: _text("app of sms", "text message"),
}

STATUS = {
    ActivityStatus.CONCEPT: _text("concept", "draft"),
    ActivityStatus.REQUESTED: _text("aangevraagd", "requested"),
    ActivityStatus.BEFORE: _text("voor", "before"),
    ActivityStatus.DURING: _text("tijdens", "during"),
    ActivityStatus.AFTER: _text("na", "after"),
    ActivityStatus.FINISHED: _text("afgerond", "finished"),
    ActivityStatus.ON_HOLD: _text("uitgesteld", "on hold"),
    ActivityStatus.CANCELLED: _text("geannuleerd", "cancelled"),
}

STANDING = {
    Standing.INVITED: _text("uitgenodigd", "invited"),
    Standing.REGISTERED: _text("doet mee", "takes part"),
    Standing.DECLINED: _text("doet niet mee", "does not take part"),
    Standing.WITHDRAWN: _text("afgemeld", "withdrawn"),
    Standing.REPLACED: _text("vervangen", "replaced"),
    Standing.UNANSWERED: _text("gaf geen antwoord, telt niet mee", "did not answer, is not counted on"),
}

APPROVAL = {
    Approval.NOT_NEEDED: _text("geen akkoord nodig", "no approval needed"),
    Approval.OPEN: _text("wacht op akkoord van de schoolleider", "waits for the school leader's approval"),
    Approval.APPROVED: _text("schoolleider akkoord", "approved by the school leader"),
    Approval.REFUSED: _text("schoolleider niet akkoord", "refused by the school leader"),
}

PRESENCE = {
    Presence.UNKNOWN: _text("aanwezigheid nog niet bekend", "attendance not known yet"),
    Presence.PRESENT: _text("was er", "was there"),
    Presence.PARTLY: _text("was er een deel", "was there for a part"),
    Presence.ABSENT: _text("was er niet", "was not there"),
    Presence.PRESUMED: _text("was er, nemen we aan", "was there, we presume"),
}

CARD = {
    CardState.DRAFT: _text("wordt gemaakt", "is being made"),
    CardState.PREVIEWED: _text("ligt bij het bedrijf", "is with the company"),
    CardState.OBJECTED: _text("het bedrijf wil nog niet delen", "the company does not want to share yet"),
    CardState.RELEASED: _text("vrijgegeven door het bedrijf", "released by the company"),
    CardState.PUBLISHED: _text("gedeeld met de school", "shared with the school"),
    CardState.WITHDRAWN: _text("ingetrokken", "withdrawn"),
}

STEP = {
    StepState.PLANNED: _text("komt nog", "to come"),
    StepState.DONE: _text("gedaan", "done"),
    StepState.SKIPPED: _text("overgeslagen", "skipped"),
}

INVITATION = {
    InvitationState.PLANNED: _text("gepland", "planned"),
    InvitationState.SENT: _text("verstuurd", "sent"),
    InvitationState.OPENED: _text("begonnen", "begun"),
    InvitationState.DRAFT: _text("half ingevuld", "half filled in"),
    InvitationState.ANSWERED: _text("ingevuld", "answered"),
    InvitationState.PHONED: _text("telefonisch ingevuld", "answered by phone"),
    InvitationState.COUNTERED: _text("tegenvoorstel", "counter-proposal"),
    InvitationState.REFUSED: _text("geweigerd", "refused"),
    InvitationState.WAIVED: _text("kwijtgescholden", "waived"),
    InvitationState.WITHDRAWN: _text("teruggetrokken", "withdrawn"),
    InvitationState.REPLACED: _text("vervangen", "replaced"),
    InvitationState.CLOSED: _text("gesloten zonder antwoord", "closed without an answer"),
}

MESSAGE = {
    MessageState.QUEUED: _text("staat klaar", "waits"),
    MessageState.SENDING: _text("gaat nu weg", "is leaving now"),
    MessageState.SENT: _text("verstuurd", "sent"),
    MessageState.BUNDLED: _text("in een andere mail meegegaan", "went along in another mail"),
    MessageState.SKIPPED: _text("was niet meer nodig", "was not needed any more"),
    MessageState.HELD: _text("vastgehouden", "held"),
    MessageState.FAILED: _text("niet aangekomen", "failed"),
    MessageState.UNKNOWN: _text("misschien aangekomen", "may have arrived"),
    MessageState.DISCARDED: _text("weggegooid", "discarded"),
}

# Why a mail waits for another day, or did not leave. Other reasons need no words where a state says enough.
REASON = {
    "one-a-day": _text("de lezer kreeg vandaag al een mail", "its reader got a mail today already"),
    "week-full": _text("de lezer kreeg deze week al genoeg mail", "its reader got enough mail this week already"),
    "no-room": _text(
        "geen plek in de week van de lezer en het kon niet wachten: bel",
        "no room in its reader's week and it could not wait: phone",
    ),
    "hour-full": _text(
        "de school verstuurde dit uur al zo veel mail als mag", "its school has sent as much mail in an hour as it may"
    ),
    "quiet-hours": _text("wacht tot de lezer weer werkt", "waits until its reader is at work again"),
    "by-hand": _text("door een coördinator", "by a coordinator"),
    "restored": _text("was al verstuurd voor het herstel", "had been sent before the restore"),
    "answered": _text("er is al geantwoord", "it was answered already"),
    "done": _text("het is al gedaan", "it was done already"),
    "left": _text("de lezer doet niet meer mee", "its reader takes no part any more"),
    "changed": _text("het is anders afgesproken", "something else was agreed"),
    "on-hold": _text("de activiteit is uitgesteld", "the activity is put off"),
    "cancelled": _text("de activiteit gaat niet door", "the activity does not take place"),
    "away": _text("de lezer is er even niet", "its reader is away"),
    "no-mail": _text("de lezer wil geen mail", "its reader wants no mail"),
    "phones": _text("de lezer belt liever", "its reader would rather phone"),
    "messages": _text("de lezer krijgt liever een appje", "its reader would rather get a message"),
    "no-address": _text("er is geen mailadres dat werkt", "there is no mail address that works"),
    "not-worded": _text("de mail was niet op te stellen", "the mail could not be worded"),
    "deferred": _text("de mailserver van de lezer vraagt om geduld", "its reader's mail server asks for patience"),
    "relay": _text("onze mailserver was niet bereikbaar", "our mail server could not be reached"),
    "setup": _text("onze mailserver neemt geen mail van ons aan", "our mail server takes no mail from us"),
    "refused": _text("de mailserver weigerde de mail", "the mail server refused the mail"),
    "bounced": _text("het adres bestaat niet", "the address does not exist"),
}

MAIL = {
    "request": _text("verzoek aan het bedrijf", "request to the company"),
    "invitation": _text("uitnodiging", "invitation"),
    "release": _text("vraag om akkoord", "request for approval"),
    "release-information": _text("bericht voor de roostermaker", "note for the timetabler"),
    "goals": _text("vraag naar leerdoelen", "question about goals"),
    "task-division": _text("voorstel taakverdeling", "proposed task division"),
    "counter-proposal": _text("tegenvoorstel", "counter-proposal"),
    "new-version": _text("nieuwe versie van de afspraken", "new version of the agreement"),
    "agreed": _text("de afspraken zijn akkoord", "the agreement is made"),
    "refused": _text("geen akkoord", "no agreement"),
    "duty": _text("herinnering aan een afspraak", "reminder of something agreed"),
    "goals-to-host": _text("leerdoelen voor het bedrijf", "goals for the company"),
    "practical-info": _text("praktische informatie", "practical information"),
    "day-reminder": _text("morgen is het zover", "tomorrow it is"),
    "attendance": _text("aanwezigheid", "attendance"),
    "field-note": _text("even noteren", "a quick note"),
    "thank-you": _text("bedankje", "thank-you"),
    "evaluation": _text("evaluatie", "evaluation"),
    "host-evaluation": _text("evaluatie bedrijf", "company's evaluation"),
    "impressions": _text("indrukken delen", "share impressions"),
    "host-preview": _text("vraag om vrijgave", "request to release the card"),
    "new-card": _text("nieuwe indrukkenkaart", "new impression card"),
    "new-cards": _text("nieuwe indrukkenkaarten", "new impression cards"),
    "card-withdrawn": _text("indrukkenkaart ingetrokken", "impression card withdrawn"),
    "colleague-wish": _text("vraag van collega's", "question from colleagues"),
    "feedback-host": _text("terugkoppeling bedrijf", "feedback to the company"),
    "feedback-participant": _text("terugkoppeling deelnemer", "feedback to a participant"),
    "feedback-school-leader": _text("terugkoppeling schoolleider", "feedback to the school leader"),
    "impact-check": _text("impactcheck", "impact check"),
    "result-to-host": _text("wat het opleverde", "what it led to"),
    "ask": _text("vraag van deze soort activiteit", "question of this kind of activity"),
    "tell": _text("bericht van deze soort activiteit", "note of this kind of activity"),
    "certificate": _text("certificaat", "certificate"),
    "pair-proposal": _text("voorstel voor een koppel", "proposal of a pair"),
    "matches": _text("allebei ja gezegd", "both said yes"),
    "rounds": _text("ieders rondes", "everybody's rounds"),
    "reminder": _text("herinnering", "reminder"),
    "moved": _text("nieuwe datum", "new date"),
    "online": _text("gaat online door", "goes on online"),
    "fewer": _text("er komen minder mensen", "fewer people will come"),
    "cancelled": _text("geannuleerd", "cancelled"),
    "meeting-off": _text("één ontmoeting gaat niet door", "one meeting is off"),
    "left": _text("afmelding voor de agenda", "taken out of the calendar"),
    "on-hold": _text("uitgesteld", "on hold"),
    "resumed": _text("gaat door", "goes ahead"),
    "call": _text("actie nodig", "a hand is needed"),
    "profile": _text("vraag naar het bedrijfsprofiel", "question about the company's profile"),
    "own-link": _text("de eigen link", "the own link"),
    "privacy-code": _text("een code om iets te bevestigen", "a code to confirm something"),
    "privacy-received": _text("privacyverzoek ontvangen", "privacy request received"),
    "week": _text("weekoverzicht", "overview of the week"),
    "bundle": _text("meer vragen in één mail", "several questions in one mail"),
}

# Said of a condition that does not hold yet: what blocks a gate, or what still lacks.
LACKS = {
    "date_fixed": _text("de datum staat nog niet vast", "the date is not fixed yet"),
    "place_known": _text("het adres is nog niet bekend", "the address is not known yet"),
    "host_known": _text("het bedrijf heeft nog geen contactpersoon", "the company has no contact person yet"),
    "task_division_accepted": _text("de taakverdeling is nog niet akkoord", "the task division is not agreed yet"),
    "task_division_settled": _text("de taakverdeling is nog niet akkoord", "the task division is not agreed yet"),
    "group_goal": _text("nog niemand heeft een leerdoel opgeschreven", "nobody has written down a goal yet"),
    "most_goals": _text("nog niet bijna iedereen heeft een leerdoel", "not nearly everybody has a goal yet"),
    "every_goal": _text("nog niet iedereen heeft een leerdoel", "not everybody has a goal yet"),
    "release_settled": _text(
        "een schoolleider moet nog akkoord geven", "a school leader still has to approve the release"
    ),
    "host_goals": _text("we weten nog niet wat het bedrijf zelf wil", "we do not know yet what the company wants"),
    "practical_info_confirmed": _text(
        "de praktische informatie is nog niet bevestigd", "the practical information is not confirmed yet"
    ),
    "photo_consent_asked": _text("nog niet gevraagd of foto's mogen", "nobody was asked about photos yet"),
    "day_phone_known": _text("er is geen telefoonnummer voor de dag zelf", "there is no phone number for the day"),
    "number_known": _text(
        "het bedrijf zei nog niet hoeveel mensen er kunnen komen", "the company has not said how many people can come"
    ),
    "safety_known": _text("de veiligheidsregels zijn nog niet bekend", "the safety rules are not known yet"),
    "last_moment_over": _text("het moet nog plaatsvinden", "it has yet to take place"),
    "attendance_known": _text("nog niet bekend wie er was", "it is not known yet who was there"),
    "field_note": _text("nog niemand heeft iets genoteerd", "nobody has made a note yet"),
    "evaluation_closed": _text("de evaluatie loopt nog", "the evaluation is still open"),
    "shared": _text("de indrukken zijn nog niet gedeeld met de school", "the impressions are not shared yet"),
    "fed_back": _text("er is nog niet teruggekoppeld", "those involved have had no feedback yet"),
    "thanked": _text("het bedrijf is nog niet bedankt", "the company has not been thanked yet"),
    "hours_stated": _text("de uren van het bedrijf zijn nog niet bekend", "the company's hours are not known yet"),
    "most_evaluations": _text("nog geen zeven van de tien evaluaties", "fewer than seven in ten evaluations"),
    "host_evaluated": _text("het bedrijf heeft nog niet teruggekeken", "the company has not looked back yet"),
    "follow_up_chosen": _text("nog geen vervolg gekozen", "no follow-up chosen yet"),
    "half_impact": _text("de impactcheck is nog niet half binnen", "less than half of the impact checks are in"),
    "professionals_enough": _text("er zijn nog te weinig professionals", "there are too few professionals yet"),
    "pairs_proposed": _text("er zijn nog geen koppels voorgesteld", "no pairs are proposed yet"),
    "pairs_made": _text("nog niet alle koppels hebben ja gezegd", "not all pairs have said yes yet"),
    "rounds_fit": _text(
        "er hebben zich nog te weinig mensen aangemeld voor de rondes, of juist te veel",
        "too few people have registered for the rounds yet, or too many",
    ),
    "nobody_missed_two": _text("iemand was er twee keer niet", "somebody was absent twice"),
    "minimum_group": _text("er zijn nog te weinig aanmeldingen", "there are too few registrations yet"),
    "one_impression": _text("nog niemand deelde indrukken", "nobody has shared impressions yet"),
    "card_previewed": _text("het bedrijf heeft de kaart nog niet gezien", "the company has not seen the card yet"),
    "card_released": _text("het bedrijf heeft de kaart nog niet vrijgegeven", "the company has not released the card"),
}


API_SCOPE = {
    ApiScope.FIGURES: _text(nl="alleen cijfers lezen, zonder namen", en="read figures only, without names"),
    ApiScope.READ: _text(nl="alles lezen wat jij ziet", en="read everything that you see"),
    ApiScope.WRITE: _text(nl="lezen, en doen wat jij kunt", en="read, and do what you can do"),
}
"""What a key may do."""


def lacks(fact: str, own: Sequence[OwnFact] = ()) -> Text:
    """Return what is said of a condition that does not hold, one of ``own`` too; for one without words its name."""
    for one in own:
        if one.key == fact:
            return one.lacks
    if fact in LACKS:
        return LACKS[fact]
    plain = fact.replace("_", " ")
    return Text(nl=f"nog niet: {plain}", en=f"not yet: {plain}")
