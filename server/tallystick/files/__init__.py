"""Files that people attach, import and keep."""
