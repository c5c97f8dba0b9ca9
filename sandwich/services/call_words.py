"""What a call says to the coordinator: who to phone or what to look at, why, and what can be done about it."""

from dataclasses import dataclass
from enum import StrEnum

from models.playbook import CLOSING
from models.text import Text
from sandwich.services.calls import CHECK_WORDS


class CallAction(StrEnum):
    """What the button of a call leads to."""

    PHONE_IN = "phone_in"  # phone somebody and fill in the form meanwhile
    DECIDE = "decide"  # look at a counter-proposal and answer it
    FIX_DATE = "fix_date"
    ASK_HOST = "ask_host"  # ask the host about what came in after it looked at the card
    WORDS = "words"  # look at words that had better not stand on the card
    FOR_GROUP = "for_group"  # publish what the participants released, in the name of the group
    PEOPLE = "people"  # add people
    REPLACE = "replace"  # let somebody else take a place
    LOOK = "look"  # look at the activity


@dataclass(frozen=True)
class CallWords:
    """Heading and reason with ``{who}``, ``{step}`` and ``{since}`` to fill in."""

    heading: Text
    reason: Text
    action: CallAction

    def heading_for(self, **values: str) -> Text:
        """Return the heading with the names in it."""
        return _fill(self.heading, **values)

    def reason_for(self, step: Text, since: Text, **values: str) -> Text:
        """Return the reason with the step and the day in each language."""
        return Text(
            nl=self.reason.nl.format(step=step.nl, since=since.nl, **values),
            en=self.reason.en.format(step=step.en, since=since.en, **values),
        )


def _fill(text: Text, **values: str) -> Text:
    return Text(nl=text.nl.format(**values), en=text.en.format(**values))


def _words(action: CallAction, heading: tuple[str, str], reason: tuple[str, str]) -> CallWords:
    return CallWords(Text(nl=heading[0], en=heading[1]), Text(nl=reason[0], en=reason[1]), action)


NOT_REGISTERED = "not-registered"
"""The words about somebody who did not say in time whether they come."""

_PHONE = ("Bel {who}", "Phone {who}")

