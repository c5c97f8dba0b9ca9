"""Tables that people keep in a spreadsheet: read from CSV and XLSX, and written for a spreadsheet to read."""
