"""Files that ship with the program: tables, icons, translations."""
