"""What every figure is called and what it means, in both languages."""

from dataclasses import dataclass

from models.text import Text


@dataclass(frozen=True)
class Words:
    """The name of a figure, and what is counted."""

    label: Text
    meaning: Text


def _words(nl: str, en: str, meaning_nl: str, meaning_en: str) -> Words:
    return Words(Text(nl=nl, en=en), Text(nl=meaning_nl, en=meaning_en))


FIGURES = {
    "complete": _words(
        "Complete sandwiches",
        "Complete sandwiches",
        "Gehouden activiteiten met alle vier: elke docent een doel vooraf, de taakverdeling akkoord, gedeeld met de "
        "school, teruggekoppeld aan wie meedeed.",
        "Activities held with all four: a goal beforehand for every teacher, the task division agreed, shared with the "
        "school, fed back to those involved.",
    ),
    "started": _words(
        "Begonnen", "Begun", "Activiteiten die in deze periode zijn begonnen.", "Activities that began in this period."
    ),
    "held": _words(
        "Gehouden",
        "Held",
        "Activiteiten waarvan het laatste contactmoment in deze periode viel.",
        "Activities whose last contact moment was in this period.",
    ),
    "moved": _words(
        "Verzet",
        "Moved",
        "Gehouden activiteiten waarvan de datum minstens één keer is verzet.",
        "Activities held of which the date was changed at least once.",
    ),
    "cancelled": _words(
        "Geannuleerd",
        "Called off",
        "Activiteiten die in deze periode zijn geannuleerd.",
        "Activities that were called off in this period.",
    ),
    "goes_on": _words(
        "Loopt door", "Goes on", "Activiteiten die erna nog doorgaan.", "Activities that go on after it."
    ),
    "follow_ups": _words(
        "Vervolg op een eerdere",
        "Follow-up of an earlier one",
        "Gehouden activiteiten die uit een eerdere voortkwamen.",
        "Activities held that came of an earlier one.",
    ),
    "teachers": _words(
        "Docenten", "Teachers", "Docenten die er waren, ieder één keer geteld.", "Teachers who were there, each once."
    ),
    "team": _words(
        "Deel van het team",
        "Part of the team",
        "Van de docenten die in het register staan; schoolleiders, roostermakers en coördinatoren tellen niet mee.",
        "Of the teachers in the register; school leaders, timetablers and coordinators do not count.",
    ),
    "schools": _words("Scholen", "Schools", "Scholen waarvan docenten er waren.", "Schools whose teachers were there."),
    "professionals": _words(
        "Mensen van buiten",
        "People from outside",
        "Gastheren, werkbegeleiders en professionals, ieder één keer geteld.",
        "Hosts, mentors and professionals, each once.",
    ),
    "teacher_hours": _words(
        "Uren van docenten",
        "Hours of teachers",
        "Uren professionalisering voor, tijdens en na, zoals docenten die opgaven. Nooit die van één docent.",
        "Hours of professional development before, during and after, as teachers stated them. Never those of one.",
    ),
    "teacher_hours_median": _words(
        "Per docent, de middelste",
        "Per teacher, the median",
        "De helft maakte meer uren, de helft minder.",
        "Half made more hours, half made fewer.",
    ),
    "cover": _words(
        "Vervanging geregeld",
        "Lessons covered",
        "Gehouden activiteiten waarvoor een schoolleider vervanging regelde.",
        "Activities held for which a school leader had lessons covered.",
    ),
    "hours_confirmed": _words(
        "Uren bevestigd",
        "Hours confirmed",
        "Uren van bedrijven die zij zelf bevestigden.",
        "Hours of companies that they confirmed themselves.",
    ),
    "hours_estimated": _words(
        "Uren geschat",
        "Hours estimated",
        "Uren van bedrijven die nog niet bevestigd zijn. Zij tellen niet mee als cofinanciering.",
        "Hours of companies that are not confirmed yet. They do not count as co-financing.",
    ),
    "value": _words(
        "Waarde",
        "Value",
        "Bevestigde uren tegen het uurtarief, met bevestigd materiaal.",
        "Confirmed hours at the hourly rate, with confirmed material.",
    ),
    "target": _words(
        "Deel van de cofinanciering",
        "Part of the co-financing",
        "Bevestigde waarde, van wat bedrijven dit schooljaar moeten geven.",
        "Confirmed value, of what companies are to give in this school year.",
    ),
    "companies": _words("In het netwerk", "In the network", "Bedrijven in het register.", "Companies in the register."),
    "companies_active": _words(
        "Actief",
        "Active",
        "Bedrijven die in deze periode uren of materiaal gaven, of dat gaan doen.",
        "Companies that gave hours or material in this period, or are about to.",
    ),
    "companies_new": _words(
        "Nieuw", "New", "Actief, en niet in een eerder jaar.", "Active, and not in an earlier year."
    ),
    "companies_lost": _words(
        "Weg", "Gone", "Actief in het jaar ervoor, en nu niet.", "Active in the year before, and not now."
    ),
    "top_three": _words(
        "Deel van de drie grootste",
        "Part of the three largest",
        "Deel van alle uren dat de drie bedrijven met de meeste uren gaven.",
        "Part of all hours that the three companies with the most hours gave.",
    ),
    "response": _words(
        "Beantwoord", "Answered", "Van alle formulieren die gevraagd zijn.", "Of all forms that were asked."
    ),
    "unreminded": _words("Zonder herinnering", "Without a reminder", "Van wat beantwoord is.", "Of what was answered."),
    "phoned": _words("Aan de telefoon", "By phone", "Van wat beantwoord is.", "Of what was answered."),
    "division_on_time": _words(
        "Taakverdeling op tijd",
        "Task division on time",
        "Door de gastheer beantwoord binnen de termijn.",
        "Answered by the host before its deadline.",
    ),
    "host_before": _words(
        "Gastheer betrokken vooraf",
        "Host involved beforehand",
        "Taakverdelingen die de gastheer minstens twee weken vooraf beantwoordde.",
        "Task divisions that the host answered two weeks before or earlier.",
    ),
    "lead_time": _words(
        "Voorbereiding, in dagen",
        "Preparation, in days",
        "Van begin tot eerste contactmoment; de helft had langer, de helft korter.",
        "From the start to the first contact moment; half had longer, half shorter.",
    ),
    "satisfaction": _words(
        "Docenten tevreden",
        "Teachers satisfied",
        "Gemiddelde van 1 (heel ontevreden) tot 5 (heel tevreden).",
        "Mean from 1 (very dissatisfied) to 5 (very satisfied).",
    ),
    "satisfaction_host": _words(
        "Gastheren tevreden",
        "Hosts satisfied",
        "Gemiddelde van 1 (heel ontevreden) tot 5 (heel tevreden).",
        "Mean from 1 (very dissatisfied) to 5 (very satisfied).",
    ),
    "good_use": _words(
        "Goed bestede tijd",
        "Good use of time",
        "Docenten die het daarmee eens of helemaal eens zijn.",
        "Teachers who agree or fully agree.",
    ),
    "goals_reached": _words(
        "Doelen bereikt",
        "Goals reached",
        "Doelen van vooraf die grotendeels of helemaal zijn bereikt.",
        "Goals set beforehand that were largely or fully reached.",
    ),
    "more_confident": _words(
        "Zekerder over beroepen",
        "More confident about careers",
        "Docenten die na afloop zekerder zijn in een gesprek met leerlingen over beroepen dan ervoor.",
        "Teachers who afterwards are more confident in talking with pupils about occupations than before.",
    ),
    "changed_lesson": _words(
        "Les of materiaal beter",
        "Lesson or material better",
        "Docenten die dat weken later vinden.",
        "Teachers who find so weeks later.",
    ),
    "plans_done": _words(
        "Plannen gelukt",
        "Plans that worked",
        "Plannen uit de evaluatie die weken later helemaal of deels gelukt zijn.",
        "Plans of the evaluation that weeks later worked fully or in part.",
    ),
    "materials": _words(
        "Materiaal gedeeld",
        "Material shared",
        "Bestanden die docenten bij hun indrukken deelden.",
        "Files that teachers shared with their impressions.",
    ),
    "tried": _words(
        "Proeflessen",
        "Trial lessons",
        "Verslagen van een les met nieuw materiaal.",
        "Reports of a lesson with new material.",
    ),
    "used": _words(
        "Keer gebruikt",
        "Times used",
        "Zo vaak is materiaal gebruikt, zeggen de makers.",
        "So often material was used, as its makers say.",
    ),
    "shared": _words(
        "Kaarten gedeeld",
        "Cards shared",
        "Gehouden activiteiten met een kaart op de deelmuur.",
        "Activities held with a card on the share wall.",
    ),
    "meetings": _words(
        "Verteld in een vergadering",
        "Told in a meeting",
        "Docenten die het in een vergadering vertellen.",
        "Teachers who tell about it in a meeting.",
    ),
    "colleagues": _words(
        "Collega's die het gebruikten",
        "Colleagues who used it",
        "Zoals docenten weken later schatten.",
        "As teachers estimate weeks later.",
    ),
    "reactions": _words(
        "Reacties van collega's",
        "Reactions of colleagues",
        "Onder een kaart, zonder naam.",
        "Below a card, without a name.",
    ),
    "useful": _words(
        "Heeft er iets aan", "Finds it useful", "Van de collega's die reageerden.", "Of the colleagues who reacted."
    ),
    "in_lesson": _words(
        "Gaat het gebruiken",
        "Will use it",
        "Collega's die het in de les gaan gebruiken, van wie dat zei.",
        "Colleagues who will use it in class, of those who said so.",
    ),
    "pupils": _words(
        "Leerlingen bereikt (schatting)",
        "Pupils reached (estimate)",
        "Zoals docenten weken later schatten.",
        "As teachers estimate weeks later.",
    ),
    "guest_lessons": _words(
        "Gastlessen gelukt",
        "Guest lessons arranged",
        "Plannen voor een gastles die lukten.",
        "Plans for a guest lesson that worked.",
    ),
    "placements": _words(
        "Leerlingstages gelukt",
        "Pupil placements arranged",
        "Plannen voor een leerlingstage die lukten.",
        "Plans for a pupil placement that worked.",
    ),
    "host_again": _words(
        "Wil vaker meedoen",
        "Wants to take part again",
        "Gastheren die ja zeggen, of ja in een andere vorm.",
        "Hosts who say yes, or yes in another form.",
    ),
    "host_explained": _words(
        "Kon het vak laten zien",
        "Could show the trade",
        "Gastheren die goed konden laten zien wat hun vak nodig heeft.",
        "Hosts who could show well what their trade needs.",
    ),
    "pairs_alive": _words(
        "Koppels die elkaar nog spreken",
        "Pairs that still talk",
        "Zoals docenten weken later zeggen.",
        "As teachers say weeks later.",
    ),
}
