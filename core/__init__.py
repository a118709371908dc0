"""What Catalejo knows of images, labels, training and mistakes; nothing of Qt."""

__version__ = "0.1.0"
