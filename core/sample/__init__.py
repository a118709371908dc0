"""The drawn sample data set that `demo` uses."""
