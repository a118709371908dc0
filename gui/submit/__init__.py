"""The competition file: asked for, checked before anything is written, and saved."""
