"""Heat maps: where in an image the evidence for a class lies (class activation maps, Grad-CAM, occlusion)."""
