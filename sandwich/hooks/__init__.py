"""Tell programs what happened: signed, to listed addresses only, again until they take it."""
