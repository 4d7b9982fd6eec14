"""乡镇: figures about the villages of a township or county, and the lists behind them."""
