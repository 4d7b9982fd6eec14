"""务工: spells of work, and the check of every month (articles 一, 三, 二十九)."""
