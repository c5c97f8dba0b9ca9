"""The account that the program has at the database: what an administrator may, no policy binds."""

from sandwich.running.findings import Finding, ill, well
from sandwich.runtime import Runtime


async def look_at_account(runtime: Runtime) -> Finding:
    """Look whether the database holds by itself who may see which rows."""
    if runtime.store.is_sqlite:
        return well(
            "Rijen: alleen het programma let erop wie wat ziet; dat is bij SQLite zo",
            "Rows: the program alone sees to it who sees what; with SQLite that is so",
        )
    if await runtime.store.is_bound():
        return well("Rijen: ook de database let erop wie wat ziet", "Rows: the database too sees to it who sees what")
    return ill(
        "Rijen: ons account bij PostgreSQL is superuser of heeft BYPASSRLS, dus de database let er niet op wie wat "
        "ziet. Geef het in psql een gewoon account: ALTER ROLE … NOSUPERUSER NOBYPASSRLS",
        "Rows: our account at PostgreSQL is a superuser or has BYPASSRLS, so the database does not see to it who sees "
        "what. Make it an ordinary one in psql: ALTER ROLE … NOSUPERUSER NOBYPASSRLS",
    )
