"""Whether people reach the pages under the address that stands in their mails, and what lies between if not."""

import ssl

import httpx

from sandwich.running.findings import Finding, ill, well
from sandwich.runtime import Runtime

PATIENCE = 10.0
"""Seconds that the pages may take to answer."""


async def look_at_pages(runtime: Runtime) -> Finding:
    """Ask for a page of ours as people do, by ``SANDWICH_BASE_URL``."""
    settings = runtime.settings
    address = f"{settings.base_url}/readyz"
    try:
        # What this machine trusts, as its browsers and our mail do: a school may have an authority of its own.
        async with httpx.AsyncClient(timeout=PATIENCE, verify=ssl.create_default_context()) as client:
            answer = await client.get(address)
    except httpx.HTTPError as error:
        if "CERTIFICATE" in str(error).upper():
            return ill(
                f"Pagina's: het certificaat van {settings.base_url} klopt niet. Vernieuw het in je proxy.",
                f"Pages: the certificate of {settings.base_url} is not right. Renew it in your proxy.",
            )
        why = type(error).__name__
        return ill(
            f"Pagina's: {address} geeft geen antwoord ({why}). Draait `sandwich up` of `sandwich web`? Draait de "
            "proxy, en klopt SANDWICH_BASE_URL?",
            f"Pages: {address} does not answer ({why}). Does `sandwich up` or `sandwich web` run? Does "
            "the proxy, and is SANDWICH_BASE_URL right?",
        )
    if answer.status_code == 200 and answer.text == "ok":
        return well(f"Pagina's: {settings.base_url}", f"Pages: {settings.base_url}")
    here = f"{settings.host}:{settings.port}"
    match answer.status_code:
        case 400:
            return ill(
                "Pagina's: de proxy geeft een andere naam door dan die in SANDWICH_BASE_URL. Laat hem de naam van de "
                "bezoeker doorgeven; bij nginx: proxy_set_header Host $host;",
                "Pages: the proxy passes on another name than that of SANDWICH_BASE_URL. Let it pass on the visitor's; "
                "with nginx: proxy_set_header Host $host;",
            )
        case 502 | 504:
            return ill(
                f"Pagina's: de proxy vindt ons niet op {here}. Draait `sandwich web` daar?",
                f"Pages: the proxy does not find us at {here}. Does `sandwich web` run there?",
            )
        case 503:
            return ill(
                f"Pagina's: {address} kan niet bij de database. Zie hierboven, of start `sandwich web` opnieuw.",
                f"Pages: {address} does not get at the database. See above, or start `sandwich web` again.",
            )
    return ill(
        f"Pagina's: op {address} antwoordt iets anders ({answer.status_code}). Klopt het pad in SANDWICH_BASE_URL met "
        f"dat in de proxy, en wijst die naar {here}?",
        f"Pages: something else answers at {address} ({answer.status_code}). Is the path in SANDWICH_BASE_URL that of "
        f"the proxy, and does that point to {here}?",
    )
