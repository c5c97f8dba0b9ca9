"""What a person reads beside a question when an answer cannot be taken: what is wrong and what to do."""

from models.form import QuestionType
from models.text import Text

MISSING = {
    QuestionType.SHORT: Text(nl="Vul dit nog in.", en="Please fill this in."),
    QuestionType.LONG: Text(nl="Vul dit nog in.", en="Please fill this in."),
    QuestionType.SINGLE: Text(nl="Kies een antwoord.", en="Choose an answer."),
    QuestionType.MULTI: Text(nl="Kies minstens één antwoord.", en="Choose at least one answer."),
    QuestionType.SCALE5: Text(nl="Kies wat het beste past.", en="Choose what fits best."),
    QuestionType.DATE: Text(nl="Vul een datum in.", en="Fill in a date."),
    QuestionType.DATETIME: Text(nl="Vul een datum en een tijd in.", en="Fill in a date and a time."),
    QuestionType.TIME: Text(nl="Vul een tijd in.", en="Fill in a time."),
    QuestionType.YESNO: Text(nl="Kies ja of nee.", en="Choose yes or no."),
    QuestionType.NUMBER: Text(nl="Vul een getal in.", en="Fill in a number."),
    QuestionType.GRID: Text(nl="Vul deze tabel nog in.", en="Please fill in this table."),
    QuestionType.FILE: Text(nl="Voeg een bestand toe.", en="Add a file."),
}

TOO_LONG = Text(
    nl="Deze tekst is te lang. Er passen {limit} tekens; haal er {over} weg.",
    en="This text is too long. {limit} characters fit; remove {over}.",
)
NO_EMAIL = Text(
    nl="Dit is geen e-mailadres. Schrijf het zoals naam@school.nl.",
    en="This is not an e-mail address. Write it like name@school.nl.",
)
NO_PHONE = Text(
    nl="Dit is geen telefoonnummer. Schrijf het zoals 06-12345678.",
    en="This is not a phone number. Write it like 06-12345678.",
)
NO_OPTION = Text(
    nl="Dit antwoord hoort niet bij deze vraag. Kies opnieuw.",
    en="This answer does not belong to this question. Choose again.",
)
SEVERAL = Text(nl="Hier staan twee antwoorden. Laat er één staan.", en="Two answers stand here. Keep one of them.")
AT_MOST = Text(nl="Kies er hoogstens {limit}. Haal er {over} weg.", en="Choose at most {limit}. Remove {over}.")
AT_LEAST = Text(nl="Kies er minstens {limit}.", en="Choose at least {limit}.")
AT_LEAST_ROWS = Text(nl="Vul minstens {limit} regels in.", en="Fill in at least {limit} rows.")
CHOSEN_TWICE = Text(
    nl="Dit heb je al bij een andere regel gekozen. Kies het maar één keer.",
    nl_u="Dit heeft u al bij een andere regel gekozen. Kies het maar één keer.",
    en="You have chosen this in another row already. Choose it only once.",
)
OTHER_TEXT = Text(nl="Schrijf erbij wat ‘anders’ is.", en="Write what the other thing is.")
OTHER_UNCHOSEN = Text(
    nl="Er staat tekst bij ‘anders’, maar een ander antwoord is gekozen. Kies ‘anders’ of maak de tekst leeg.",
    en="There is a text beside the last option, but another one is chosen. Choose that option or clear the text.",
)
NO_DATE = Text(
    nl="Dit is geen datum. Schrijf hem zoals 5-11-2026.",
    en="This is not a date. Write it like 5-11-2026 (day, month, year).",
)
IMPOSSIBLE_DATE = Text(
    nl="Deze datum bestaat niet. Kijk de dag en de maand na.",
    en="This date does not exist. Check the day and the month.",
)
ODD_YEAR = Text(nl="Klopt het jaar? Schrijf het met vier cijfers.", en="Is the year right? Write it with four digits.")
NO_DATETIME = Text(
    nl="Dit is geen datum met een tijd. Schrijf het zoals 5-11-2026 13:30.",
    en="This is not a date with a time. Write it like 5-11-2026 13:30.",
)
NO_TIME = Text(nl="Dit is geen tijd. Schrijf hem zoals 13:30.", en="This is not a time. Write it like 13:30.")
NO_NUMBER = Text(
    nl="Dit is geen getal. Schrijf cijfers, bijvoorbeeld 6 of 1,5.",
    en="This is not a number. Write digits, for example 6 or 1.5.",
)
NOT_WHOLE = Text(nl="Schrijf een heel getal, zonder komma.", en="Write a whole number, without decimals.")
TOO_SMALL = Text(
    nl="Dit getal is te klein. Het laagste is {limit}.", en="This number is too small. The lowest is {limit}."
)
TOO_LARGE = Text(
    nl="Dit getal is te groot. Het hoogste is {limit}.", en="This number is too large. The highest is {limit}."
)
ROW_NAME = Text(nl="Geef deze regel een naam.", en="Give this row a name.")
LOST_FILE = Text(
    nl="Dit bestand is er niet meer. Voeg het opnieuw toe.", en="This file is no longer there. Add it again."
)
