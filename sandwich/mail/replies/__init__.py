"""Replies to our mails: what stands in the mail so that it can be answered, and what of a reply was read. Pure."""
