"""What groups of figures and charts are called, and what others found, in both languages."""

from dataclasses import dataclass

from models.text import Text


@dataclass(frozen=True)
class ChartWords:
    """The title of a chart, the name of what its lines are, and those of its series."""

    title: Text
    what: Text
    series: tuple[Text, ...]


@dataclass(frozen=True)
class Benchmark:
    """What others found, in percent, and who they are."""

    percent: int
    of: Text


def _text(nl: str, en: str) -> Text:
    return Text(nl=nl, en=en)


SOURCE = _text(
    "Evaluation of Teacher Encounters, University of Derby voor The Careers & Enterprise Company, Engeland. "
    "https://www.educationandemployers.org/research/21252-2/",
    "Evaluation of Teacher Encounters, University of Derby for The Careers & Enterprise Company, England. "
    "https://www.educationandemployers.org/research/21252-2/",
)
"""Where all benchmarks come from: teachers and employers in England, 2021, so a line to look at and no norm."""

BENCHMARKS = {
    "good_use": Benchmark(93, _text("van de Engelse docenten vond het dat", "of English teachers found so")),
    "more_confident": Benchmark(
        91,
        _text(
            "van de Engelse docenten was zekerder in gesprekken over beroepen",
            "of English teachers were more confident in conversations about careers",
        ),
    ),
    "changed_lesson": Benchmark(
        78,
        _text(
            "van de Engelse docenten gaf het vak beter", "of English teachers were better able to deliver their subject"
        ),
    ),
    "host_again": Benchmark(96, _text("van de Engelse bedrijven wilde meer", "of English employers wanted more")),
    "host_explained": Benchmark(97, _text("van de Engelse bedrijven kon dat", "of English employers could")),
}

GROUPS = {
    "sandwich": _text("De hele sandwich", "The whole sandwich"),
    "activities": _text("Activiteiten", "Activities"),
    "reach": _text("Wie deed mee", "Who took part"),
    "companies": _text("Bedrijven", "Companies"),
    "process": _text("Hoe het ging", "How it went"),
    "reaction": _text("Tevredenheid", "Satisfaction"),
    "learning": _text("Geleerd", "Learned"),
    "use": _text("Gebruikt in de les", "Used in class"),
    "school": _text("In de school", "In the school"),
    "pupils": _text("Leerlingen", "Pupils"),
    "relations": _text("Relaties", "Relations"),
}

_NUMBER = (_text("Aantal", "Number"),)

CHARTS = {
    "benchmarks": ChartWords(
        _text("Naast wat in Engeland werd gevonden", "Beside what was found in England"),
        _text("Cijfer", "Figure"),
        (_text("Hier", "Here"), _text("Engeland", "England")),
    ),
    "demands": ChartWords(
        _text("Wat de methode vraagt", "What the method asks"), _text("Eis", "Demand"), (_text("Gehaald", "Met"),)
    ),
    "kinds": ChartWords(_text("Gehouden, per soort", "Held, by kind"), _text("Soort", "Kind"), _NUMBER),
    "techniques": ChartWords(
        _text("Gehouden, per techniek van het bedrijf", "Held, by technique of the company"),
        _text("Techniek", "Technique"),
        _NUMBER,
    ),
    "by_school": ChartWords(
        _text("Per school", "By school"),
        _text("School", "School"),
        (_text("Activiteiten", "Activities"), _text("Docenten", "Teachers")),
    ),
    "learning_hours": ChartWords(
        _text("Uren per docent", "Hours per teacher"), _text("Uren", "Hours"), (_text("Docenten", "Teachers"),)
    ),
    "company_hours": ChartWords(
        _text("Uren van bedrijven, per soort", "Hours of companies, by kind"),
        _text("Soort", "Kind"),
        (_text("Bevestigd", "Confirmed"), _text("Geschat", "Estimated")),
    ),
    "responses": ChartWords(
        _text("Antwoord per formulier", "Answers by form"),
        _text("Formulier", "Form"),
        (_text("Beantwoord", "Answered"), _text("Dagen tot antwoord", "Days to the answer")),
    ),
    "scales": ChartWords(
        _text("Wat docenten vonden", "What teachers thought"),
        _text("Vraag", "Question"),
        (_text("Gemiddelde van 1 tot 5", "Mean from 1 to 5"),),
    ),
    "growth": ChartWords(
        _text("Voor, na en weken later", "Before, after and weeks later"),
        _text("Vraag", "Question"),
        (_text("Voor", "Before"), _text("Na", "After"), _text("Later", "Later")),
    ),
    "plans": ChartWords(
        _text("Plannen, en wat ervan kwam", "Plans, and what came of them"),
        _text("Plan", "Plan"),
        (_text("Van plan", "Planned"), _text("Gelukt", "Worked")),
    ),
}

GROWTH = {
    "know": _text("Weet van het onderwerp", "Knows of the topic"),
    "conf_lesson": _text("Zeker om het in de les te gebruiken", "Confident to use it in class"),
    "conf_career": _text("Zeker in een gesprek over beroepen", "Confident to talk about occupations"),
}

SCALES = {
    "overall": _text("In het geheel tevreden", "Satisfied in all"),
    "good_use": _text("Goede besteding van mijn tijd", "A good use of my time"),
    "prep_ok": _text("De voorbereiding was goed", "The preparation was good"),
    "exec_ok": _text("Het programma paste", "The programme fitted"),
    "host_ok": _text("De begeleiding was goed", "The guidance was good"),
    "tasks_ok": _text("De taakverdeling is nagekomen", "The task division was kept"),
    "insp": _text("Geïnspireerd voor mijn vak", "Inspired for my subject"),
}

TOO_FEW = _text("te weinig antwoorden", "too few answers")
UNKNOWN = _text("nog niet bekend", "not known yet")
SMALL_NUMBERS = _text(
    "Een cijfer over antwoorden staat er vanaf drie antwoorden, en nooit als te zien zou zijn wat één of twee mensen "
    "zeiden. Wie bezwaar maakte, is in geen enkel cijfer over mensen.",
    "A figure about answers is shown from three answers on, and never where one could see what one or two people said. "
    "Who objected is in no figure about people.",
)
