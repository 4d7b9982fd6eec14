"""培训: courses, their participants and attendance, and the schooling of students (articles 三十二, 三十三)."""
