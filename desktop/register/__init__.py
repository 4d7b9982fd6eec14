"""登记: a person, their household and their category, in one form saved as one act."""
