"""The Review page: what the model gets wrong, beside the pictures that it gets wrong."""
