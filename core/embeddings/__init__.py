"""Embeddings: computed, stored by content hash, compared."""
