"""Results kept in folders and workbooks, so that somebody else can read, cite and repeat them."""
