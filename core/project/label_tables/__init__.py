"""Reading label tables of many programs: which form a file has, which columns count, which image a cell names."""
