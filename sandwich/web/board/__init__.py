"""The coordinators' pages: every activity of a region, and everything that can be done to one."""
