"""The county's HTTP server: parses requests, calls `sync.county`, returns answers.

app        the routes
serve      running the server: HTTP on a loopback address, TLS elsewhere
reading    reading requests within bounds of length, time and memory; limits  rate limits
authority  the county's certificate authority
devices    enrolment codes and devices; status  the county's state, for its administrator
rulings    writes decisions on claims for one benefit into the logs
console    the same and the records in a browser
"""
