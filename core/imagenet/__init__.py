"""The thousand ImageNet classes: WordNet tree, class maps, readings."""
