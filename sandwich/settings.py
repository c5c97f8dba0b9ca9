"""Settings: environment variables that begin with ``SANDWICH_``, secrets also from a file (``…_FILE``)."""

import difflib
import os
import re
from collections.abc import Mapping
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from models.text import Language, Misfit, Text
from sandwich.definitions.expected import CHOICES, choices, limit, shape
from sandwich.errors import SettingsInvalid

PREFIX = "SANDWICH_"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
TAG_ROOM = 46
"""Characters that are put behind the name in ``SANDWICH_REPLY_ADDRESS``, the ``+`` with them."""

_LONGEST_LOCAL = 64 - TAG_ROOM


def is_receiver(address: str) -> bool:
    """Whether something can be sent to an address: https, or http to this machine; nothing but host, port and path."""
    try:
        parts = urlsplit(address)
        plain = f"{parts.scheme}://{parts.netloc}{parts.path}"
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not host or plain != address or "@" in parts.netloc or not re.fullmatch(r"[A-Za-z0-9._~/:\[\]-]+", address):
        return False
    if any(part in {".", ".."} for part in parts.path.split("/")):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)


class Environment(StrEnum):
    """What an installation is for."""

    PRODUCTION = "production"
    DEVELOPMENT = "development"
    DEMO = "demo"


