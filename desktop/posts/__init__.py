"""公益岗: public posts and their holders, attendance and pay by month (articles 二十五 to 二十八)."""
