"""How often Python looks for objects that hold on to each other and are of no use any more.

Playbooks, forms, templates and mapped tables are hundreds of thousands of objects, of which none ever is. A page with
200 activities makes tens of thousands more in a moment, and by Python's own measure that is reason to look through all
of them, again and again: it took half of the time of such a page (decision 0071).
"""

import gc

OFTEN, SOMETIMES, SELDOM = 50_000, 10, 10
"""After so many new objects the youngest are looked through, each so many looks also the older, and the oldest."""


def leave_alone_what_stays() -> None:
    """Never look through what is there now, and through what comes less often. For a process that has begun."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OFTEN, SOMETIMES, SELDOM)
