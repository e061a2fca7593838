# an open connection survives it
1795254691.080490 client ESTAB [2001:db8:1::1]:37642 [2001:db8:2::2]:80
1795254691.080490 server ESTAB [2001:db8:2::2]:80 [2001:db8:1::1]:37642
# and goes on when the rule is gone
1795254691.519196 client ESTAB [2001:db8:1::1]:37642 [2001:db8:2::2]:80
1795254691.519196 server ESTAB [2001:db8:2::2]:80 [2001:db8:1::1]:37642
