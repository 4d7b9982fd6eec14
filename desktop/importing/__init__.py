"""导入: shows row by row what a roster would change before anything is written."""
