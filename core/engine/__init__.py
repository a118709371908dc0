"""The networks: the only package that imports keras, tensorflow or openvino."""

import os

# TensorFlow greets on stderr about instruction sets and missing graphics cards, which nobody asked for
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
