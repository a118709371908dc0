"""The report as a PDF, painted from the same content as the page."""
