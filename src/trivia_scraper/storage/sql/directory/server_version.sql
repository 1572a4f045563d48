-- The server's version, as it names itself.
SELECT current_setting('server_version')
