"""The set-up of the environment; what changes one is tried with tiny ones, by a copy of `bootstrap.py` in a process.
"""
