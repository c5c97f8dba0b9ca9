"""Why a row cannot be taken, and what to do about it."""

from models.text import Text

GIVEN_NAME = Text(nl="voornaam", en="given name")
FAMILY_NAME = Text(nl="achternaam", en="family name")
WORKS_AT = Text(nl="werkt bij", en="works at")

CELL = Text(nl="kolom ‘{column}’: {said}", en="column ‘{column}’: {said}")
MISSING = Text(
    nl="kolom ‘{column}’ is leeg, en deze persoon is nieuw. Vul de naam in.",
    en="column ‘{column}’ is blank, and this person is new. Fill in the name.",
)
NO_PLACE = Text(
    nl="er staat niet bij welk bedrijf of welke school dit hoort. Vul ‘bedrijf’ of ‘school’ in.",
    en="it does not say to which company or school this belongs. Fill in ‘company’ or ‘school’.",
)
TWO_PLACES = Text(
    nl="er staat een bedrijf en een school. Iemand hoort bij een van de twee; maak de andere leeg.",
    en="there is a company and a school. Somebody belongs to one of the two; blank the other.",
)
NOBODY = Text(
    nl="er staat een school en geen persoon. Vul een naam in.", en="there is a school and no person. Fill in a name."
)
NO_COMPANY = Text(
    nl="er is geen bedrijf met code {code}. Controleer de code, of vul ook de naam in als het nieuw is.",
    en="there is no company with code {code}. Check the code, or fill in the name as well where it is new.",
)
OTHER_CODE = Text(
    nl="‘{name}’ is al bekend, met code {code}. Gebruik die code, of laat de code leeg.",
    en="‘{name}’ is known already, with code {code}. Use that code, or leave the code blank.",
)
CODE_TAKEN = Text(
    nl="code {code} hoort al bij iets of iemand anders. Kies een andere code.",
    en="code {code} belongs to something or somebody else. Choose another code.",
)
NAME_TAKEN = Text(
    nl="een ander bedrijf heet al ‘{name}’ (code {code}). Gebruik die code, of een andere naam.",
    en="another company is called ‘{name}’ already (code {code}). Use that code, or another name.",
)
SEVERAL = Text(
    nl="meer bedrijven heten ‘{name}’. Vul de code in van het goede: {codes}.",
    en="several companies are called ‘{name}’. Fill in the code of the right one: {codes}.",
)
NO_SCHOOL = Text(
    nl="er is geen school ‘{name}’ in deze regio. Kies een van: {names}.",
    en="there is no school ‘{name}’ in this region. Choose one of: {names}.",
)
TWICE = Text(
    nl="deze persoon staat ook in rij {number}. Haal een van de twee weg.",
    en="this person is in row {number} as well. Remove one of the two.",
)
ERASED = Text(
    nl="met code {code} is niemand meer bekend die u kunt wijzigen. Laat de code leeg voor iemand die nieuw is.",
    en="nobody is known by code {code} any more who can be changed. Leave the code blank for somebody new.",
)
NAMESAKES = Text(
    nl="meer mensen heten hier {name}. Vul de persoonscode in; een export noemt die.",
    en="several people here are called {name}. Fill in the person code; an export has it.",
)
ELSEWHERE = Text(
    nl="{name} met dit mailadres is al bekend, bij een ander bedrijf of een school. Werkt die persoon nu hier, vul dan "
    "persoonscode {code} in.",
    en="{name} with this mail address is known already, at another company or a school. If that person works here now, "
    "fill in person code {code}.",
)
MAIL_TAKEN = Text(
    nl="dit mailadres is van {name}. Lezen meer mensen het, schrijf dan ja onder ‘gedeelde mailbox’; is het dezelfde "
    "persoon, neem dan die naam over.",
    en="this mail address is that of {name}. If several people read it, write yes under ‘shared mailbox’; if it is the "
    "same person, take over that name.",
)
MAIL_OF_ROW = Text(
    nl="dit mailadres staat ook in rij {number}. Lezen meer het, schrijf dan ja onder ‘gedeelde mailbox’; is het "
    "dezelfde persoon, haal dan een van de rijen weg.",
    en="this mail address is in row {number} too. If several people read it, write yes under ‘shared mailbox’; if it "
    "is the same person, remove one of the rows.",
)
SAID_BEFORE = Text(
    nl="kolom ‘{column}’ zegt iets anders dan rij {number} over hetzelfde bedrijf. Maak ze gelijk, of een van beide "
    "leeg.",
    en="column ‘{column}’ says something else than row {number} about the same company. Make them alike, or blank one "
    "of the two.",
)
NO_OWNER = Text(
    nl="kolom ‘relatiebeheerder’: er is geen coördinator {who}. Vul de code, het mailadres of de naam in.",
    en="column ‘relation owner’: there is no coordinator {who}. Fill in the code, the mail address or the name.",
)
