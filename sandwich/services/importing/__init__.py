"""Bring the companies, contacts and school people of a region in from a table, all or nothing."""
