"""车间: workshops with their recognition, the people they hire and the wages they pay (articles 十五, 十六, 二十四)."""
