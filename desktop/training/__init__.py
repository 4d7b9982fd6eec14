"""培训: courses, who takes part, who came, and the schooling of students (articles 三十二, 三十三)."""
