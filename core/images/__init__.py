"""From a file on disk to pixels: decode, fingerprint, thumbnails."""