class Encryption(StrEnum):
    """How the line to the mail server is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"  # to a server on this machine only


class LogFormat(StrEnum):
    """How lines of the log are written."""

    AUTO = "auto"  # plain where a person watches, JSON elsewhere
    JSON = "json"
    PLAIN = "plain"


class Settings(BaseSettings):
    """Everything that an installation can set. Each is described in ``docs/settings.md``."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    environment: Environment = Environment.PRODUCTION
    data: Path = Field(default=Path(".sandwich"), description="folder for the default database and Prefect's own")
    database_url: str = ""
    base_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    trusted_proxies: str = "127.0.0.1, ::1"
    secret_key: SecretStr = SecretStr("")
    language: Language = Language.DUTCH
    timezone: str = "Europe/Amsterdam"
    playbooks: str = Field(default="", description="further folders with playbooks, separated by :")
    forms: str = Field(default="", description="further folders with forms, separated by :")

    smtp_host: str = "127.0.0.1"
    smtp_port: int = Field(default=25, ge=1, le=65535)
    smtp_encryption: Encryption = Encryption.STARTTLS
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_timeout: float = Field(default=30, gt=0, description="seconds")
    mail_from: str = "sandwich@localhost.localdomain"
    mail_from_name: str = "Sandwich"

    reply_address: str = ""
    incoming_listen: str = ""
    incoming_imap_host: str = ""
    incoming_imap_port: int = Field(default=993, ge=1, le=65535)
    incoming_imap_encryption: Encryption = Encryption.TLS
    incoming_imap_user: str = ""
    incoming_imap_password: SecretStr = SecretStr("")
    incoming_imap_folder: str = "INBOX"
    incoming_keep_days: int = Field(default=90, ge=1, le=3650, description="days that mail which came in is kept")

    dkim_key: SecretStr = Field(default=SecretStr(""), description="private key as PEM")
    dkim_selector: str = ""
    dns_server: str = Field(default="", description="who is asked by the doctor; by default as the machine does")

    oidc_discovery: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_name: str = Field(default="", description="what the button calls the account")
    oidc_email_is_verified: bool = Field(
        default=False, description="the provider gives out no address it did not check"
    )

    prefect_host: str = "127.0.0.1"
    prefect_port: int = Field(default=4200, ge=1, le=65535)
    prefect_api_url: str = ""
    prefect_secret: SecretStr = SecretStr("")
    work_pool: str = "sandwich"
    work_pool_type: str = Field(
        default="sandwich",
        description="sandwich, or a type of Prefect's own: process, docker, kubernetes",
    )
    concurrency: int = Field(default=8, ge=1, le=200, description="flow runs at once in one worker")
    keep_runs_days: int = Field(
        default=30, ge=1, le=3650, description="days that Prefect keeps a closed activity's runs, and any event"
    )

    requests_per_year: int = Field(
        default=3, ge=1, le=365, description="times that a company is asked in a school year"
    )
    weeks_between_requests: int = Field(default=6, ge=0, le=52, description="weeks between two requests to a company")
    cofinancing_percent: float = Field(default=10, ge=0, le=100, description="share of the costs that companies give")
    learning_hours_norm: float = Field(
        default=83, gt=0, le=2000, description="hours that a teacher has for learning in a year"
    )

    mails_per_week: int = Field(default=2, ge=1, le=100, description="mails that somebody gets in a week at most")
    mails_per_minute: int = Field(
        default=120, ge=0, le=100_000, description="mails per minute to one domain; 0 for any number"
    )
    mails_per_hour: int = Field(
        default=600, ge=0, le=1_000_000, description="mails that a school sends in an hour at most; 0 for any number"
    )

    keep_contacts_months: int = Field(default=12, ge=1, le=120, description="months without any activity")
    keep_practical_days: int = Field(default=30, ge=1, le=365, description="days after the last day")
    keep_drafts_days: int = Field(default=30, ge=1, le=365, description="days after an activity is over")
    keep_answers_years: int = Field(default=2, ge=1, le=20, description="school years after that of the activity")
    keep_mail_months: int = Field(default=6, ge=1, le=120, description="months after a mail was sent")
    keep_cards_years: int = Field(default=5, ge=1, le=50, description="years on the wall")
    keep_consents_years: int = Field(default=1, ge=1, le=50, description="years after the last photo is gone")
    keep_hours_years: int = Field(default=10, ge=1, le=50, description="calendar years after that of the activity")
    keep_signins_days: int = Field(default=30, ge=1, le=365, description="days that sign-ins are kept")
    keep_backups_days: int = Field(default=30, ge=1, le=3650, description="days after which a backup must be gone")
    erasures: str = Field(default="", description="file with the list of erasures")
    webhook_addresses: str = Field(default="", description="where programs may be told of things, separated by spaces")
    webhook_ca: str = Field(default="", description="certificates of the authorities of those addresses, as PEM")

    log_format: LogFormat = LogFormat.AUTO

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the given values and the environment, nothing else."""
        return init_settings, env_settings

    @field_validator("base_url")
    @classmethod
    def _is_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise Misfit(
                "schrijf een adres zoals https://sandwich.school.example",
                "must be an address such as https://sandwich.school.example",
            )
        return value.rstrip("/")

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        try:
            _networks(value)
        except ValueError as error:
            raise Misfit(
                "schrijf IP-adressen of netwerken met komma's ertussen, zoals 10.77.0.2, 10.78.0.0/24",
                "write IP addresses or networks with commas between them, such as 10.77.0.2, 10.78.0.0/24",
            ) from error
        return value

    @field_validator("reply_address")
    @classmethod
    def _has_room(cls, value: str) -> str:
        local, _, domain = value.partition("@")
        if value and not (re.fullmatch(r"[A-Za-z0-9._-]+", local) and "." in domain and len(local) <= _LONGEST_LOCAL):
            raise Misfit(
                f"schrijf een adres zonder +, met hoogstens {_LONGEST_LOCAL} tekens voor de @",
                f"write an address without +, with at most {_LONGEST_LOCAL} characters before the @",
            )
        return value

    @field_validator("incoming_listen")
    @classmethod
    def _is_near(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if value and not value.startswith("/") and not (host.strip("[]") in LOOPBACK and port.isdecimal()):
            raise Misfit(
                "schrijf een poort van deze computer, zoals 127.0.0.1:8024, of het pad van een socket",
                "write a port of this machine, such as 127.0.0.1:8024, or the path of a socket",
            )
        return value

    @field_validator("webhook_addresses")
    @classmethod
    def _are_listed(cls, value: str) -> str:
        for address in value.split():
            if not is_receiver(address):
                raise Misfit(
                    "schrijf https-adressen zonder naam, wachtwoord of ?, gescheiden door een spatie, zoals "
                    "https://rooster.school.example/sandwich",
                    "write https addresses without name, password or ?, separated by a space, such as "
                    "https://timetable.school.example/sandwich",
                )
        return value

    @field_validator("work_pool_type")
    @classmethod
    def _is_type(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z][a-z0-9-]*", value):
            raise Misfit("schrijf kleine letters, zoals sandwich of process", "write small letters: sandwich, process")
        return value

    @field_validator("dkim_key")
    @classmethod
    def _is_key(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value():
            from sandwich.mail.dkim import read_key  # only here: most installations let their mail server sign

            try:
                read_key(value.get_secret_value())
            except ValueError as error:
                raise Misfit(
                    "dit is geen privésleutel als PEM zonder wachtwoord, RSA van 2048 bits of meer of Ed25519",
                    "this is no private key as PEM without a password, RSA of 2048 bits or more or Ed25519",
                ) from error
        return value

    @field_validator("dkim_selector")
    @classmethod
    def _is_selector(cls, value: str) -> str:
        if value and not re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", value):
            raise Misfit(
                "schrijf kleine letters en cijfers, zoals sandwich1", "write small letters and digits: sandwich1"
            )
        return value

    @field_validator("dns_server")
    @classmethod
    def _is_server(cls, value: str) -> str:
        if value and not re.fullmatch(r"[0-9.]+(:[0-9]{1,5})?|[0-9a-f:]+|\[[0-9a-f:]+\]:[0-9]{1,5}", value):
            raise Misfit("schrijf een IP-adres, zoals 9.9.9.9", "write an IP address, such as 9.9.9.9")
        return value

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        host = urlsplit(self.base_url).hostname or ""
        if self.base_url.startswith("http://") and host not in LOOPBACK:
            raise Misfit(
                "SANDWICH_BASE_URL: gewone http is alleen voor deze computer; gebruik een https-adres",
                "SANDWICH_BASE_URL: plain http is for this machine only; use an https address",
            )
        if self.environment is Environment.PRODUCTION:
            if self.base_url.startswith("http://"):
                raise Misfit(
                    "SANDWICH_BASE_URL: voor production is een https-adres nodig",
                    "SANDWICH_BASE_URL: production needs an https address",
                )
            if any(address.startswith("http://") for address in self.webhook_addresses.split()):
                raise Misfit(
                    "SANDWICH_WEBHOOK_ADDRESSES: voor production zijn https-adressen nodig",
                    "SANDWICH_WEBHOOK_ADDRESSES: production needs https addresses",
                )
            if len(self.secret_key.get_secret_value()) < 32:
                raise Misfit(
                    "SANDWICH_SECRET_KEY: voor production is een geheim van 32 tekens of meer nodig",
                    "SANDWICH_SECRET_KEY: production needs a secret of 32 characters or more",
                )
            if len(self.prefect_secret.get_secret_value()) < 16:
                raise Misfit(
                    "SANDWICH_PREFECT_SECRET: voor production is een geheim van 16 tekens of meer nodig",
                    "SANDWICH_PREFECT_SECRET: production needs a secret of 16 characters or more",
                )
        if self.oidc_discovery:
            self._has_provider()
        if self.smtp_encryption is Encryption.NONE and self.smtp_host not in LOOPBACK:
            raise Misfit(
                "SANDWICH_SMTP_ENCRYPTION: none is alleen voor een mailserver op deze computer",
                "SANDWICH_SMTP_ENCRYPTION: none is for a mail server on this machine only",
            )
        if self.dkim_key.get_secret_value() and not self.dkim_selector:
            raise Misfit(
                "SANDWICH_DKIM_SELECTOR: bij een sleutel hoort de naam waaronder hij in de DNS staat",
                "SANDWICH_DKIM_SELECTOR: a key needs the name under which it stands in the DNS",
            )
        if self.smtp_user and self.smtp_encryption is Encryption.NONE:
            raise Misfit(
                "SANDWICH_SMTP_USER: een wachtwoord gaat nooit over een open lijn; zet SANDWICH_SMTP_ENCRYPTION",
                "SANDWICH_SMTP_USER: a password is never sent over an open line; set SANDWICH_SMTP_ENCRYPTION",
            )
        if self.takes_mail and not self.reply_address:
            raise Misfit(
                "SANDWICH_REPLY_ADDRESS: zonder dit adres komt er geen mail binnen",
                "SANDWICH_REPLY_ADDRESS: without this address no mail comes in",
            )
        if self.incoming_imap_encryption is Encryption.NONE and self.incoming_imap_host not in {"", *LOOPBACK}:
            raise Misfit(
                "SANDWICH_INCOMING_IMAP_ENCRYPTION: none is alleen voor een mailserver op deze computer",
                "SANDWICH_INCOMING_IMAP_ENCRYPTION: none is for a mail server on this machine only",
            )
        return self

    def _has_provider(self) -> None:
        parts = urlsplit(self.oidc_discovery)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            raise Misfit(
                "SANDWICH_OIDC_DISCOVERY: gebruik het https-adres dat eindigt op /.well-known/openid-configuration",
                "SANDWICH_OIDC_DISCOVERY: use the https address that ends in /.well-known/openid-configuration",
            )
        if not (self.oidc_client_id and self.oidc_client_secret.get_secret_value()):
            raise Misfit(
                "SANDWICH_OIDC_DISCOVERY: daar horen SANDWICH_OIDC_CLIENT_ID en SANDWICH_OIDC_CLIENT_SECRET bij",
                "SANDWICH_OIDC_DISCOVERY: it needs SANDWICH_OIDC_CLIENT_ID and SANDWICH_OIDC_CLIENT_SECRET",
            )

    @property
    def takes_mail(self) -> bool:
        """Whether mail comes in, from a mail server that hands it over or out of a mailbox."""
        return bool(self.incoming_listen or self.incoming_imap_host)

    @property
    def proxies(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """Whose word we take for who asks."""
        return _networks(self.trusted_proxies)

    @property
    def store_url(self) -> str:
        """The database's address; by default a file in ``data``."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data.resolve() / 'sandwich.db'}"

    @property
    def ledger(self) -> Path:
        """The file with the list of erasures, which no backup of the database reaches."""
        return Path(self.erasures) if self.erasures else self.data.resolve() / "erasures.jsonl"

    @property
    def prefect_url(self) -> str:
        """Where Prefect's API is."""
        return self.prefect_api_url or f"http://{self.prefect_host}:{self.prefect_port}/api"

    @property
    def is_secure(self) -> bool:
        """Whether people reach us over https, so that cookies are for https only."""
        return self.base_url.startswith("https://")


