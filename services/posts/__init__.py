"""Public-welfare posts: posts (quota, agreements, holders) and pay (attendance and pay of a month)."""
