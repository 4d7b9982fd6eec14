"""How changes travel between stations and the county, over HTTP and on a USB stick."""
