"""Mails built and sent by Django's ``send_messages`` on one connection; nothing is written down.

``python django_mails.py django PORT``: prints how many, in how many seconds, with how much CPU, as JSON.
"""

import json
import sys
import time

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

MAILS = 600
TEXT = "Dag {name},\n\nWe wachten nog op je antwoord. Eén klik is genoeg: https://sandwich.example/f/{name}\n" * 8
HTML = '<p style="margin:0">Dag {name},</p><p><a href="https://sandwich.example/f/{name}">Antwoord hier</a></p>' * 16


def built(number: int) -> EmailMultiAlternatives:
    """Build one mail for one person."""
    name, to = f"Erik {number}", [f"erik{number}@kompas.example"]
    message = EmailMultiAlternatives(f"Eén vraag voor {name}", TEXT.format(name=name), "s@grienden.example", to)
    message.attach_alternative(HTML.format(name=name), "text/html")
    return message


if __name__ == "__main__":
    settings.configure(EMAIL_HOST="127.0.0.1", EMAIL_PORT=int(sys.argv[2]), EMAIL_USE_LOCALTIME=False, USE_I18N=False)
    began, cpu = time.monotonic(), time.process_time()
    get_connection("django.core.mail.backends.smtp.EmailBackend").send_messages([built(one) for one in range(MAILS)])
    sys.stdout.write(
        json.dumps({"mails": MAILS, "seconds": time.monotonic() - began, "cpu": time.process_time() - cpu})
    )
