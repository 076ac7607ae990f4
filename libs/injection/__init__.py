"""What in a lead's text talks to a machine instead of to people: found, named and blanked before anything reads the text."""
