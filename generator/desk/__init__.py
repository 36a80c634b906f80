"""The key desk: a web application that shows keys to those who mark, and takes their marks."""
