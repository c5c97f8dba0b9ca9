"""What a form can be filled in with when it is opened: the names for ``rows_from``, ``options_from`` and ``prefill``.

A source of rows gives the rows of a grid or the options of a choice; a source of answers gives the answer that stands
in the form until the person changes it. A source that has nothing to give leaves the form as it is written.
"""

SOURCES: dict[str, str] = {
    # rows of a grid
    "own_goals": "the goals that this person wrote in this activity, one row each",
    "own_plans": "what this person chose under 'what will you do with it' in the evaluation, one row each",
    "host_goals": "what the host wants to get out of it, as chosen in the accepted task division, one row each",
    "participants": "the teachers who take part and whom this person may see, one row each",
    "members": "everybody who takes part, from the school and from outside, one row each",
    "professionals": "the professionals who take part, with their job and company, one row each",
    "stations": "the stations of the current version of the task division, one row each",
    "visit_questions": "the questions of the school that is visited, one row each",
    "viewing_questions": "the questions of the school that is visited, and the goals of this person, one row each",
    "viewing_items": "what the chair wants everybody to look at, else the questions of the school, one row each",
    "own_talks": "those whom this person has spoken with in the rounds, one row each",
    "own_matches": "those with whom this person wanted to go on talking, and who wanted it too, one row each",
    "proposed_dates": "the dates that the coordinator proposes, one row each",
    "task_rows": "the tasks of the current version of the task division, also those that somebody added",
    "contacts": "the people of this company that are known, one row each",
    "next_kinds": "what this kind of activity can lead to, one option each",
    "card_parts": "the parts of the impression card that the host looks at, one row each",
    # answers
    "card_left_out": "the parts of the impression card that the host left out before",
    "task_proposal": "who does what in the current version of the task division, or in the coordinator's proposal",
    "agreement": "the answer to the same question in what is agreed in this form, or in what another wrote there last",
    "company_profile": "the answer to the same question in the company's last profile, or what is known of it",
    "contact_details": "names, jobs and addresses of the company's people, as far as they are known",
    "company_address": "the address of the company",
    "activity_start": "the start of the first contact moment",
    "activity_end": "the end of the last contact moment",
    "school_contact": "who can be reached for the school on the day: as agreed, else trip leader or coordinator",
    "school_contact_phone": "the phone number of that person",
    "host_contact": "who can be reached at the host on the day: as agreed, else the contact person",
    "host_contact_phone": "the phone number of that person",
    "host_contact_function": "the name and job of the host's contact person",
    "planned_hours": "the hours that the activity takes a teacher, as planned",
    "hours_plan": "the hours that the host planned in the task division, less those of the day itself",
    "hours_day": "the hours of the host's people on the day itself, from the helpers in the task division",
    "own_note": "what this person noted on the day or in the day log: what was seen, and what to use in class",
    "own_answer": "what this person answered under the same key in this activity before, in this form or another",
    "recent_measure": "the answer to the same question of this form in another activity, at most fourteen days old",
    "own_round_cards": "what this person wrote on the cards of the rounds, one row for each talk",
    "merged_notes": "what the visitors noted, put together by question of the school",
    "hourly_rate": "the hourly rate that the region uses for company hours",
}
"""Every name that a form may use, with what it gives."""
