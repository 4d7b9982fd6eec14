"""Households: households (分户, 合户, 迁入另一户, 换户主), words (what such a change does, in sentences), income."""
