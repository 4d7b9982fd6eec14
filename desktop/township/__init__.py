"""乡镇: how the villages of a township or county stand, and what is behind each figure."""
