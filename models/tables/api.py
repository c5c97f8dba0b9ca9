"""Tokens with which programs of coordinators come in, and what they sent once."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.scopes import ApiScope
from models.tables.base import Identified, Table, one_of, personal


class ApiToken(Identified, Table):
    """A token of a coordinator: what it is called, what it may do, from when until when; on real time.

    Its secret stands apart, in :class:`ApiSecret`: the audit log never has it, not even hashed.
    """

    __tablename__ = "api_token"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(String(80), info=personal("person_id"))
    scope: Mapped[ApiScope] = mapped_column(one_of(ApiScope))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class ApiSecret(Table):
    """The hash by which a token is known, and when it was used last."""

    __tablename__ = "api_secret"
    audited = False

    token_id: Mapped[str] = mapped_column(ForeignKey("api_token.id"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    used_at: Mapped[datetime | None]


class ApiOnce(Table):
    """A request that counts once, by its ``Idempotency-Key``; kept for a day.

    Without ``status`` it is still being handled, or died while it was. ``response`` holds ids only.
    """

    __tablename__ = "api_once"
    __table_args__ = (Index("ix_api_once_made_at", "made_at"),)
    audited = False

    token_id: Mapped[str] = mapped_column(ForeignKey("api_token.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    status: Mapped[int | None]
    response: Mapped[dict[str, Any] | None]
