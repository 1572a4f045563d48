-- What time it is for the server.
SELECT clock_timestamp()
