"""What is kept of people, for how long, and how it goes: terms, erasures, and the papers that say so."""
