"""What kinds of data about people there are."""

from enum import StrEnum


class DataKind(StrEnum):
    """A kind of data about people, by the name that commands and pages know it by."""

    CONTACTS = "contacts"
    PRACTICAL = "practical"
    DRAFTS = "drafts"
    ANSWERS = "answers"
    CARDS = "cards"
    CONSENTS = "consents"
    HOURS = "hours"
    MAIL = "mail"
    INCOMING = "incoming"
    MATERIAL_USERS = "material-users"
    TAKING_PART = "taking-part"
    LINKS = "links"
    SIGN_INS = "sign-ins"
    COMPANIES = "companies"
    OWN_TEXTS = "own-texts"
    TRAIL = "trail"
    ERASURES = "erasures"
    LOGS = "logs"
    BACKUPS = "backups"
