"""How fast the parts are on this machine; run by ``make bench``."""
