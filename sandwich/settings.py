"""Settings: environment variables that begin with ``SANDWICH_``, secrets also from a file (``…_FILE``)."""

import difflib
import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from models.text import Language
from sandwich.errors import SettingsInvalid

PREFIX = "SANDWICH_"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


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

    prefect_port: int = Field(default=4200, ge=1, le=65535)
    prefect_api_url: str = ""
    prefect_secret: SecretStr = SecretStr("")
    work_pool: str = "sandwich"
    work_pool_type: str = Field(
        default="sandwich",
        pattern=r"^[a-z][a-z0-9-]*$",
        description="sandwich, or a type of Prefect's own: process, docker, kubernetes",
    )
    concurrency: int = Field(default=8, ge=1, le=200, description="flow runs at once in one worker")
    keep_runs_days: int = Field(
        default=30, ge=1, le=3650, description="days that Prefect keeps a closed activity's runs"
    )

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
            raise ValueError("must be an address such as https://sandwich.school.example")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        host = urlsplit(self.base_url).hostname or ""
        if self.base_url.startswith("http://") and host not in LOOPBACK:
            raise ValueError("SANDWICH_BASE_URL: plain http is for this machine only; use an https address")
        if self.environment is Environment.PRODUCTION:
            if self.base_url.startswith("http://"):
                raise ValueError("SANDWICH_BASE_URL: production needs an https address")
            if len(self.secret_key.get_secret_value()) < 32:
                raise ValueError("SANDWICH_SECRET_KEY: production needs a secret of 32 characters or more")
            if len(self.prefect_secret.get_secret_value()) < 16:
                raise ValueError("SANDWICH_PREFECT_SECRET: production needs a secret of 16 characters or more")
        if self.smtp_encryption is Encryption.NONE and self.smtp_host not in LOOPBACK:
            raise ValueError("SANDWICH_SMTP_ENCRYPTION: none is for a mail server on this machine only")
        if self.smtp_user and self.smtp_encryption is Encryption.NONE:
            raise ValueError(
                "SANDWICH_SMTP_USER: a password is never sent over an open line; set SANDWICH_SMTP_ENCRYPTION"
            )
        return self

    @property
    def store_url(self) -> str:
        """The database's address; by default a file in ``data``."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data.resolve() / 'sandwich.db'}"

    @property
    def prefect_url(self) -> str:
        """Where Prefect's API is."""
        return self.prefect_api_url or f"http://127.0.0.1:{self.prefect_port}/api"

    @property
    def is_secure(self) -> bool:
        """Whether people reach us over https, so that cookies are for https only."""
        return self.base_url.startswith("https://")


def read_settings(environ: Mapping[str, str] | None = None, **given: Any) -> Settings:
    """Read the settings from the environment; raises ``SettingsInvalid`` with one line per mistake."""
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    problems: list[tuple[str, str]] = []
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
    raise SettingsInvalid("\n".join(english for english, _ in problems), "\n".join(dutch for _, dutch in problems))


OTHERS = frozenset({"failpoint"})
"""Names that begin with the prefix but are no settings of an installation."""


class _Given(Settings):
    """Settings from explicit values alone; the environment was read by :func:`read_settings`."""

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *others: Any, **named: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def _read_secret(name: str, path: str, problems: list[tuple[str, str]]) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError:
        problems.append((f"{name}: the file cannot be read.", f"{name}: het bestand is niet te lezen."))
        return ""


def _unknown(name: str) -> tuple[str, str]:
    known = [PREFIX + field.upper() for field in Settings.model_fields]
    near = difflib.get_close_matches(name, known, n=1)
    did = f" Did you mean {near[0]}?" if near else " docs/settings.md lists them all."
    bedoelde = f" Bedoelde je {near[0]}?" if near else " docs/settings.md noemt ze allemaal."
    return f"{name} is no setting.{did}", f"{name} is geen instelling.{bedoelde}"


def _explain(mistake: Any) -> tuple[str, str]:
    said = mistake["msg"].removeprefix("Value error, ")
    if not mistake["loc"]:
        return f"{said}.", f"{said}."
    name = PREFIX + str(mistake["loc"][0]).upper()
    return f"{name}: {said}.", f"{name} klopt niet: {said}."