def _networks(value: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(part) for part in map(str.strip, value.split(",")) if part)


def read_settings(environ: Mapping[str, str] | None = None, **given: Any) -> Settings:
    """Read the settings from the environment; raises ``SettingsInvalid`` with one line per mistake."""
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    problems: list[Text] = []
    for name, value in environ.items():
        if not name.startswith(PREFIX):
            continue
        key = name.removeprefix(PREFIX).lower()
        if key in Settings.model_fields:
            values[key] = value
        elif key.endswith("_file") and key.removesuffix("_file") in Settings.model_fields:
            values[key.removesuffix("_file")] = _read_secret(name, value, problems)
        elif key not in OTHERS:
            problems.append(_unknown(name))
    if not problems:
        try:
            return _Given(**{**values, **given})
        except ValidationError as error:
            problems = [_explain(mistake) for mistake in error.errors()]
    raise SettingsInvalid("\n".join(said.en for said in problems), "\n".join(said.nl for said in problems))


OTHERS = frozenset({"failpoint", "settings"})
"""Names that begin with the prefix but are no settings of an installation."""


class _Given(Settings):
    """Settings from explicit values alone; the environment was read by :func:`read_settings`."""

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *others: Any, **named: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def _read_secret(name: str, path: str, problems: list[Text]) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError:
        said = Text(nl="{name}: het bestand is niet te lezen.", en="{name}: the file cannot be read.")
        problems.append(said.filled(name=name))
        return ""


