"""Checks of the data: labels, duplicates, leakage, shortcuts, outliers, balance."""
