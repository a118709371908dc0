"""The networks: the only package that imports keras, tensorflow or openvino."""
