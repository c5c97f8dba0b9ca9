"""What the board does, for programs: HTTP with a token, JSON in and out, described by OpenAPI."""
