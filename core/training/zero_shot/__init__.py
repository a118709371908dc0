"""Zero-shot classification through the ImageNet classes of a backbone."""
