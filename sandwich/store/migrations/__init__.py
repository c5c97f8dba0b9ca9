"""The steps by which a database gets the tables of this version of the program."""
