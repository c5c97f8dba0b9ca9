"""Pages that only a demo has: where to begin, the mailbox, the clock."""
