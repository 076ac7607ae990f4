"""Tables that people have, CSV and XLSX: read row by row, and written so that a spreadsheet takes no cell for a formula."""
