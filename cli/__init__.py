"""The command lines of the two programs, `cunzhan` and `cunzhan-server`: each command parses its arguments, calls a service or `sync`, and
prints.

start      the entry points; program  running a command: options, errors, exit codes; console  output, progress, Ctrl-C
station    the commands of `cunzhan`; county  those of `cunzhan-server`
access     opening a station's store and showing secrets; county_access  the same for the county's database

Every other module holds the commands its name says, as functions `(Call) -> Answer`.
"""