WORDS = {
    "no-answer": _words(
        CallAction.PHONE_IN,
        _PHONE,
        (
            "Nog geen antwoord op ‘{step}’, gevraagd op {since}.",
            "No answer yet to ‘{step}’, asked on {since}.",
        ),
    ),
    NOT_REGISTERED: _words(
        CallAction.PHONE_IN,
        _PHONE,
        (
            "Zei niet op tijd of er een plek nodig is (‘{step}’, gevraagd op {since}). Wij rekenen niet op {who} tot er"
            " een ja is.",
            "Did not say in time whether a place is needed (‘{step}’, asked on {since}). We do not count on {who} until"
            " there is a yes.",
        ),
    ),
    "by-phone": _words(
        CallAction.PHONE_IN,
        _PHONE,
        ("‘{step}’: {who} antwoordt liever aan de telefoon.", "‘{step}’: {who} rather answers by phone."),
    ),
    "by-app": _words(
        CallAction.PHONE_IN,
        ("Stuur {who} een bericht", "Send {who} a message"),
        (
            "‘{step}’: {who} antwoordt liever op een app of sms. Vul in wat er terugkomt.",
            "‘{step}’: {who} rather answers to a message. Fill in what comes back.",
        ),
    ),
    "bounced": _words(
        CallAction.PHONE_IN,
        _PHONE,
        (
            "‘{step}’: de mail kwam niet aan. Vraag het goede adres.",
            "‘{step}’: the mail did not arrive. Ask for the right address.",
        ),
    ),
    "contact-left": _words(
        CallAction.REPLACE,
        ("{who} werkt er niet meer", "{who} does not work there any more"),
        (
            "Kies een ander bij het bedrijf. Wat {who} antwoordde, blijft staan.",
            "Choose somebody else at the company. What {who} answered stays.",
        ),
    ),
    "no-address": _words(
        CallAction.PHONE_IN,
        _PHONE,
        (
            "‘{step}’: er is geen mailadres dat werkt. Vraag ernaar.",
            "‘{step}’: there is no mail address that works. Ask for one.",
        ),
    ),
    "mail-failed": _words(
        CallAction.PHONE_IN,
        _PHONE,
        ("‘{step}’: de mail kon niet weg.", "‘{step}’: the mail could not be sent."),
    ),
    "mail-unknown": _words(
        CallAction.PHONE_IN,
        _PHONE,
        (
            "‘{step}’: het is niet zeker dat de mail aankwam. Vraag het na.",
            "‘{step}’: it is not certain that the mail arrived. Ask about it.",
        ),
    ),
    "not-agreed": _words(
        CallAction.LOOK,
        _PHONE,
        (
            "‘{step}’: {who} wil iets anders. Lees het antwoord en zoek samen een oplossing.",
            "‘{step}’: {who} wants something different. Read the answer and find a way together.",
        ),
    ),
    "no-pairs": _words(
        CallAction.PEOPLE,
        ("Er is geen koppel te maken", "No pair can be made"),
        (
            "Van docenten of professionals heeft nog niemand de intake ingevuld. Nodig meer mensen uit.",
            "None of the teachers, or of the professionals, has filled in the intake yet. Invite more people.",
        ),
    ),
    "no-partner": _words(
        CallAction.LOOK,
        ("{who} heeft nog geen partner", "{who} has no partner yet"),
        (
            "Er is niemand over, of niemand past. Zoek iemand, of maak zelf een koppel.",
            "Nobody is left, or nobody fits. Find somebody, or make a pair yourself.",
        ),
    ),
    "partner-by-phone": _words(
        CallAction.LOOK,
        _PHONE,
        (
            "{who} zei twee keer nee tegen een partner. Vraag wat wel past.",
            "{who} said no to a partner twice. Ask what would suit.",
        ),
    ),
    "pair-broken": _words(
        CallAction.LOOK,
        ("{who} doet niet meer mee in een koppel", "{who} has left a pair"),
        (
            "De ander staat er nu alleen voor. Bel, en zoek een nieuwe partner.",
            "The other is alone now. Phone, and find a new partner.",
        ),
    ),
    "no-rounds": _words(
        CallAction.PEOPLE,
        ("Er zijn geen rondes te maken", "No rounds can be made"),
        (
            "Er komen te weinig docenten of professionals, of zij zijn er niet tegelijk.",
            "Too few teachers or professionals come, or they are not there at the same time.",
        ),
    ),
    "follow-up": _words(
        CallAction.LOOK,
        ("{who} wil verder", "{who} would like to go on"),
        (
            "Lees wat het is, en begin die activiteit vanaf deze.",
            "Read what it is, and start that activity from this one.",
        ),
    ),
    "no-oral-feedback": _words(
        CallAction.LOOK,
        ("Bel de school over het bezoek", "Phone the school about the visit"),
        ("Aan het eind is nog niets mondeling teruggegeven.", "Nothing was told in person at the end yet."),
    ),
    "observed-refuse": _words(
        CallAction.LOOK,
        _PHONE,
        (
            "Niet alle docenten bij wie gekeken wordt, vinden het goed. Bespreek het programma.",
            "Not all teachers who would be visited agree. Talk the programme over.",
        ),
    ),
    "off-course": _words(
        CallAction.LOOK,
        _PHONE,
        (
            "‘{step}’: {who} vindt dat het niet op koers ligt. Bel vandaag nog.",
            "‘{step}’: {who} finds that it is off course. Phone today.",
        ),
    ),
    "no-intake-talk": _words(
        CallAction.LOOK,
        ("Help {who} aan een afspraak", "Help {who} to an appointment"),
        ("Het kennismakingsgesprek is nog niet geweest.", "The intake talk has not been yet."),
    ),
    "would-stop": _words(
        CallAction.LOOK,
        _PHONE,
        (
            "{who} stopt liever met de koppeling. Niemand heeft schuld; vraag wat er nodig is.",
            "{who} would rather stop with the pair. It is nobody's fault; ask what is needed.",
        ),
    ),
    "vog-unknown": _words(
        CallAction.LOOK,
        ("Zoek uit of een VOG nodig is", "Find out whether a certificate of conduct is needed"),
        ("{who} weet het niet. Vraag het aan de school.", "{who} does not know. Ask the school."),
    ),
    "trial-wanted": _words(
        CallAction.LOOK,
        ("Zoek een school voor {who}", "Find a school for {who}"),
        ("{who} wil beginnen met een gastles.", "{who} wants to begin with a lesson as a guest."),
    ),
    "employer-to-ask": _words(
        CallAction.LOOK,
        ("Help {who} met de werkgever", "Help {who} with the employer"),
        (
            "De werkgever weet het nog niet. Bied een uitleg aan.",
            "The employer does not know yet. Offer an explanation.",
        ),
    ),
    "employer-refused": _words(
        CallAction.LOOK,
        _PHONE,
        ("De werkgever vindt het niet goed.", "The employer does not agree."),
    ),
    "match-stuck": _words(
        CallAction.LOOK,
        ("Help {who} verder met een match", "Help {who} on with a match"),
        ("Het kwam er nog niet van. Breng hen bij elkaar.", "It has not come off yet. Bring them together."),
    ),
    "choose-date": _words(
        CallAction.FIX_DATE,
        ("Kies een datum met {who}", "Choose a date with {who}"),
        ("Geen van de voorgestelde dagen past zonder meer.", "None of the proposed days simply suits."),
    ),
    "other-date": _words(
        CallAction.FIX_DATE,
        ("{who} noemt een andere datum", "{who} names another date"),
        ("Geen van de voorgestelde dagen past. Kijk wat wel kan.", "None of the proposed days suits. See what does."),
    ),
    "host-declined": _words(
        CallAction.LOOK,
        _PHONE,
        (
            "{who} kan niet meedoen. Zoek een ander bedrijf of een ander moment.",
            "{who} cannot take part. Find another company or another time.",
        ),
    ),
    "other-person": _words(
        CallAction.REPLACE,
        ("{who} noemt iemand anders", "{who} names somebody else"),
        ("‘{step}’: kijk wie het moet zijn, en vervang of voeg toe.", "‘{step}’: see who it is; replace or add."),
    ),
    "release-refused": _words(
        CallAction.LOOK,
        ("{who} geeft niet iedereen vrij", "{who} does not release everybody"),
        ("‘{step}’: kijk wie het betreft en zoek een oplossing.", "‘{step}’: see who it is and find a way."),
    ),
    "refused": _words(
        CallAction.LOOK,
        _PHONE,
        ("‘{step}’: {who} gaat niet akkoord, sinds {since}.", "‘{step}’: {who} does not agree, since {since}."),
    ),
    "counter-proposal": _words(
        CallAction.DECIDE,
        ("Tegenvoorstel van {who}", "Counter-proposal by {who}"),
        ("Bekijk het verschil en geef antwoord. Sinds {since}.", "See the difference and answer. Since {since}."),
    ),
    "talk-together": _words(
        CallAction.DECIDE,
        ("Bel samen met {who}", "Talk it through with {who}"),
        ("‘{step}’: na twee rondes is er nog geen akkoord.", "‘{step}’: after two rounds there is no agreement yet."),
    ),
    "not-arranged": _words(
        CallAction.LOOK,
        _PHONE,
        ("‘{step}’: nog niet alles is geregeld.", "‘{step}’: not everything is arranged yet."),
    ),
    "other-times": _words(
        CallAction.LOOK,
        ("{who} noemt andere tijden", "{who} names other times"),
        (
            "‘{step}’: de tijden zijn anders dan afgesproken. Vraag welke kloppen, en verplaats als dat nodig is.",
            "‘{step}’: the times differ from what was agreed. Ask which are right, and move it where needed.",
        ),
    ),
    "incident": _words(
        CallAction.LOOK,
        _PHONE,
        ("Er is op de dag iets voorgevallen. Vraag wat er was.", "Something happened on the day. Ask what it was."),
    ),
    "replaced-on-the-day": _words(
        CallAction.PEOPLE,
        ("Iemand is op de dag vervangen", "Somebody was replaced on the day"),
        ("Kijk in de lijst van {who} wie het was, en vervang.", "See in {who}'s list who it was, and replace."),
    ),
    "extra-people": _words(
        CallAction.PEOPLE,
        ("Er was iemand bij die niet op de lijst stond", "Somebody was there who was not on the list"),
        ("Kijk in de lijst van {who} wie het was, en voeg toe.", "See in {who}'s list who it was, and add them."),
    ),
    "cover-needed": _words(
        CallAction.LOOK,
        ("{who} vraagt om vervanging", "{who} asks for cover"),
        (
            "‘{step}’: regel met de roostermaker wie de lessen overneemt.",
            "‘{step}’: arrange with the timetabler who takes over the lessons.",
        ),
    ),
    "travel-refused": _words(
        CallAction.LOOK,
        ("{who} keurt de reiskosten niet goed", "{who} does not approve the travel costs"),
        ("‘{step}’: bespreek hoe de groep er komt.", "‘{step}’: talk over how the group gets there."),
    ),
    "contact-wanted": _words(
        CallAction.LOOK,
        ("{who} wil contact met het bedrijf", "{who} would like contact with the company"),
        ("‘{step}’: breng hen met elkaar in contact.", "‘{step}’: bring them in touch with each other."),
    ),
    "low-score": _words(
        CallAction.LOOK,
        _PHONE,
        ("‘{step}’: {who} was ontevreden. Vraag wat er beter moet.", "‘{step}’: {who} was not satisfied. Ask why."),
    ),
    "feedback-by-phone": _words(
        CallAction.LOOK,
        _PHONE,
        ("{who} hoort de terugkoppeling graag aan de telefoon.", "{who} would like the feedback by phone."),
    ),
    "card-objected": _words(
        CallAction.LOOK,
        _PHONE,
        ("{who} wil de indrukkenkaart nog niet delen.", "{who} does not want to share the card yet."),
    ),
    "card-addition": _words(
        CallAction.ASK_HOST,
        ("Er zijn nieuwe indrukken voor de kaart", "There are new impressions for the card"),
        (
            "Ze kwamen nadat het bedrijf keek en staan nog niet op de kaart. Vraag het bedrijf opnieuw.",
            "They came after the company looked and are not on the card yet. Ask the company again.",
        ),
    ),
    CHECK_WORDS: _words(
        CallAction.WORDS,
        ("Bekijk woorden op de indrukkenkaart", "Look at words on the impression card"),
        (
            "Misschien staat er een naam van een leerling, of iets over gezondheid. Tot je keek, wacht de kaart.",
            "Perhaps a pupil's name stands there, or something about health. The card waits until you have looked.",
        ),
    ),
    "no-trip-leader": _words(
        CallAction.PEOPLE,
        ("{who} leidt het bezoek niet meer", "{who} does not lead the visit any more"),
        ("Kies een andere trekker en voeg die toe.", "Choose another trip leader and add that person."),
    ),
    "change-cannot": _words(
        CallAction.PEOPLE,
        ("{who} kan niet komen", "{who} cannot come"),
        ("Zoek iemand anders, of ga door zonder.", "Find somebody else, or go on without."),
    ),
    "change-stop": _words(
        CallAction.PEOPLE,
        ("{who} stopt ermee", "{who} stops"),
        ("Zoek iemand anders, of ga door zonder.", "Find somebody else, or go on without."),
    ),
    "change-replaced": _words(
        CallAction.REPLACE,
        ("{who} laat zich vervangen", "{who} wants to be replaced"),
        ("Kijk door wie, en vervang.", "See by whom, and replace."),
    ),
    "change-other-date": _words(
        CallAction.LOOK,
        ("{who} vraagt om een andere datum", "{who} asks for another date"),
        ("Bel wat er kan, en verplaats als dat nodig is.", "Phone about what is possible; move it where needed."),
    ),
    "change-other-contact": _words(
        CallAction.REPLACE,
        ("{who} geeft een andere contactpersoon door", "{who} names another contact person"),
        ("Vervang de contactpersoon.", "Replace the contact person."),
    ),
    "change-other": _words(
        CallAction.LOOK,
        ("{who} heeft een vraag", "{who} has a question"),
        ("Lees het bericht en bel terug.", "Read the message and phone back."),
    ),
    "remark": _words(
        CallAction.LOOK,
        ("{who} schreef iets voor jou", "{who} wrote something for you"),
        ("‘{step}’: lees het, en bel als dat nodig is.", "‘{step}’: read it, and phone where needed."),
    ),
    "no-date": _words(
        CallAction.FIX_DATE,
        ("Er is nog geen datum", "There is no date yet"),
        ("Bel het bedrijf en prik samen een dag.", "Phone the company and pick a day together."),
    ),
    "below-minimum": _words(
        CallAction.PEOPLE,
        ("Te weinig aanmeldingen", "Too few registrations"),
        (
            "Nodig meer mensen uit, voeg groepen samen, of gelast het af.",
            "Invite more people, merge groups, or call it off.",
        ),
    ),
    "no-goal": _words(
        CallAction.LOOK,
        ("Nog niemand schreef een leerdoel op", "Nobody has written down a goal yet"),
        ("Zonder leerdoel gaat het bezoek niet door.", "Without a goal the visit cannot begin."),
    ),
    "not-ready": _words(
        CallAction.LOOK,
        ("Nog niet klaar om te gaan", "Not ready to go yet"),
        (
            "Kijk wat er ontbreekt. Regel het, of ga toch.",
            "See what is missing. Arrange it, or go all the same.",
        ),
    ),
    CLOSING: _words(
        CallAction.LOOK,
        ("De activiteit is vanzelf afgesloten", "The activity closed by itself"),
        (
            "Niemand had haar afgesloten. Op haar pagina staat wat er nog ontbrak.",
            "Nobody had ended it. Its page says what was still missing.",
        ),
    ),
    "on-hold-long": _words(
        CallAction.LOOK,
        ("De activiteit is nog steeds uitgesteld", "The activity is still on hold"),
        (
            "Al een half jaar gebeurt er niets. Kies een andere datum en ga verder, of annuleer.",
            "Nothing has happened for half a year. Choose another date and go on, or cancel.",
        ),
    ),
    "on-hold-until": _words(
        CallAction.LOOK,
        ("Het uitstel is voorbij", "The hold is over"),
        (
            "De dag waarop je verder wilde gaan is er. Ga verder, stel opnieuw uit, of annuleer.",
            "The day on which you wanted to go on is here. Go on, put it on hold again, or cancel.",
        ),
    ),
    "phone-round": _words(
        CallAction.LOOK,
        ("Bel iedereen die meedoet", "Phone everybody who takes part"),
        (
            "De dag is dichtbij en er is iets veranderd. De mail is weg, maar wordt misschien te laat gelezen.",
            "The day is near and something has changed. The mail has left, but may be read too late.",
        ),
    ),
    "wants-new-date": _words(
        CallAction.LOOK,
        ("Er is belangstelling voor een nieuwe datum", "There is interest in a new date"),
        (
            "Het ging niet door, en dit antwoordden deelnemers op de vraag of zij een nieuwe datum willen.",
            "It was called off, and this is what participants answered when asked whether they want a new date.",
        ),
    ),
    "photo-withdrawn": _words(
        CallAction.LOOK,
        ("{who} trekt de toestemming voor foto's in", "{who} withdraws consent to photos"),
        (
            "Er staan geen foto's meer op de kaart. Kijk op welke {who} staat en verwijder die; de andere komen terug "
            "als je dit afvinkt.",
            "No photos are on the card any more. See which show {who} and remove those; the others come back once you "
            "tick this off.",
        ),
    ),
    "photo-withdrawn-elsewhere": _words(
        CallAction.LOOK,
        ("{who} trekt de toestemming voor foto's elders in", "{who} withdraws consent to photos elsewhere"),
        (
            "Haal foto's met {who} van de website en de sociale media van school.",
            "Take photos with {who} off the school's website and social media.",
        ),
    ),
    "concept-unbegun": _words(
        CallAction.LOOK,
        ("Het concept is nog niet begonnen", "The draft has not begun yet"),
        (
            "Het staat al drie maanden klaar en er is nog niemand gemaild. Begin het, of annuleer het.",
            "It has stood ready for three months and nobody was mailed. Begin it, or cancel it.",
        ),
    ),
    "concept-lapsed": _words(
        CallAction.LOOK,
        ("Het concept is vervallen", "The draft has lapsed"),
        (
            "Drie maanden lang kwam er niemand bij. Er is niemand gemaild; begin gerust een nieuwe activiteit.",
            "For three months nobody was added. Nobody was mailed; feel free to start a new activity.",
        ),
    ),
    "no-impressions": _words(
        CallAction.FOR_GROUP,
        ("Nog niemand deelde indrukken", "Nobody has shared impressions yet"),
        (
            "Vraag iemand uit de groep erom, of publiceer namens de groep wat zij vrijgaven.",
            "Ask somebody of the group, or publish what they released in the name of the group.",
        ),
    ),
}
"""The words of every call that the code makes; a playbook's own calls take the title of their watch."""

_PRIVACY = _words(
    CallAction.LOOK,
    ("Privacyverzoek van {who}", "Privacy request by {who}"),
    ("Antwoord binnen een maand. Gevraagd op {since}.", "Answer within a month. Asked on {since}."),
)


def words_of(what: str, has_person: bool, title: Text | None) -> CallWords:
    """Return the words of a call; one that has none here takes ``title`` or its own name."""
    if what in WORDS:
        return WORDS[what]
    if what.startswith("privacy-"):
        return _PRIVACY
    plain = what.replace("-", " ")
    heading = title or Text(nl=plain.capitalize(), en=plain.capitalize())
    if has_person:
        return CallWords(
            Text(nl="{who}: " + _braced(heading.nl), en="{who}: " + _braced(heading.en)),
            Text(nl="‘{step}’, sinds {since}.", en="‘{step}’, since {since}."),
            CallAction.LOOK,
        )
    return CallWords(
        Text(nl=_braced(heading.nl), en=_braced(heading.en)),
        Text(nl="‘{step}’, sinds {since}.", en="‘{step}’, since {since}."),
        CallAction.LOOK,
    )


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
