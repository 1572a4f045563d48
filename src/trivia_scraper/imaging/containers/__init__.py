"""What a file says about itself before anything is decoded: type, size, frames, and where it ends.

Pure readers over bytes, one a format, each bounded by the length of the file. They never allocate what
a header claims, so a bomb is refused by its claim alone.
"""
