"""How does the contract become documentation? `python -m handbook FOLDER` writes a static site and an OpenAPI description.

The descriptors say what there is; their comments, read from the sources, say what it means (comments.py, model.py). Every request gets
an example that its own rules accept (samples.py), shown for each way to call (snippets/). OpenAPI (openapi.py, schemas.py) and the
pages (site.py) are made of the same. Nothing of this is part of the served package.
"""
