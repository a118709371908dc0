"""Pretrained backbones: what there is, where weights lie, how they are read."""
