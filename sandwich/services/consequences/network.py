"""What the register of companies learns from answers: a company's profile, its menu card, what can be seen there."""

from models.tables.network import Company
from sandwich.rules.menu_card import with_offer
from sandwich.services.consequences.contacts_of import keep_contacts, share_mailbox
from sandwich.services.consequences.received import Received

_NO_PROFILE = frozenset({"contacts", "remark"})
_AGAIN, _OTHER_FORM, _NEVER = "again", "other-form", "never"


async def company_of(received: Received) -> Company | None:
    """Return the company that an answer speaks of: the host of the activity, or else where its author works."""
    if received.loaded.company is not None:
        return received.loaded.company
    person = received.loaded.persons[received.participation.person_id]
    return await received.session.get(Company, person.company_id) if person.company_id else None


async def company_profile(received: Received) -> None:
    """Keep the company's own words about itself, its people, and whether others read the mailbox."""
    company = await company_of(received)
    if company is None:
        return
    answers, tags = received.answers, received.runtime.library.tags
    company.profile = {key: value for key, value in answers.items() if key not in _NO_PROFILE}
    company.profile_at = received.now
    said = [*(answers.get("techniques") or ()), *(answers.get("sector") or ())]
    if said:
        # What it ticked replaces what it could have ticked; words of which the form has no option stay.
        company.tags = tags.kept(
            [*filter(tags.is_known, said), *(tag for tag in company.tags if not tags.is_known(tag))]
        )
    await keep_contacts(received.session, company, answers.get("contacts") or [])
    if answers.get("mail_shared") is not None:
        shared = bool(answers["mail_shared"])
        await share_mailbox(received.session, received.participation.person_id, is_shared=shared)


async def technique_seen(received: Received) -> None:
    """The techniques that were seen become tags of the company: the network knows where to see them."""
    company = received.loaded.company
    if company is not None:
        company.tags = received.runtime.library.tags.kept([*company.tags, *(received.answers.get("technique") or ())])


async def host_again(received: Received) -> None:
    """Whether a host wants to take part again, and in what form, is taken into its menu card.

    A host who wants no more of this is remembered with the company.
    """
    company, answers = await company_of(received), received.answers
    if company is None or "again" not in answers:
        return
    company.asks_no_more = answers["again"] == _NEVER
    playbook, lists = received.loaded.playbook, received.runtime.library.lists
    known = {option.key for option in lists["offers"].options} if "offers" in lists else set()
    wanted = list(answers.get("again_form") or ()) if answers["again"] == _OTHER_FORM else []
    if answers["again"] == _AGAIN:
        wanted.append(playbook.on_menu or playbook.key)
    for offer in wanted:
        if offer in known:
            company.profile = with_offer(company.profile, offer, offered=True)
