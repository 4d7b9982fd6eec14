"""The county's web console: lists for whoever runs the county's server, in a browser, without a command line.

accounts    who may sign in, passwords, sessions
answers     what a browser sends, a request as pages see it, and what is answered
entrance    signing in, and how many passwords may be tried
account     a user's own password and one-time codes
markup      elements of a page, its frame and its style; QR codes
overview    the county at a glance
figures     what was done in a month, by township and village, with the records behind each figure; as a file
trend       one figure over twelve months
stations    computers and enrolment codes
ledgers     the records of every kind, from their declarations
console     which page answers, and what is checked before
routes      the console as part of the server's application

There is no console until `cunzhan-server console add NAME` makes an account. It shows personal data masked only, and needs no script.
"""
