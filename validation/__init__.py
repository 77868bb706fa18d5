"""Claims: published numbers and peers' results that the models are held against."""

if not __name__.startswith("bankside."):
    raise ImportError("This folder is imported as bankside.validation, not as validation.")
