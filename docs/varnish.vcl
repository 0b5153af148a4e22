# Countersign behind Varnish 6.2 or newer with the module xkey (Debian: varnish and
# varnish-modules). Put your own address in, and set in the environment of Countersign:
#
#   EDGE_CACHES=varnish+http://cache.internal:6081
#
# Each answer says for how long it may be kept and what it is made of (header xkey). When
# something changes the worker asks here to forget by those keys, until it is confirmed.
vcl 4.1;

import std;
import xkey;

backend default {
    .host = "127.0.0.1";
    .port = "8000";
}

# Who may make this cache forget: the machines that run the worker.
acl purgers {
    "127.0.0.1";
    "::1";
}

sub vcl_recv {
    if (req.method == "PURGE") {
        if (client.ip !~ purgers) {
            return (synth(403, "Not for you"));
        }
        if (req.http.xkey-purge) {
            set req.http.x-forgotten = xkey.purge(req.http.xkey-purge);
        } elsif (req.http.xkey-softpurge) {
            set req.http.x-forgotten = xkey.softpurge(req.http.xkey-softpurge);
        } else {
            return (synth(400, "Say what to forget: xkey-purge or xkey-softpurge"));
        }
        return (synth(200, "Forgotten: " + req.http.x-forgotten));
    }
    if (req.method != "GET" && req.method != "HEAD") {
        return (pass);
    }
    # What depends on who asks is never kept.
    if (req.url ~ "^/(admin|preview|api/partner)(/|$)") {
        return (pass);
    }
    # Nothing public looks at cookies.
    unset req.http.Cookie;
    # The same question in another order is the same.
    set req.url = std.querysort(req.url);
    return (hash);
}

sub vcl_backend_response {
    # Nothing old is shown while the new is fetched: it may have been taken back.
    set beresp.grace = 0s;
    set beresp.keep = 10m;
    if (beresp.http.Cache-Control !~ "(^|[ ,])public([ ,]|$)") {
        set beresp.uncacheable = true;
        set beresp.ttl = 0s;
    }
}

sub vcl_deliver {
    # For us alone.
    unset resp.http.xkey;
}
