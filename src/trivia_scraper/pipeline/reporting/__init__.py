"""Reports that are made without anybody at a terminal: the week as a page and as a document (images.md 10)."""