def _unknown(name: str) -> Text:
    known = [PREFIX + field.upper() for field in Settings.model_fields]
    near = difflib.get_close_matches(name, known, n=1)
    hint = Text(nl="Bedoelde je {near}?", en="Did you mean {near}?").filled(near=near[0]) if near else _LISTED
    return Text(nl="{name} is geen instelling. {hint}", en="{name} is no setting. {hint}").filled(name=name, hint=hint)


def _explain(mistake: Any) -> Text:
    context = mistake.get("ctx", {})
    misfit = context.get("error")
    if not mistake["loc"] and isinstance(misfit, Misfit):
        return Text(nl="{said}.", en="{said}.").filled(said=misfit.text)
    if isinstance(misfit, Misfit):
        said = misfit.text
    elif expected := _expected(mistake["type"], context):
        said = Text(nl="schrijf {expected}", en="write {expected}").filled(expected=expected)
    else:
        said = Text(nl="dit past niet", en="this does not fit")
    name = PREFIX + str(mistake["loc"][0]).upper()
    return Text(nl="{name} klopt niet: {said}.", en="{name}: {said}.").filled(name=name, said=said)


def _expected(kind: str, context: Mapping[str, Any]) -> Text | None:
    if kind in CHOICES:
        one = Text(nl="een van: {names}", en="one of: {names}")
        return one.filled(names=", ".join(choices(context)))
    return limit(kind, context) or shape(kind, context)


_LISTED = Text(nl="docs/settings.md noemt ze allemaal.", en="docs/settings.md lists them all.")
