"""A replica of the providers' sites on loopback, with pictures, and the run that shows it all."""
