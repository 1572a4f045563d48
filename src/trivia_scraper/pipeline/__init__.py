"""The imperative shell: fetch, decide, write. Read it top-down: run, index, detail, image, storing."""
