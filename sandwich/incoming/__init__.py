"""What comes back by mail: taken from a mail server or a mailbox, kept, understood, and handed to whom it is for."""
