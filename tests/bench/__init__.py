"""`make bench`: what the program takes, beside what the machine can do. Figures are ratios where the machine's own speed would decide."""
