"""登记: a person, their household and how they are recognised, in one form and one act."""
