"""摸排: design (a survey and its questions), surveys (its sheet of people and answers), figures (progress and answers of the villages)."""
