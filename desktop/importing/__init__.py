"""导入: what a roster would do, shown row by row before anything is written."""
