"""What calls say about people: who leaves, comes, is paired, wants something or is not content."""

from sandwich.services.call_words.wording import PHONE, CallAction, CallWords, worded

WORDS: dict[str, CallWords] = {
    "no-pairs": worded(
        CallAction.PEOPLE,
        ("Er is geen koppel te maken", "No pair can be made"),
        (
            "Van docenten of professionals heeft nog niemand de intake ingevuld. Nodig meer mensen uit.",
            "None of the teachers, or of the professionals, has filled in the intake yet. Invite more people.",
        ),
    ),
    "no-partner": worded(
        CallAction.PAIR,
        ("{who} heeft nog geen partner", "{who} has no partner yet"),
        (
            "Er is niemand over, of niemand past. Zoek iemand, of maak zelf een koppel.",
            "Nobody is left, or nobody fits. Find somebody, or make a pair yourself.",
        ),
    ),
    "partner-by-phone": worded(
        CallAction.PAIR,
        PHONE,
        (
            "{who} zei twee keer nee tegen een partner. Vraag wat wel past.",
            "{who} said no to a partner twice. Ask what would suit.",
        ),
    ),
    "pair-broken": worded(
        CallAction.PAIR,
        ("{who} doet niet meer mee in een koppel", "{who} has left a pair"),
        (
            "De ander staat er nu alleen voor. Bel, en zoek een nieuwe partner.",
            "The other is alone now. Phone, and find a new partner.",
        ),
    ),
    "no-rounds": worded(
        CallAction.PEOPLE,
        ("Er zijn geen rondes te maken", "No rounds can be made"),
        (
            "Er komen te weinig docenten of professionals, of zij zijn er niet tegelijk.",
            "Too few teachers or professionals come, or they are not there at the same time.",
        ),
    ),
    "match-stuck": worded(
        CallAction.LOOK,
        ("Help {who} verder met een match", "Help {who} on with a match"),
        ("Het kwam er nog niet van. Breng hen bij elkaar.", "It has not come off yet. Bring them together."),
    ),
    "would-stop": worded(
        CallAction.LOOK,
        PHONE,
        (
            "{who} stopt liever met de koppeling. Niemand heeft schuld; vraag wat er nodig is.",
            "{who} would rather stop with the pair. It is nobody's fault; ask what is needed.",
        ),
    ),
    "off-course": worded(
        CallAction.LOOK,
        PHONE,
        (
            "‘{step}’: {who} vindt dat het niet op koers ligt. Bel vandaag nog.",
            "‘{step}’: {who} finds that it is off course. Phone today.",
        ),
    ),
    "no-intake-talk": worded(
        CallAction.LOOK,
        ("Help {who} aan een afspraak", "Help {who} to an appointment"),
        ("Het kennismakingsgesprek is nog niet geweest.", "The intake talk has not been yet."),
    ),
    "vog-unknown": worded(
        CallAction.LOOK,
        ("Zoek uit of een VOG nodig is", "Find out whether a certificate of conduct is needed"),
        ("{who} weet het niet. Vraag het aan de school.", "{who} does not know. Ask the school."),
    ),
    "trial-wanted": worded(
        CallAction.LOOK,
        ("Zoek een school voor {who}", "Find a school for {who}"),
        ("{who} wil beginnen met een gastles.", "{who} wants to begin with a lesson as a guest."),
    ),
    "employer-to-ask": worded(
        CallAction.LOOK,
        ("Help {who} met de werkgever", "Help {who} with the employer"),
        (
            "De werkgever weet het nog niet. Bied een uitleg aan.",
            "The employer does not know yet. Offer an explanation.",
        ),
    ),
    "employer-refused": worded(
        CallAction.LOOK,
        PHONE,
        ("De werkgever vindt het niet goed.", "The employer does not agree."),
    ),
    "observed-refuse": worded(
        CallAction.LOOK,
        PHONE,
        (
            "Niet alle docenten bij wie gekeken wordt, vinden het goed. Bespreek het programma.",
            "Not all teachers who would be visited agree. Talk the programme over.",
        ),
    ),
    "follow-up": worded(
        CallAction.LOOK,
        ("{who} wil verder", "{who} would like to go on"),
        (
            "Lees wat het is, en begin die activiteit vanaf deze.",
            "Read what it is, and start that activity from this one.",
        ),
    ),
    "release-refused": worded(
        CallAction.LOOK,
        ("{who} geeft niet iedereen vrij", "{who} does not release everybody"),
        ("‘{step}’: kijk wie het betreft en zoek een oplossing.", "‘{step}’: see who it is and find a way."),
    ),
    "cover-needed": worded(
        CallAction.LOOK,
        ("{who} vraagt om vervanging", "{who} asks for cover"),
        (
            "‘{step}’: regel met de roostermaker wie de lessen overneemt.",
            "‘{step}’: arrange with the timetabler who takes over the lessons.",
        ),
    ),
    "travel-refused": worded(
        CallAction.LOOK,
        ("{who} keurt de reiskosten niet goed", "{who} does not approve the travel costs"),
        ("‘{step}’: bespreek hoe de groep er komt.", "‘{step}’: talk over how the group gets there."),
    ),
    "replaced-on-the-day": worded(
        CallAction.PEOPLE,
        ("Iemand is op de dag vervangen", "Somebody was replaced on the day"),
        ("Kijk in de lijst van {who} wie het was, en vervang.", "See in {who}'s list who it was, and replace."),
    ),
    "extra-people": worded(
        CallAction.PEOPLE,
        ("Er was iemand bij die niet op de lijst stond", "Somebody was there who was not on the list"),
        ("Kijk in de lijst van {who} wie het was, en voeg toe.", "See in {who}'s list who it was, and add them."),
    ),
    "no-trip-leader": worded(
        CallAction.PEOPLE,
        ("{who} leidt het bezoek niet meer", "{who} does not lead the visit any more"),
        ("Kies een andere trekker en voeg die toe.", "Choose another trip leader and add that person."),
    ),
    "below-minimum": worded(
        CallAction.PEOPLE,
        ("Te weinig aanmeldingen", "Too few registrations"),
        (
            "Nodig meer mensen uit, voeg groepen samen, of gelast het af.",
            "Invite more people, merge groups, or call it off.",
        ),
    ),
    "change-cannot": worded(
        CallAction.PEOPLE,
        ("{who} kan niet komen", "{who} cannot come"),
        ("Zoek iemand anders, of ga door zonder.", "Find somebody else, or go on without."),
    ),
    "change-stop": worded(
        CallAction.PEOPLE,
        ("{who} stopt ermee", "{who} stops"),
        ("Zoek iemand anders, of ga door zonder.", "Find somebody else, or go on without."),
    ),
    "change-replaced": worded(
        CallAction.REPLACE,
        ("{who} laat zich vervangen", "{who} wants to be replaced"),
        ("Kijk door wie, en vervang.", "See by whom, and replace."),
    ),
    "change-other-date": worded(
        CallAction.LOOK,
        ("{who} vraagt om een andere datum", "{who} asks for another date"),
        ("Bel wat er kan, en verplaats als dat nodig is.", "Phone about what is possible; move it where needed."),
    ),
    "change-other-contact": worded(
        CallAction.REPLACE,
        ("{who} geeft een andere contactpersoon door", "{who} names another contact person"),
        ("Vervang de contactpersoon.", "Replace the contact person."),
    ),
    "change-other": worded(
        CallAction.LOOK,
        ("{who} heeft een vraag", "{who} has a question"),
        ("Lees het bericht en bel terug.", "Read the message and phone back."),
    ),
    "low-score": worded(
        CallAction.LOOK,
        PHONE,
        ("‘{step}’: {who} was ontevreden. Vraag wat er beter moet.", "‘{step}’: {who} was not satisfied. Ask why."),
    ),
    "incident": worded(
        CallAction.LOOK,
        PHONE,
        ("Er is op de dag iets voorgevallen. Vraag wat er was.", "Something happened on the day. Ask what it was."),
    ),
    "wants-new-date": worded(
        CallAction.LOOK,
        ("Er is belangstelling voor een nieuwe datum", "There is interest in a new date"),
        (
            "Het ging niet door, en dit antwoordden deelnemers op de vraag of zij een nieuwe datum willen.",
            "It was called off, and this is what participants answered when asked whether they want a new date.",
        ),
    ),
}
