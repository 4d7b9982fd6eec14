"""The windows a cadre sits in front of. The only package that knows Qt."""
