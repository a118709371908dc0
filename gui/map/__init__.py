"""The Map page: the embedding map beside the grid."""
