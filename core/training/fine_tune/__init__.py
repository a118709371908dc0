"""Fine-tuning: the last blocks of a backbone adapted to the project."""
