"""The Review page: what the model gets wrong, beside the images that it gets wrong."""
