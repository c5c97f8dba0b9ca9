"""Look at what the DNS says of the domain that our mail comes from: SPF, DKIM, DMARC, and what to do about each.

Other mail servers go by these records when they decide whether a mail from us is one.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from dns.asyncresolver import Resolver
from dns.exception import DNSException
from dns.resolver import NXDOMAIN, NoAnswer

from models.text import Text
from sandwich.mail.address import address_spec, domain_of
from sandwich.mail.dkim import published, read_key
from sandwich.running.findings import Finding, ill, well
from sandwich.settings import Environment, Settings

PATIENCE = 5.0
"""Seconds that a name server may take."""


class _NotSeen(Exception):
    """The name server does not answer."""


@dataclass(frozen=True)
class _Names:
    """Asks a name server for texts."""

    resolver: Resolver

    async def texts(self, name: str, begin: str) -> list[str]:
        """Return the texts at ``name`` that begin with ``begin``, each in one piece."""
        try:
            answer = await self.resolver.resolve(f"{name}.", "TXT", lifetime=PATIENCE)
        except (NXDOMAIN, NoAnswer):
            return []
        except DNSException as error:
            raise _NotSeen from error
        said = [b"".join(row.strings).decode("utf-8", "replace") for row in answer]
        return [text for text in said if text.lower().replace(" ", "").startswith(begin)]


async def look_at_domain(settings: Settings) -> AsyncIterator[Finding]:
    """Look at SPF, DKIM and DMARC, in that order. Elsewhere than in production, and without a name server in the
    settings, nothing is looked up: such an installation mails nobody.
    """
    if settings.environment is not Environment.PRODUCTION and not settings.dns_server:
        return
    domain = domain_of(address_spec(settings.mail_from))
    try:
        names = _Names(_resolver(settings.dns_server))
        spf = await _spf(names, domain)
        yield spf
        dkim = await _dkim(names, domain, settings)
        yield dkim
        yield await _dmarc(names, domain, is_aligned=spf.is_well or dkim.is_well)
    except (_NotSeen, DNSException, OSError):
        yield ill(
            f"Domein {domain}: niet op te zoeken, de naamserver antwoordt niet. Kijk naar het netwerk of naar "
            "SANDWICH_DNS_SERVER, en draai `sandwich doctor` nog eens; mail gaat hierom niet minder uit.",
            f"Domain {domain}: cannot be looked up, the name server does not answer. Look at the network or at "
            "SANDWICH_DNS_SERVER, and run `sandwich doctor` again; mail leaves all the same.",
        )


def _resolver(server: str) -> Resolver:
    if not server:
        return Resolver()
    resolver = Resolver(configure=False)
    host, port = server, "53"
    if server.startswith("["):
        host, _, port = server[1:].partition("]:")
    elif server.count(":") == 1:
        host, _, port = server.partition(":")
    resolver.nameservers, resolver.port = [host], int(port)
    return resolver


async def _spf(names: _Names, domain: str) -> Finding:
    found = await names.texts(domain, "v=spf1")
    if not found:
        return ill(
            f'SPF: {domain} heeft geen record. Zet als TXT bij {domain}: "v=spf1 include:NAAM -all", met de naam die '
            'de leverancier van je mailserver daarvoor geeft, of "v=spf1 a:NAAM-VAN-DE-SERVER -all".',
            f'SPF: {domain} has no record. Publish as TXT at {domain}: "v=spf1 include:NAME -all", with the name that '
            'the supplier of your mail server gives for it, or "v=spf1 a:NAME-OF-THE-SERVER -all".',
        )
    if len(found) > 1:
        return ill(
            f"SPF: {domain} heeft {len(found)} records, en dan geldt er geen. Maak er één van.",
            f"SPF: {domain} has {len(found)} records, and then none counts. Make one of them.",
        )
    words = found[0].lower().split()
    if words[-1] in {"+all", "all", "?all"}:
        return ill(
            f"SPF: het record van {domain} eindigt op {words[-1]} en laat zo iedereen toe. Maak er -all van.",
            f"SPF: the record of {domain} ends in {words[-1]} and so lets everybody in. Make it -all.",
        )
    if words[-1] not in {"-all", "~all"} and not any(word.startswith("redirect=") for word in words):
        return ill(
            f"SPF: het record van {domain} heeft geen einde. Zet er -all achter.",
            f"SPF: the record of {domain} has no end. Put -all behind it.",
        )
    return well(f"SPF: {found[0]}", f"SPF: {found[0]}")


async def _dkim(names: _Names, domain: str, settings: Settings) -> Finding:
    selector, pem = settings.dkim_selector, settings.dkim_key.get_secret_value()
    if not selector:
        return ill(
            "DKIM: wij ondertekenen niet, en onder welke naam de mailserver dat doet is niet ingesteld. Zet die naam "
            "in SANDWICH_DKIM_SELECTOR; ondertekent hij niet, geef ons dan een sleutel met SANDWICH_DKIM_KEY_FILE.",
            "DKIM: we do not sign, and under which name the mail server does is not set. Put that name into "
            "SANDWICH_DKIM_SELECTOR; if it does not sign, give us a key with SANDWICH_DKIM_KEY_FILE.",
        )
    name = f"{selector}._domainkey.{domain}"
    wanted = published(read_key(pem)) if pem else None
    found = [text for text in await names.texts(name, "") if _tags(text).get("p")]
    if wanted is None:
        if found:
            return well(f"DKIM: sleutel gevonden bij {name}", f"DKIM: key found at {name}")
        return ill(
            f"DKIM: bij {name} staat geen sleutel. Vraag de beheerder van de mailserver wat daar als TXT moet staan.",
            f"DKIM: there is no key at {name}. Ask whoever runs the mail server what must stand there as TXT.",
        )
    if [_tags(text)["p"] for text in found] == [_tags(wanted)["p"]]:
        return well(f"DKIM: onze sleutel staat bij {name}", f"DKIM: our key stands at {name}")
    is_other = Text(nl="staat een andere sleutel dan de onze", en="is another key than ours")
    is_none = Text(nl="staat geen sleutel", en="is no key")
    what = is_other if found else is_none
    return ill(
        f'DKIM: bij {name} {what.nl}. Zet daar als TXT: "{wanted}"',
        f'DKIM: at {name} there {what.en}. Publish there as TXT: "{wanted}"',
    )


async def _dmarc(names: _Names, domain: str, *, is_aligned: bool) -> Finding:
    labels = domain.split(".")
    for start in range(len(labels) - 1):
        at = "_dmarc." + ".".join(labels[start:])
        found = await names.texts(at, "v=dmarc1")
        if len(found) == 1:
            break
    else:
        return ill(
            f'DMARC: {domain} heeft geen record. Zet als TXT bij _dmarc.{domain}: "v=DMARC1; p=none; '
            f'rua=mailto:postmaster@{domain}"; gaat alles goed, maak er dan p=quarantine van.',
            f'DMARC: {domain} has no record. Publish as TXT at _dmarc.{domain}: "v=DMARC1; p=none; '
            f'rua=mailto:postmaster@{domain}"; when all goes well, make it p=quarantine.',
        )
    policy = _tags(found[0]).get("p", "none")
    if not is_aligned:
        return ill(
            f"DMARC: {at} vraagt om SPF of DKIM van hetzelfde domein, en geen van beide is er (p={policy}). Los een "
            "van de twee hierboven op, anders weigeren anderen onze mail.",
            f"DMARC: {at} asks for SPF or DKIM of the same domain, and neither is there (p={policy}). Mend one of "
            "the two above, or others refuse our mail.",
        )
    return well(
        f"DMARC: p={policy}, afzender en ondertekening zijn van hetzelfde domein",
        f"DMARC: p={policy}, sender and signature are of the same domain",
    )


def _tags(text: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in text.split(";")]
    return {name.strip().lower(): "".join(value.split()) for name, _, value in pairs}
