"""What calls say when somebody is to be reached, or has to answer."""

from sandwich.services.call_words.wording import PHONE, CallAction, CallWords, worded

NOT_REGISTERED = "not-registered"
"""The words about somebody who did not say in time whether they come."""

WORDS: dict[str, CallWords] = {
    "no-answer": worded(
        CallAction.PHONE_IN,
        PHONE,
        (
            "Nog geen antwoord op ‘{step}’, gevraagd op {since}.",
            "No answer yet to ‘{step}’, asked on {since}.",
        ),
    ),
    NOT_REGISTERED: worded(
        CallAction.PHONE_IN,
        PHONE,
        (
            "Zei niet op tijd of er een plek nodig is (‘{step}’, gevraagd op {since}). Wij rekenen niet op {who} tot er"
            " een ja is.",
            "Did not say in time whether a place is needed (‘{step}’, asked on {since}). We do not count on {who} until"
            " there is a yes.",
        ),
    ),
    "by-phone": worded(
        CallAction.PHONE_IN,
        PHONE,
        ("‘{step}’: {who} antwoordt liever aan de telefoon.", "‘{step}’: {who} rather answers by phone."),
    ),
    "by-app": worded(
        CallAction.PHONE_IN,
        ("Stuur {who} een bericht", "Send {who} a message"),
        (
            "‘{step}’: {who} antwoordt liever op een app of sms. Vul in wat er terugkomt.",
            "‘{step}’: {who} rather answers to a message. Fill in what comes back.",
        ),
    ),
    "no-room": worded(
        CallAction.PHONE_IN,
        PHONE,
        (
            "‘{step}’: {who} kreeg deze week al genoeg mail, en dit kan niet wachten. De mail is niet weg.",
            "‘{step}’: {who} got enough mail this week already, and this cannot wait. The mail did not leave.",
        ),
    ),
    "bounced": worded(
        CallAction.PHONE_IN,
        PHONE,
        (
            "‘{step}’: de mail kwam niet aan. Vraag het goede adres.",
            "‘{step}’: the mail did not arrive. Ask for the right address.",
        ),
    ),
    "no-address": worded(
        CallAction.PHONE_IN,
        PHONE,
        (
            "‘{step}’: er is geen mailadres dat werkt. Vraag ernaar.",
            "‘{step}’: there is no mail address that works. Ask for one.",
        ),
    ),
    "mail-failed": worded(
        CallAction.PHONE_IN,
        PHONE,
        ("‘{step}’: de mail kon niet weg.", "‘{step}’: the mail could not be sent."),
    ),
    "mail-unknown": worded(
        CallAction.PHONE_IN,
        PHONE,
        (
            "‘{step}’: het is niet zeker dat de mail aankwam. Vraag het na.",
            "‘{step}’: it is not certain that the mail arrived. Ask about it.",
        ),
    ),
    "phone-round": worded(
        CallAction.LOOK,
        ("Bel iedereen die meedoet", "Phone everybody who takes part"),
        (
            "De dag is dichtbij en er is iets veranderd. De mail is weg, maar wordt misschien te laat gelezen.",
            "The day is near and something has changed. The mail has left, but may be read too late.",
        ),
    ),
    "feedback-by-phone": worded(
        CallAction.LOOK,
        PHONE,
        ("{who} hoort de terugkoppeling graag aan de telefoon.", "{who} would like the feedback by phone."),
    ),
    "tell-match": worded(
        CallAction.LOOK,
        PHONE,
        (
            "{who} krijgt geen mail. Vertel met wie het wederzijds is, en geef naam en nummer door.",
            "{who} gets no mail. Tell with whom it is mutual, and pass on name and number.",
        ),
    ),
    "contact-left": worded(
        CallAction.REPLACE,
        ("{who} werkt er niet meer", "{who} does not work there any more"),
        (
            "Kies een ander bij het bedrijf. Wat {who} antwoordde, blijft staan.",
            "Choose somebody else at the company. What {who} answered stays.",
        ),
    ),
    "other-person": worded(
        CallAction.REPLACE,
        ("{who} noemt iemand anders", "{who} names somebody else"),
        ("‘{step}’: kijk wie het moet zijn, en vervang of voeg toe.", "‘{step}’: see who it is; replace or add."),
    ),
    "remark": worded(
        CallAction.LOOK,
        ("{who} schreef iets voor jou", "{who} wrote something for you"),
        ("‘{step}’: lees het, en bel als dat nodig is.", "‘{step}’: read it, and phone where needed."),
    ),
    "reply": worded(
        CallAction.PHONE_IN,
        ("{who} antwoordde op de mail", "{who} replied to the mail"),
        (
            "‘{step}’: dit is niet zeker als antwoord te lezen. Vul het in, of vraag het na.",
            "‘{step}’: this cannot be read with certainty as an answer. Fill it in, or ask about it.",
        ),
    ),
    "reply-after": worded(
        CallAction.PHONE_IN,
        ("{who} antwoordt iets anders", "{who} answers something else"),
        (
            "‘{step}’: er was al een antwoord, en nu staat er iets anders in een mail. Vraag wat geldt.",
            "‘{step}’: there was an answer already, and now a mail says something else. Ask which one holds.",
        ),
    ),
    "reply-words": worded(
        CallAction.LOOK,
        ("{who} schreef je in een mail", "{who} wrote to you in a mail"),
        ("‘{step}’: lees het, en bel als dat nodig is.", "‘{step}’: read it, and phone where needed."),
    ),
    "reply-later": worded(
        CallAction.PHONE_IN,
        ("{who} wil later", "{who} wants it later"),
        (
            "‘{step}’: in een mail staat alleen ‘later’. Spreek af wanneer.",
            "‘{step}’: a mail says ‘later’ and nothing else. Agree when.",
        ),
    ),
    "reply-not-me": worded(
        CallAction.REPLACE,
        ("{who} is niet de juiste persoon", "{who} is not the right person"),
        ("‘{step}’: kijk wie het moet zijn, en vervang of voeg toe.", "‘{step}’: see who it is; replace or add."),
    ),
    "reply-stop": worded(
        CallAction.PHONE_IN,
        ("{who} schrijft ‘stop’", "{who} writes ‘stop’"),
        (
            "‘{step}’: vraag of {who} niet meer meedoet, of alleen geen mail meer wil.",
            "‘{step}’: ask whether {who} takes part no more, or only wants no more mail.",
        ),
    ),
    "contact-wanted": worded(
        CallAction.LOOK,
        ("{who} wil contact met het bedrijf", "{who} would like contact with the company"),
        ("‘{step}’: breng hen met elkaar in contact.", "‘{step}’: bring them in touch with each other."),
    ),
    "mail-reply": worded(
        CallAction.PHONE_IN,
        ("{who} antwoordde per mail", "{who} answered by mail"),
        (
            "‘{step}’: lees de mail, en vul in wat erin staat.",
            "‘{step}’: read the mail, and fill in what it says.",
        ),
    ),
    "mail-elsewhere": worded(
        CallAction.LOOK,
        ("Iemand antwoordde op een mail aan {who}", "Somebody answered a mail to {who}"),
        (
            "De mail komt van een ander adres dan waar de vraag heen ging. Lees hem, en bel {who} als dat nodig is.",
            "The mail comes from another address than the one asked. Read it, and phone {who} where needed.",
        ),
    ),
    "mail-closed": worded(
        CallAction.PHONE_IN,
        ("{who} stuurde een versleutelde mail", "{who} sent an encrypted mail"),
        (
            "‘{step}’: Sandwich kan de mail niet lezen. Bel {who}, of vraag om een gewone mail.",
            "‘{step}’: Sandwich cannot read the mail. Phone {who}, or ask for a plain one.",
        ),
    ),
    "mail-too-large": worded(
        CallAction.LOOK,
        ("{who} stuurde een te grote mail", "{who} sent a mail that is too large"),
        (
            "De mail staat nog in de mailbox voor binnenkomende mail. Lees hem daar.",
            "The mail still stands in the mailbox for mail that comes in. Read it there.",
        ),
    ),
    "mail-unreadable": worded(
        CallAction.LOOK,
        ("Een mail van {who} is niet te verwerken", "A mail by {who} cannot be handled"),
        ("Lees de mail zelf.", "Read the mail yourself."),
    ),
    "calendar-declined": worded(
        CallAction.LOOK,
        ("{who} wees de afspraak af in de agenda", "{who} declined the appointment in the calendar"),
        (
            "Dat is nog geen afmelding. Bel, en haal {who} eruit als dat klopt.",
            "That is no withdrawal yet. Phone, and take {who} out if it is right.",
        ),
    ),
    "calendar-unclear": worded(
        CallAction.LOOK,
        ("{who} antwoordde vanuit de agenda", "{who} answered from the calendar"),
        (
            "Sandwich weet niet zeker wat er bedoeld is. Lees de mail, en bel als dat nodig is.",
            "Sandwich is not sure what was meant. Read the mail, and phone where needed.",
        ),
    ),
}
