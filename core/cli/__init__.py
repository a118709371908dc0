"""The command line: commands, how they speak, and errors of usage."""
