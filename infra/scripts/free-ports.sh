#!/usr/bin/env bash
# Prints COUNT different TCP ports that are free on 127.0.0.1 now, on one line:
#   free-ports.sh COUNT
# With Perl, which every Debian machine has.
set -euo pipefail
exec perl -MIO::Socket::INET -e '
    my @held = map {
        IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => 0, Listen => 1) or die "no free port: $!\n"
    } 1 .. shift;
    print join(" ", map { $_->sockport } @held), "\n";
' "${1:?how many ports}"
