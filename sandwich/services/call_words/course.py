"""What calls say about the course of an activity: its date, what is agreed, its card, and whether it goes on."""

from models.playbook import CLOSING
from sandwich.services.call_words.wording import PHONE, CallAction, CallWords, worded
from sandwich.services.calls import CHECK_WORDS

WORDS: dict[str, CallWords] = {
    "not-agreed": worded(
        CallAction.LOOK,
        PHONE,
        (
            "‘{step}’: {who} wil iets anders. Lees het antwoord en zoek samen een oplossing.",
            "‘{step}’: {who} wants something different. Read the answer and find a way together.",
        ),
    ),
    "off-schedule": worded(
        CallAction.LOOK,
        ("Het team ligt achter op schema", "The team is behind schedule"),
        (
            "‘{step}’: {who} ziet dat het niet opschiet. Vraag de coach om te helpen.",
            "‘{step}’: {who} sees that it does not get on. Ask the coach to help.",
        ),
    ),
    "no-oral-feedback": worded(
        CallAction.LOOK,
        ("Bel de school over het bezoek", "Phone the school about the visit"),
        ("Aan het eind is nog niets mondeling teruggegeven.", "Nothing was told in person at the end yet."),
    ),
    "choose-date": worded(
        CallAction.FIX_DATE,
        ("Kies een datum met {who}", "Choose a date with {who}"),
        ("Geen van de voorgestelde dagen past zonder meer.", "None of the proposed days simply suits."),
    ),
    "other-date": worded(
        CallAction.FIX_DATE,
        ("{who} noemt een andere datum", "{who} names another date"),
        ("Geen van de voorgestelde dagen past. Kijk wat wel kan.", "None of the proposed days suits. See what does."),
    ),
    "host-declined": worded(
        CallAction.LOOK,
        PHONE,
        (
            "{who} kan niet meedoen. Zoek een ander bedrijf of een ander moment.",
            "{who} cannot take part. Find another company or another time.",
        ),
    ),
    "refused": worded(
        CallAction.LOOK,
        PHONE,
        ("‘{step}’: {who} gaat niet akkoord, sinds {since}.", "‘{step}’: {who} does not agree, since {since}."),
    ),
    "counter-proposal": worded(
        CallAction.DECIDE,
        ("Tegenvoorstel van {who}", "Counter-proposal by {who}"),
        ("Bekijk het verschil en geef antwoord. Sinds {since}.", "See the difference and answer. Since {since}."),
    ),
    "talk-together": worded(
        CallAction.DECIDE,
        ("Bel samen met {who}", "Talk it through with {who}"),
        ("‘{step}’: na twee rondes is er nog geen akkoord.", "‘{step}’: after two rounds there is no agreement yet."),
    ),
    "not-arranged": worded(
        CallAction.LOOK,
        PHONE,
        ("‘{step}’: nog niet alles is geregeld.", "‘{step}’: not everything is arranged yet."),
    ),
    "other-times": worded(
        CallAction.LOOK,
        ("{who} noemt andere tijden", "{who} names other times"),
        (
            "‘{step}’: de tijden zijn anders dan afgesproken. Vraag welke kloppen, en verplaats als dat nodig is.",
            "‘{step}’: the times differ from what was agreed. Ask which are right, and move it where needed.",
        ),
    ),
    "card-objected": worded(
        CallAction.LOOK,
        PHONE,
        ("{who} wil de indrukkenkaart nog niet delen.", "{who} does not want to share the card yet."),
    ),
    "card-addition": worded(
        CallAction.ASK_HOST,
        ("Er zijn nieuwe indrukken voor de kaart", "There are new impressions for the card"),
        (
            "Ze kwamen nadat {receiver} keek en staan nog niet op de kaart. Vraag {receiver} opnieuw.",
            "They came after {receiver} looked and are not on the card yet. Ask {receiver} again.",
        ),
    ),
    CHECK_WORDS: worded(
        CallAction.WORDS,
        ("Bekijk woorden op de indrukkenkaart", "Look at words on the impression card"),
        (
            "Misschien staat er een naam van een leerling, of iets over gezondheid. Tot je keek, wacht de kaart.",
            "Perhaps a pupil's name stands there, or something about health. The card waits until you have looked.",
        ),
    ),
    "no-date": worded(
        CallAction.FIX_DATE,
        ("Er is nog geen datum", "There is no date yet"),
        ("Bel {receiver} en prik samen een dag.", "Phone {receiver} and pick a day together."),
    ),
    "no-goal": worded(
        CallAction.LOOK,
        ("Nog niemand schreef een leerdoel op", "Nobody has written down a goal yet"),
        ("Zonder leerdoel gaat het bezoek niet door.", "Without a goal the visit cannot begin."),
    ),
    "not-ready": worded(
        CallAction.LOOK,
        ("Nog niet klaar om te gaan", "Not ready to go yet"),
        (
            "Kijk wat er ontbreekt. Regel het, of ga toch.",
            "See what is missing. Arrange it, or go all the same.",
        ),
    ),
    CLOSING: worded(
        CallAction.LOOK,
        ("De activiteit is vanzelf afgesloten", "The activity closed by itself"),
        (
            "Niemand had haar afgesloten. Op haar pagina staat wat er nog ontbrak.",
            "Nobody had ended it. Its page says what was still missing.",
        ),
    ),
    "on-hold-long": worded(
        CallAction.LOOK,
        ("De activiteit is nog steeds uitgesteld", "The activity is still on hold"),
        (
            "Al een half jaar gebeurt er niets. Kies een andere datum en ga verder, of annuleer.",
            "Nothing has happened for half a year. Choose another date and go on, or cancel.",
        ),
    ),
    "on-hold-until": worded(
        CallAction.LOOK,
        ("Het uitstel is voorbij", "The hold is over"),
        (
            "De dag waarop je verder wilde gaan is er. Ga verder, stel opnieuw uit, of annuleer.",
            "The day on which you wanted to go on is here. Go on, put it on hold again, or cancel.",
        ),
    ),
    "photo-withdrawn": worded(
        CallAction.LOOK,
        ("{who} trekt de toestemming voor foto's in", "{who} withdraws consent to photos"),
        (
            "Er staan geen foto's meer op de kaart. Kijk op welke {who} staat en verwijder die; de andere komen terug "
            "als je dit afvinkt.",
            "No photos are on the card any more. See which show {who} and remove those; the others come back once you "
            "tick this off.",
        ),
    ),
    "photo-withdrawn-elsewhere": worded(
        CallAction.LOOK,
        ("{who} trekt de toestemming voor foto's elders in", "{who} withdraws consent to photos elsewhere"),
        (
            "Haal foto's met {who} van de website en de sociale media van school.",
            "Take photos with {who} off the school's website and social media.",
        ),
    ),
    "concept-unbegun": worded(
        CallAction.LOOK,
        ("Het concept is nog niet begonnen", "The draft has not begun yet"),
        (
            "Het staat al drie maanden klaar en er is nog niemand gemaild. Begin het, of annuleer het.",
            "It has stood ready for three months and nobody was mailed. Begin it, or cancel it.",
        ),
    ),
    "concept-lapsed": worded(
        CallAction.LOOK,
        ("Het concept is vervallen", "The draft has lapsed"),
        (
            "Drie maanden lang kwam er niemand bij. Er is niemand gemaild; begin gerust een nieuwe activiteit.",
            "For three months nobody was added. Nobody was mailed; feel free to start a new activity.",
        ),
    ),
    "no-impressions": worded(
        CallAction.FOR_GROUP,
        ("Nog niemand deelde indrukken", "Nobody has shared impressions yet"),
        (
            "Vraag iemand uit de groep erom, of publiceer namens de groep wat zij vrijgaven.",
            "Ask somebody of the group, or publish what they released in the name of the group.",
        ),
    ),
}
