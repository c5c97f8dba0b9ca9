"""What a token of a program may do."""

from enum import StrEnum


class ApiScope(StrEnum):
    """What a token may do; each may do what those before it may."""

    FIGURES = "figures"  # figures and reports only: nobody's name
    READ = "read"
    WRITE = "write"

    def covers(self, other: "ApiScope") -> bool:
        """Whether a token of this scope may do what ``other`` may."""
        scopes = list(ApiScope)
        return scopes.index(self) >= scopes.index(other)
