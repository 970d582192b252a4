"""The documentation, and how `make site` turns it and the lessons into a folder."""
