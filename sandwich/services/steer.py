"""What a coordinator does in mid-flight: move, hold, cancel, replace, waive, open a gate, finish a call."""

from sandwich.services.deciding import finish_call, override_gate, waive
from sandwich.services.halting import cancel, hold, resume
from sandwich.services.members import add_people, add_person, replace, withdraw
from sandwich.services.moving import fix_date, move
from sandwich.services.steering import TOLD

__all__ = [
    "TOLD",
    "add_people",
    "add_person",
    "cancel",
    "finish_call",
    "fix_date",
    "hold",
    "move",
    "override_gate",
    "replace",
    "resume",
    "waive",
    "withdraw",
]
