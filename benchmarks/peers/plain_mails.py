"""Mails built with Python's ``email`` and sent by ``smtplib`` or ``aiosmtplib``, a connection for each.

``python plain_mails.py smtplib|aiosmtplib PORT``: prints how many, in how many seconds, with how much CPU, as JSON.
"""

import asyncio
import json
import smtplib
import sys
import time
from email.message import EmailMessage

import aiosmtplib

MAILS = 300
TEXT = "Dag {name},\n\nWe wachten nog op je antwoord. Eén klik is genoeg: https://sandwich.example/f/{name}\n" * 8
HTML = '<p style="margin:0">Dag {name},</p><p><a href="https://sandwich.example/f/{name}">Antwoord hier</a></p>' * 16


def built(number: int) -> EmailMessage:
    """Build one mail for one person."""
    name = f"Erik {number}"
    message = EmailMessage()
    message["From"], message["To"] = "sandwich@grienden.example", f"erik{number}@kompas.example"
    message["Subject"] = f"Eén vraag voor {name}"
    message.set_content(TEXT.format(name=name))
    message.add_alternative(HTML.format(name=name), subtype="html")
    return message


async def main(how: str, port: int) -> None:
    """Send them all."""
    for number in range(MAILS):
        if how == "smtplib":
            with smtplib.SMTP("127.0.0.1", port) as line:
                line.send_message(built(number))
        else:
            await aiosmtplib.send(built(number), hostname="127.0.0.1", port=port, start_tls=False)


if __name__ == "__main__":
    began, cpu = time.monotonic(), time.process_time()
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
    sys.stdout.write(
        json.dumps({"mails": MAILS, "seconds": time.monotonic() - began, "cpu": time.process_time() - cpu})
    )
