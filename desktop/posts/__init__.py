"""公益岗: posts and who holds them, attendance and pay of a month (articles 二十五 to 二十八)."""
